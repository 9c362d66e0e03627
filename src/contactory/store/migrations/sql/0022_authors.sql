-- Who wrote (docs/decisions/0026-who-wrote.md). An author is a user, a client or a token that belongs to neither;
-- all of them are numbered from the sequence of the users, so that a user's own id is the author's. An author keeps
-- its name when the user, the client or the token is deleted.
CREATE TABLE authors (
    organization_id bigint NOT NULL REFERENCES organizations,
    id bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (organization_id, id)
);
ALTER TABLE authors ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_organization ON authors USING (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON authors TO contactory_app;
GRANT USAGE ON SEQUENCE users_id_seq TO contactory_app;

CREATE FUNCTION user_name(first_name text, last_name text, email text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN coalesce(nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), ''), email);

-- 0: an author that is not known, and of a token also that the user or the client is the author.
ALTER TABLE clients ADD COLUMN author_id bigint NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN author_id bigint NOT NULL DEFAULT 0;
UPDATE clients SET author_id = nextval('users_id_seq');
UPDATE tokens SET author_id = nextval('users_id_seq') WHERE user_id IS NULL AND client_id IS NULL;
INSERT INTO authors (organization_id, id, name)
SELECT organization_id, id, user_name(first_name, last_name, email) FROM users
UNION ALL
SELECT organization_id, author_id, name FROM clients
UNION ALL
SELECT organization_id, author_id, 'token ' || left(encode(token_hash, 'hex'), 16) FROM tokens WHERE author_id <> 0;

-- The author comes with the token, so that a call asks for nothing more.
DROP FUNCTION find_token(bigint, bytea);
CREATE FUNCTION find_token(organization bigint, hash bytea)
    RETURNS TABLE (
        user_id bigint, client_id text, scopes text[], email text, role text, total_contacts_quota bigint,
        author_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT token.user_id, token.client_id, token.scopes, owner.email, owner.role, home.total_contacts_quota,
           coalesce(token.user_id, client.author_id, token.author_id)
    FROM tokens AS token
    JOIN organizations AS home ON home.id = token.organization_id
    LEFT JOIN users AS owner ON owner.organization_id = token.organization_id AND owner.id = token.user_id
    LEFT JOIN clients AS client
      ON client.organization_id = token.organization_id AND client.client_id = token.client_id
    WHERE token.organization_id = organization AND token.token_hash = hash
      AND (token.expires_at IS NULL OR token.expires_at > now())
      AND owner.disabled_at IS NULL AND client.disabled_at IS NULL;
END;
REVOKE ALL ON FUNCTION find_token(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_token(bigint, bytea) TO contactory_app;

-- Who made a record or an entry, and who changed it last: null where nobody has changed it since it was made.
-- Rows that are there already keep an author that is not known (0). None of them is rewritten.
DO $$
DECLARE
    written text;
BEGIN
    FOREACH written IN ARRAY ARRAY['contacts', 'companies', 'customers', 'directory'] LOOP
        EXECUTE format('ALTER TABLE %I ADD COLUMN created_by bigint NOT NULL DEFAULT 0, ADD COLUMN updated_by bigint',
            written);
        IF written <> 'directory' THEN
            EXECUTE format('GRANT INSERT (created_by) ON %I TO contactory_app', written || '_rows');
        END IF;
    END LOOP;
END $$;
