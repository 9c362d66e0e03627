-- What Datananas' API keeps of contacts, and work that goes on after the answer.
ALTER TABLE contacts
    ADD COLUMN owner_id bigint NOT NULL DEFAULT 0,  -- a user
    ADD COLUMN list_id bigint NOT NULL DEFAULT 0,  -- in the directory
    ADD COLUMN collected_at timestamptz,
    ADD COLUMN linkedin text NOT NULL DEFAULT '',
    ADD COLUMN source text NOT NULL DEFAULT '',
    ADD COLUMN category text NOT NULL DEFAULT '',
    ADD COLUMN company text NOT NULL DEFAULT '',
    ADD COLUMN employees text NOT NULL DEFAULT '',
    ADD COLUMN industry text NOT NULL DEFAULT '',
    ADD COLUMN website text NOT NULL DEFAULT '',
    ADD COLUMN city text NOT NULL DEFAULT '',
    ADD COLUMN work_country text NOT NULL DEFAULT '',
    ADD COLUMN work_language text NOT NULL DEFAULT '',
    ADD COLUMN position text NOT NULL DEFAULT '',
    ADD COLUMN picture text NOT NULL DEFAULT '',
    ADD COLUMN zip text NOT NULL DEFAULT '',
    ADD COLUMN vars jsonb NOT NULL DEFAULT '{}';

CREATE TABLE jobs (
    organization_id bigint NOT NULL,
    id uuid NOT NULL,
    user_id bigint NOT NULL,  -- 0: the organization's own
    list_id bigint NOT NULL,
    -- accepted: the answer is on its way; queued, running, ended, failed
    state text NOT NULL DEFAULT 'accepted',
    total integer NOT NULL,
    processed integer NOT NULL DEFAULT 0,
    created integer NOT NULL DEFAULT 0,
    updated integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    reserved integer NOT NULL,  -- contacts that it may still create, of all and of those from connect
    reserved_connect integer NOT NULL,
    errors jsonb NOT NULL DEFAULT '[]',  -- of rows, as {i, field, message}
    payload bytea NOT NULL,  -- the neutral command
    retry_key text NOT NULL DEFAULT '',
    fingerprint bytea NOT NULL DEFAULT '',  -- of what was sent under that key
    accepted_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX jobs_retries ON jobs (organization_id, user_id, retry_key) WHERE retry_key <> '';
CREATE INDEX jobs_open ON jobs (accepted_at) WHERE state IN ('accepted', 'queued', 'running');

-- Contacts from connect that a user has created on a day, in UTC.
CREATE TABLE connect_usage (
    organization_id bigint NOT NULL,
    user_id bigint NOT NULL,
    day date NOT NULL,
    created integer NOT NULL,
    PRIMARY KEY (organization_id, user_id, day)
);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['jobs', 'connect_usage'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY one_organization ON %I USING'
            ' (organization_id = (SELECT current_organization()))', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO contactory_app', tenant_table);
    END LOOP;
END $$;

-- The oldest job that nobody works at, whoever's it is. The lock on it is the session's: it ends with the
-- worker, whatever ends that, and the next one goes on from the last chunk that was committed. A job whose
-- process died before it had answered is taken up after a while.
CREATE FUNCTION claim_job() RETURNS TABLE (organization_id bigint, id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    FOR organization_id, id IN
        SELECT jobs.organization_id, jobs.id FROM jobs
        WHERE state IN ('queued', 'running')
           OR (state = 'accepted' AND accepted_at < now() - interval '10 seconds')
        ORDER BY accepted_at
    LOOP
        IF pg_try_advisory_lock(hashtextextended(id::text, 7)) THEN
            -- Another worker may have ended it since the list was made.
            PERFORM FROM jobs WHERE jobs.organization_id = claim_job.organization_id AND jobs.id = claim_job.id
                AND state IN ('accepted', 'queued', 'running');
            IF FOUND THEN
                RETURN NEXT;
                RETURN;
            END IF;
            PERFORM pg_advisory_unlock(hashtextextended(id::text, 7));
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION claim_job() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_job() TO contactory_app;
