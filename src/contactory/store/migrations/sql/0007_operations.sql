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
