-- Jobs in turns between organizations, a bounded number of attempts at each chunk, and a sweep of what is kept no
-- longer.

ALTER TABLE jobs
    ADD COLUMN reason text NOT NULL DEFAULT '',  -- why it has failed
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,  -- at the next chunk, the one in hand included
    ADD COLUMN next_attempt_at timestamptz;  -- null: at once
ALTER TABLE organizations ADD COLUMN jobs_served_at timestamptz NOT NULL DEFAULT '-infinity';

-- The next job that nobody works at: of each user the first that has not ended, so that what was sent later is
-- written later; of those one of the organization that was served longest ago. The session's lock on the job
-- `before` is given up first. A chunk that was begun and did not end is begun again later and later, whatever ended
-- it: so it holds up its user's later jobs, and nobody else's. A job whose process died before it had answered is
-- taken up after a while.
DROP FUNCTION claim_job();
CREATE FUNCTION claim_job(before uuid) RETURNS TABLE (organization_id bigint, id uuid, attempts integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF before IS NOT NULL THEN
        PERFORM pg_advisory_unlock(hashtextextended(before::text, 7));
    END IF;
    FOR organization_id, id IN
        SELECT first.organization_id, first.id
        FROM (
            SELECT DISTINCT ON (jobs.organization_id, jobs.user_id)
                   jobs.organization_id, jobs.id, jobs.state, jobs.accepted_at, jobs.next_attempt_at
            FROM jobs
            WHERE jobs.state IN ('accepted', 'queued', 'running')
            ORDER BY jobs.organization_id, jobs.user_id, jobs.accepted_at, jobs.id
        ) AS first
        JOIN organizations ON organizations.id = first.organization_id
        WHERE (first.state <> 'accepted' OR first.accepted_at < now() - interval '10 seconds')
          AND (first.next_attempt_at IS NULL OR first.next_attempt_at <= now())
        ORDER BY organizations.jobs_served_at, first.accepted_at
    LOOP
        IF pg_try_advisory_lock(hashtextextended(id::text, 7)) THEN
            -- Another worker may have ended it since the list was made, or a chunk may still be written whose worker
            -- has lost this lock.
            PERFORM FROM jobs
            WHERE jobs.organization_id = claim_job.organization_id AND jobs.id = claim_job.id
              AND jobs.state IN ('accepted', 'queued', 'running')
            FOR NO KEY UPDATE SKIP LOCKED;
            IF FOUND THEN
                UPDATE jobs
                SET attempts = jobs.attempts + 1,
                    next_attempt_at = CASE WHEN jobs.attempts > 0 THEN
                        now() + make_interval(secs => least(2 ^ least(jobs.attempts - 1, 6), 60)) END
                WHERE jobs.organization_id = claim_job.organization_id AND jobs.id = claim_job.id
                RETURNING jobs.attempts INTO attempts;
                UPDATE organizations SET jobs_served_at = clock_timestamp()
                WHERE organizations.id = claim_job.organization_id;
                RETURN NEXT;
                RETURN;
            END IF;
            PERFORM pg_advisory_unlock(hashtextextended(id::text, 7));
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION claim_job(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_job(uuid) TO contactory_app;

CREATE INDEX tokens_ending ON tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX exchange_secrets_ending ON exchange_secrets (expires_at);
CREATE INDEX jobs_over ON jobs (ended_at) WHERE ended_at IS NOT NULL;

-- Which records were deleted, so that they are found when they are to be removed. An index of the records would cost
-- each new one 5 %.
CREATE TABLE deletions (
    organization_id bigint NOT NULL,
    kind text NOT NULL,  -- the table of the record
    id bigint NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, kind, id)
);
CREATE INDEX deletions_in_order ON deletions (deleted_at);
ALTER TABLE deletions ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_organization ON deletions USING (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON deletions TO contactory_app;
INSERT INTO deletions
SELECT organization_id, 'contacts', id, deleted_at FROM contacts WHERE deleted_at IS NOT NULL
UNION ALL SELECT organization_id, 'companies', id, deleted_at FROM companies WHERE deleted_at IS NOT NULL
UNION ALL SELECT organization_id, 'customers', id, deleted_at FROM customers WHERE deleted_at IS NOT NULL;

-- Removes what is kept no longer, of all organizations: of each kind `most` rows. Answers how many rows these were of
-- the kind that had most, so that `most` means that there may be more. One session at a time; to others it answers
-- 0. purge_days null: deleted records stay. What somebody else works with is left for the next time.
CREATE FUNCTION sweep(most integer, job_days integer, purge_days integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    swept record;
    removed integer;
    most_removed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(730413, 0) THEN
        RETURN 0;
    END IF;
    FOR swept IN
        SELECT * FROM (VALUES
            ('tokens', 'expires_at', make_interval()),
            ('exchange_secrets', 'expires_at', make_interval()),
            ('jobs', 'ended_at', make_interval(days => job_days)),
            ('connect_usage', 'day', make_interval(days => 7))
        ) AS kinds (tenant_table, ended, kept)
    LOOP
        EXECUTE format(
            'DELETE FROM %1$I WHERE ctid = ANY(ARRAY('
            ' SELECT ctid FROM %1$I WHERE %2$I < now() - $1 ORDER BY %2$I LIMIT $2 FOR UPDATE SKIP LOCKED))',
            swept.tenant_table, swept.ended) USING swept.kept, most;
        GET DIAGNOSTICS removed = ROW_COUNT;
        most_removed := greatest(most_removed, removed);
    END LOOP;
    IF purge_days IS NOT NULL THEN
        WITH old AS (
            DELETE FROM deletions WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM deletions WHERE deleted_at < now() - make_interval(days => purge_days)
                ORDER BY deleted_at LIMIT most FOR UPDATE SKIP LOCKED))
            RETURNING organization_id, kind, id
        ), old_contacts AS (
            DELETE FROM contacts AS record USING old
            WHERE old.kind = 'contacts' AND record.organization_id = old.organization_id AND record.id = old.id
        ), old_companies AS (
            DELETE FROM companies AS record USING old
            WHERE old.kind = 'companies' AND record.organization_id = old.organization_id AND record.id = old.id
        ), old_customers AS (
            DELETE FROM customers AS record USING old
            WHERE old.kind = 'customers' AND record.organization_id = old.organization_id AND record.id = old.id
        )
        SELECT greatest(most_removed, count(*)) INTO most_removed FROM old;
    END IF;
    RETURN most_removed;
END $$;
REVOKE ALL ON FUNCTION sweep(integer, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sweep(integer, integer, integer) TO contactory_app;
