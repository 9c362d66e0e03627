-- Guessing of passwords and secrets is counted for all processes of a service (docs/decisions/0022-guessing.md).
-- The service reaches these tables by the functions below only. Keys are digests of 16 bytes of who is meant and
-- from where. Failures may be lost with a crash, and are not worth the WAL.
CREATE UNLOGGED TABLE login_failures (
    key bytea PRIMARY KEY CHECK (length(key) = 16),
    failures integer NOT NULL,
    ends_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX login_failures_ends ON login_failures (ends_at);

-- From where somebody has logged in rightly: there, others' guessing elsewhere does not lock them out.
CREATE TABLE login_places (
    key bytea PRIMARY KEY CHECK (length(key) = 16),
    seen_at timestamptz NOT NULL
);
CREATE INDEX login_places_seen ON login_places (seen_at);

-- A known text, encrypted with the key of the personal numbers, which tells another key from the right one.
CREATE TABLE secret_key_proof (
    is_the_only boolean PRIMARY KEY DEFAULT true CHECK (is_the_only),
    sealed bytea NOT NULL
);

ALTER TABLE login_failures ENABLE ROW LEVEL SECURITY;
ALTER TABLE login_places ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret_key_proof ENABLE ROW LEVEL SECURITY;

-- For each key its failures and the seconds until they are forgotten; of the first key, whether somebody has
-- logged in there, and whether that was noted on the last day.
CREATE FUNCTION find_failures(keys bytea[])
    RETURNS TABLE (failures integer[], waits double precision[], is_known boolean, is_fresh boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT array_agg(coalesce(counted.failures, 0) ORDER BY given.place),
           array_agg(coalesce(extract(epoch FROM counted.ends_at - now()), 0)::double precision
                     ORDER BY given.place),
           coalesce(bool_or(known.key IS NOT NULL), false),
           coalesce(bool_or(known.seen_at > now() - interval '1 day'), false)
    FROM unnest(keys) WITH ORDINALITY AS given (key, place)
    LEFT JOIN login_failures AS counted ON counted.key = given.key AND counted.ends_at > now()
    LEFT JOIN login_places AS known ON known.key = given.key AND given.place = 1;
END;

-- Count one more for each key, for so many seconds from the first. Beyond `most` keys no new one is counted.
-- What is over is removed here, a little at a time, and last, so that nobody waits for it.
CREATE FUNCTION add_failures(keys bytea[], seconds integer, most integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    -- A row takes more than 60 bytes, so that rows need to be counted in a large table only.
    has_room boolean := pg_relation_size('login_failures') < most * 60::bigint
        OR (SELECT count(*) FROM (SELECT FROM login_failures LIMIT most) AS counted) < most;
BEGIN
    INSERT INTO login_failures AS stored (key, failures, ends_at)
    SELECT DISTINCT given.key, 1, now() + make_interval(secs => seconds)
    FROM unnest(keys) AS given (key)
    WHERE has_room OR EXISTS (SELECT FROM login_failures AS known WHERE known.key = given.key)
    ORDER BY 1
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN stored.ends_at > now() THEN stored.failures + 1 ELSE 1 END,
        ends_at = CASE WHEN stored.ends_at > now() THEN stored.ends_at ELSE excluded.ends_at END;
    DELETE FROM login_failures WHERE key IN (
        SELECT key FROM login_failures WHERE ends_at <= now() ORDER BY ends_at LIMIT 100 FOR UPDATE SKIP LOCKED);
END $$;

-- Somebody has logged in there: what failed there before is forgotten. Places unseen for `days` are too.
CREATE FUNCTION note_login(place bytea, days integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO login_places AS stored (key, seen_at) VALUES (place, now())
    ON CONFLICT (key) DO UPDATE SET seen_at = now();
    DELETE FROM login_failures WHERE key = place;
    DELETE FROM login_places WHERE key IN (
        SELECT key FROM login_places WHERE seen_at < now() - make_interval(days => days)
        ORDER BY seen_at LIMIT 100 FOR UPDATE SKIP LOCKED);
END $$;

REVOKE ALL ON FUNCTION find_failures(bytea[]), add_failures(bytea[], integer, integer), note_login(bytea, integer)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_failures(bytea[]), add_failures(bytea[], integer, integer),
    note_login(bytea, integer) TO contactory_app;
