-- Keys as rows name them now. A LinkedIn address is an identity only where it is a person's profile, however it is
-- written (dialects/datananas/profiles.py); keys and names have nothing invisible at their ends; an e-mail has one
-- spelling in Unicode. Of several records that come to one key, the oldest keeps it.

CREATE FUNCTION pg_temp.trimmed(given text) RETURNS text LANGUAGE sql IMMUTABLE RETURN regexp_replace(given,
    '^[\s\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f'
    '\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffd\U000e0000-\U000e0fff]+'
    '|[\s\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f'
    '\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffd\U000e0000-\U000e0fff]+$', '', 'g');

-- The same but for spaces, which count in keys of other systems.
CREATE FUNCTION pg_temp.trimmed_key(given text) RETURNS text LANGUAGE sql IMMUTABLE RETURN regexp_replace(given,
    '^[\u0001-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e'
    '\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffd\U000e0000-\U000e0fff]+'
    '|[\u0001-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e'
    '\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffd\U000e0000-\U000e0fff]+$', '', 'g');

-- What does not decode to a text stays as it is.
CREATE FUNCTION pg_temp.unquoted(quoted text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF quoted !~ '%[0-9A-Fa-f]{2}' THEN
        RETURN quoted;
    END IF;
    RETURN convert_from((
        SELECT string_agg(
            CASE WHEN part[1] ~ '^%..$' THEN decode(substr(part[1], 2), 'hex') ELSE convert_to(part[1], 'UTF8') END,
            ''::bytea ORDER BY place)
        FROM regexp_matches(quoted, '%[0-9A-Fa-f]{2}|[^%]+|%', 'g') WITH ORDINALITY AS found (part, place)
    ), 'UTF8');
EXCEPTION WHEN data_exception THEN
    RETURN quoted;
END $$;

-- Capitals of every alphabet, whatever the database's own collation knows of them.
DO $$
DECLARE
    name text := (
        SELECT collname FROM pg_collation
        WHERE collname IN ('pg_c_utf8', 'und-x-icu', 'C.utf8') AND collnamespace = 'pg_catalog'::regnamespace
        ORDER BY array_position(ARRAY['pg_c_utf8', 'und-x-icu', 'C.utf8'], collname::text) LIMIT 1);
BEGIN
    EXECUTE format('CREATE FUNCTION pg_temp.lowered(given text) RETURNS text LANGUAGE sql IMMUTABLE'
        ' RETURN lower(given COLLATE %I)', coalesce(name, 'default'));
END $$;

CREATE FUNCTION pg_temp.profile_name(segment text) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    CASE WHEN segment ~ '^A[A-Z][a-zA-Z]A[A-Za-z0-9_-]{16,}$' THEN segment
         ELSE normalize(pg_temp.lowered(segment), NFC) END;

CREATE FUNCTION pg_temp.profile_key(url text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    address text[] := regexp_match(url, '^https?://(?:[^/?#]*@)?([^/?#:]+)(?::[0-9]*)?([^?#]*)', 'i');
    parts text[];
    words text[];
    key text;
BEGIN
    IF address IS NULL OR rtrim(lower(address[1]), '.')
        !~ '^((www|m|touch|mobile|[a-z]{2}|[a-z]{2}-[a-z]{2})\.)*linkedin\.com$' THEN
        RETURN '';
    END IF;
    SELECT array_agg(part ORDER BY place) INTO parts
    FROM (
        SELECT normalize(pg_temp.trimmed(pg_temp.unquoted(segment)), NFC) AS part, place
        FROM regexp_split_to_table(address[2], '/') WITH ORDINALITY AS split (segment, place)
    ) AS read
    WHERE part <> '';
    IF lower(parts[1]) IN ('mwlite', 'mobile') THEN
        parts := parts[2:];
    END IF;
    SELECT array_agg(pg_temp.lowered(part) ORDER BY place) INTO words
    FROM unnest(parts) WITH ORDINALITY AS read (part, place);
    key := CASE
        WHEN words[2] IS NULL OR words[1] IN ('in', 'pub')
            AND words[2] IN ('me', 'unavailable', 'undefined', 'null', 'none', 'nan') THEN ''
        WHEN words[1] = 'in' THEN 'in/' || pg_temp.profile_name(parts[2])
        WHEN words[1] = 'pub' AND words[2] <> 'dir' THEN CASE
            WHEN array_to_string(words[3:5], '/') ~ '^[0-9a-f]{1,3}/[0-9a-f]{1,3}/[0-9a-f]{1,3}$'
                THEN array_to_string(words[1:5], '/')
            WHEN words[3] IS NULL OR words[3]
                ~ '^([a-z]{2}([-_][a-z]{2,4})?|mobile|public|overlay|detail|details|recent-activity)$'
                THEN 'pub/' || words[2]
            ELSE '' END
        WHEN words[1] = 'sales' AND words[2] IN ('people', 'lead', 'profile') AND split_part(parts[3], ',', 1) <> ''
            THEN 'sales/' || pg_temp.profile_name(split_part(parts[3], ',', 1))
        WHEN words[1] = 'talent' AND words[2] = 'profile' AND split_part(parts[3], ',', 1) <> ''
            THEN 'talent/' || pg_temp.profile_name(split_part(parts[3], ',', 1))
        ELSE '' END;
    IF key = '' THEN
        RETURN '';
    END IF;
    key := 'linkedin.com/' || key;
    RETURN CASE WHEN octet_length(key) <= 500 THEN key
                ELSE 'linkedin.com/#' || encode(sha256(convert_to(key, 'UTF8')), 'hex') END;
END $$;

-- All identities that change: those that go, with what they become, where they become something.
CREATE TEMPORARY TABLE changed ON COMMIT DROP AS
SELECT identity.organization_id, identity.scheme_id, identity.record_id, identity.key,
       CASE WHEN scheme.name = 'email' AND scheme.system = 'datananas'
            THEN normalize(pg_temp.trimmed(identity.key), NFC) ELSE pg_temp.trimmed_key(identity.key) END AS new_key
FROM identities_rows AS identity
JOIN schemes AS scheme ON scheme.organization_id = identity.organization_id AND scheme.id = identity.scheme_id
WHERE identity.key ~ '[^!-~]' AND NOT (scheme.system = 'datananas' AND scheme.name = 'linkedin');
DELETE FROM changed WHERE new_key = key OR new_key = '';

-- Profiles are those that contacts show.
CREATE TEMPORARY TABLE profiles ON COMMIT DROP AS
SELECT contact.organization_id, scheme.id AS scheme_id, contact.id AS record_id,
       pg_temp.profile_key(contact.linkedin) AS new_key
FROM contacts_rows AS contact
JOIN schemes AS scheme ON scheme.organization_id = contact.organization_id
 AND (scheme.kind, scheme.system, scheme.name) = ('contacts', 'datananas', 'linkedin')
WHERE contact.linkedin <> '' AND contact.deleted_at IS NULL;
INSERT INTO changed (organization_id, scheme_id, record_id, key)
SELECT identity.organization_id, identity.scheme_id, identity.record_id, identity.key
FROM identities_rows AS identity
JOIN schemes AS scheme ON scheme.organization_id = identity.organization_id AND scheme.id = identity.scheme_id
WHERE scheme.system = 'datananas' AND scheme.name = 'linkedin';
INSERT INTO changed (organization_id, scheme_id, record_id, new_key)
SELECT organization_id, scheme_id, record_id, new_key FROM profiles WHERE new_key <> '';

-- Whoever has a new key already is one of those that may keep it.
INSERT INTO changed (organization_id, scheme_id, record_id, key, new_key)
SELECT DISTINCT identity.organization_id, identity.scheme_id, identity.record_id, identity.key, identity.key
FROM identities_rows AS identity
JOIN changed ON changed.organization_id = identity.organization_id AND changed.scheme_id = identity.scheme_id
 AND changed.new_key = identity.key;

DELETE FROM identities_rows AS identity USING changed
WHERE identity.organization_id = changed.organization_id AND identity.scheme_id = changed.scheme_id
  AND identity.key = changed.key;
INSERT INTO identities_rows (organization_id, scheme_id, record_id, key)
SELECT DISTINCT ON (organization_id, scheme_id, new_key) organization_id, scheme_id, record_id, new_key
FROM changed WHERE new_key <> ''
ORDER BY organization_id, scheme_id, new_key, record_id;

-- Records say where to look for them.
DO $$
DECLARE
    rows_table text;
BEGIN
    FOREACH rows_table IN ARRAY ARRAY['contacts_rows', 'companies_rows', 'customers_rows'] LOOP
        EXECUTE format($update$
            UPDATE %1$I AS record
            SET first_key = CASE WHEN record.first_key = ANY(noted.keys) THEN record.first_key ELSE '' END,
                identity_keys = array_remove(noted.keys, record.first_key)
            FROM (
                SELECT stored.organization_id, stored.id,
                       coalesce(array_agg(DISTINCT identity.key) FILTER (WHERE identity.key IS NOT NULL), '{}') AS keys
                FROM (
                    SELECT organization_id, record_id, array_agg(new_key) FILTER (WHERE new_key <> '') AS added
                    FROM changed GROUP BY 1, 2
                ) AS given
                JOIN %1$I AS stored
                  ON stored.organization_id = given.organization_id AND stored.id = given.record_id
                LEFT JOIN identities_rows AS identity
                  ON identity.organization_id = stored.organization_id AND identity.record_id = stored.id
                 AND identity.key = ANY(stored.first_key || stored.identity_keys || given.added)
                WHERE stored.deleted_at IS NULL
                GROUP BY 1, 2
            ) AS noted
            WHERE record.organization_id = noted.organization_id AND record.id = noted.id
        $update$, rows_table);
    END LOOP;
END $$;

UPDATE schemes SET name = pg_temp.trimmed_key(name)
WHERE name ~ '[^ -~]' AND name <> pg_temp.trimmed_key(name) AND pg_temp.trimmed_key(name) <> ''
  AND NOT EXISTS (
    SELECT FROM schemes AS other
    WHERE (other.organization_id, other.kind, other.system, other.qualifier)
        = (schemes.organization_id, schemes.kind, schemes.system, schemes.qualifier)
      AND other.id <> schemes.id AND pg_temp.trimmed_key(other.name) = pg_temp.trimmed_key(schemes.name)
  );

-- Names of lists, groups and the like. Where two come to one, as above, both stay as they are.
UPDATE directory SET name = pg_temp.trimmed(name)
WHERE name <> pg_temp.trimmed(name) AND pg_temp.trimmed(name) <> ''
  AND NOT EXISTS (
    SELECT FROM directory AS other
    WHERE other.organization_id = directory.organization_id AND other.kind = directory.kind
      AND other.number <> directory.number AND pg_temp.trimmed(other.name) = pg_temp.trimmed(directory.name)
  );

DROP FUNCTION pg_temp.profile_key(text), pg_temp.profile_name(text), pg_temp.lowered(text),
    pg_temp.unquoted(text), pg_temp.trimmed(text), pg_temp.trimmed_key(text);
