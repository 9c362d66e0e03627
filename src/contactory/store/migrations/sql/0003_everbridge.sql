-- What Everbridge's API keeps of contacts, and the directory of what they refer to.

ALTER TABLE contacts
    ADD COLUMN record_type_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN vip boolean NOT NULL DEFAULT false,
    ADD COLUMN expatriate boolean NOT NULL DEFAULT false,
    ADD COLUMN upload_processing boolean NOT NULL DEFAULT false,
    ADD COLUMN middle_initial text NOT NULL DEFAULT '',
    ADD COLUMN suffix text NOT NULL DEFAULT '',
    ADD COLUMN country text NOT NULL DEFAULT '',
    ADD COLUMN business_name text NOT NULL DEFAULT '',
    ADD COLUMN timezone_id text NOT NULL DEFAULT '',
    ADD COLUMN preferred_language text NOT NULL DEFAULT '',
    ADD COLUMN message_language text NOT NULL DEFAULT '',
    ADD COLUMN sso_user_id text NOT NULL DEFAULT '',
    ADD COLUMN security_pin text NOT NULL DEFAULT '',
    ADD COLUMN individual_account_id text NOT NULL DEFAULT '',
    ADD COLUMN group_ids bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN topic_ids jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN contact_attributes jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN addresses jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN paths jsonb NOT NULL DEFAULT '[]';

-- The members of a group. Contacts in no group, most of most organizations', are not in it and cost nothing.
CREATE INDEX contacts_groups ON contacts USING gin (group_ids) WHERE group_ids <> '{}';

CREATE FUNCTION ids_union(stored bigint[], given bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE
    RETURN (SELECT array_agg(DISTINCT id ORDER BY id) FROM unnest(stored || given) AS id);

-- Given paths, of which those that say nothing of quiet times keep the ones of the stored path with the same
-- pathId: that of the same value, else that of the same place among those of this pathId.
CREATE FUNCTION keep_quiet_times(stored jsonb, given jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN (
        WITH old AS (
            SELECT path, path ->> 'pathId' AS number, place,
                   row_number() OVER (PARTITION BY path ->> 'pathId' ORDER BY place) AS nth
            FROM jsonb_array_elements(stored) WITH ORDINALITY AS stored_path (path, place)
        ), new AS (
            SELECT path, path ->> 'pathId' AS number, place,
                   row_number() OVER (PARTITION BY path ->> 'pathId' ORDER BY place) AS nth
            FROM jsonb_array_elements(given) WITH ORDINALITY AS given_path (path, place)
        )
        SELECT coalesce(jsonb_agg(
            CASE WHEN new.path ? 'quietTimeFrames' OR kept.frames IS NULL THEN new.path
                 ELSE new.path || jsonb_build_object('quietTimeFrames', kept.frames) END
            ORDER BY new.place), '[]')
        FROM new LEFT JOIN LATERAL (
            SELECT old.path -> 'quietTimeFrames' AS frames
            FROM old
            WHERE old.number = new.number
              AND (old.path -> 'value' = new.path -> 'value' OR old.nth = new.nth)
            ORDER BY old.path -> 'value' = new.path -> 'value' DESC, old.place
            LIMIT 1
        ) AS kept ON true
    );

-- Named things that contacts refer to by number: record types, groups, delivery paths, attributes.
CREATE SEQUENCE directory_numbers START 1001;
CREATE TABLE directory (
    organization_id bigint NOT NULL,
    kind text NOT NULL,
    number bigint NOT NULL DEFAULT nextval('directory_numbers'),
    name text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, kind, number),
    UNIQUE (organization_id, kind, name)
);
ALTER TABLE directory ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_organization ON directory USING (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON directory TO contactory_app;
GRANT USAGE ON SEQUENCE directory_numbers TO contactory_app;

-- Every organization begins with the record type and the delivery paths that the vendor's begin with. The
-- numbers of the paths are the vendor's own, as far as they are known; those of EMAIL3, FAX and TTY are ours.
CREATE FUNCTION furnish_organization(organization bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO directory (organization_id, kind, name, details)
    VALUES (organization, 'record_type', 'Employee', '{"recordType": "DEFAULT"}');
    INSERT INTO directory (organization_id, kind, number, name, details)
    SELECT organization, 'path', number, prompt,
           jsonb_build_object('code', code, 'type', type, 'pathType', type, 'sysPrompt', prompt, 'seq', place)
    FROM (VALUES
        (241901148045316, 'EMAIL1', 'EMAIL', 'E-Mail Address 1'),
        (241901148045317, 'EMAIL2', 'EMAIL', 'E-Mail Address 2'),
        (241901148045318, 'EMAIL3', 'EMAIL', 'E-Mail Address 3'),
        (241901148045319, 'PHONE1', 'PHONE', 'phone'),
        (241901148045320, 'PHONE2', 'PHONE', 'Phone 2'),
        (241901148045314, 'PHONE3', 'PHONE', 'Phone 3'),
        (219910915489799, 'PHONE4', 'PHONE', 'Phone 4'),
        (241901148045321, 'EXTPHONE1', 'EXTPHONE', 'Business Phone'),
        (241901148045324, 'SMS1', 'SMS', 'SMS 1'),
        (241901148045325, 'RECIP1', 'RECIP', 'Mobile Member App'),
        (241901148045322, 'FAX1', 'FAX', 'Fax 1'),
        (241901148045323, 'TTYTDD1', 'TTYTDD', 'TTY 1')
    ) AS built_in (number, code, type, prompt)
    CROSS JOIN LATERAL (SELECT number - 241901148045313 AS place) AS placed;
$$;
CREATE FUNCTION furnish_new_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM furnish_organization(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER furnish AFTER INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION furnish_new_organization();
SELECT furnish_organization(id) FROM organizations;

-- Who logs in with a password: the users of a name in all organizations, before one is bound.
CREATE FUNCTION find_logins(login_email text)
    RETURNS TABLE (organization_id bigint, user_id bigint, password_hash text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT users.organization_id, users.id, users.password_hash, users.role
    FROM users WHERE lower(users.email) = lower(login_email) ORDER BY 1;
END;
REVOKE ALL ON FUNCTION find_logins(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_logins(text) TO contactory_app;
CREATE INDEX users_logins ON users (lower(email));
