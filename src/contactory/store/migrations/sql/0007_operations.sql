-- For those who run the service: how much work waits, whoever's it is.
CREATE FUNCTION count_open_jobs() RETURNS TABLE (state text, amount bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT jobs.state, count(*) FROM jobs WHERE jobs.state IN ('accepted', 'queued', 'running') GROUP BY 1;
END;
REVOKE ALL ON FUNCTION count_open_jobs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_open_jobs() TO contactory_app;

-- What a token is good for, if it is: who shows one knows it, and learns of nothing else.
CREATE FUNCTION find_token(organization bigint, hash bytea)
    RETURNS TABLE (user_id bigint, client_id text, scopes text[], email text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT token.user_id, token.client_id, token.scopes, owner.email, owner.role
    FROM tokens AS token
    LEFT JOIN users AS owner ON owner.organization_id = token.organization_id AND owner.id = token.user_id
    WHERE token.organization_id = organization AND token.token_hash = hash
      AND (token.expires_at IS NULL OR token.expires_at > now());
END;
REVOKE ALL ON FUNCTION find_token(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_token(bigint, bytea) TO contactory_app;

-- The oldest job that nobody works at, whoever's it is; but of each user only the first that has not ended, so
-- that what was sent later is written later. A job whose process died before it had answered is taken up after
-- a while, and holds up its user's later ones until then.
CREATE OR REPLACE FUNCTION claim_job() RETURNS TABLE (organization_id bigint, id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    FOR organization_id, id IN
        SELECT first.organization_id, first.id
        FROM (
            SELECT DISTINCT ON (jobs.organization_id, jobs.user_id) jobs.*
            FROM jobs
            WHERE state IN ('accepted', 'queued', 'running')
            ORDER BY jobs.organization_id, jobs.user_id, accepted_at, jobs.id
        ) AS first
        WHERE state <> 'accepted' OR accepted_at < now() - interval '10 seconds'
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
