-- Rights: what a token may do is always said, users and clients can be disabled, and who reaches only what is their
-- own is held to that by row-level security (setting contactory.user), as to the organization.

-- An empty set of scopes stood for everything. It is said as '*', and nothing is stored without a scope. A token
-- that came of a user's consent gets what that says.
UPDATE exchange_secrets SET scopes = '{*}' WHERE scopes = '{}';
UPDATE tokens AS token
SET scopes = coalesce((
    SELECT secret.scopes FROM exchange_secrets AS secret
    WHERE secret.organization_id = token.organization_id AND secret.authorization_id = token.authorization_id
    ORDER BY secret.expires_at LIMIT 1
), '{*}')
WHERE scopes = '{}';
ALTER TABLE tokens
    ALTER scopes DROP DEFAULT,
    ADD CONSTRAINT tokens_scopes CHECK (cardinality(scopes) > 0);
ALTER TABLE exchange_secrets ADD CONSTRAINT exchange_secrets_scopes CHECK (cardinality(scopes) > 0);

-- Null: may act.
ALTER TABLE users ADD COLUMN disabled_at timestamptz;
ALTER TABLE clients ADD COLUMN disabled_at timestamptz;

-- What a token is good for, if it is: who shows one knows it, and learns of nothing else. The quota comes with it,
-- so that a write asks for it only where there is one.
DROP FUNCTION find_token(bigint, bytea);
CREATE FUNCTION find_token(organization bigint, hash bytea)
    RETURNS TABLE (user_id bigint, client_id text, scopes text[], email text, role text, total_contacts_quota bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT token.user_id, token.client_id, token.scopes, owner.email, owner.role, home.total_contacts_quota
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

-- Who logs in with a password: the users of a name in all organizations, before one is bound.
DROP FUNCTION find_logins(text);
CREATE FUNCTION find_logins(login_email text)
    RETURNS TABLE (
        organization_id bigint, user_id bigint, password_hash text, role text, total_contacts_quota bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT users.organization_id, users.id, users.password_hash, users.role, home.total_contacts_quota
    FROM users JOIN organizations AS home ON home.id = users.organization_id
    WHERE lower(users.email) = lower(login_email) AND users.disabled_at IS NULL
    ORDER BY 1;
END;
REVOKE ALL ON FUNCTION find_logins(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_logins(text) TO contactory_app;

-- Ownership ----------------------------------------------------------------------------------------
-- A transaction that is limited to one user sees and writes that user's contacts, jobs and lists, and those of
-- nobody (0). Null: no limit. Lists have their own, since scopes limit them apart from contacts.

CREATE FUNCTION limited_to_user() RETURNS bigint LANGUAGE sql STABLE
    RETURN nullif(current_setting('contactory.user', true), '')::bigint;
CREATE FUNCTION lists_limited_to_user() RETURNS bigint LANGUAGE sql STABLE
    RETURN nullif(current_setting('contactory.lists_user', true), '')::bigint;

-- Restrictive: beside the policy of the organization. The subqueries are evaluated once for each statement.
CREATE POLICY one_user ON contacts AS RESTRICTIVE USING (
    (SELECT limited_to_user()) IS NULL OR owner_id = 0 OR owner_id = (SELECT limited_to_user()));
CREATE POLICY one_user ON jobs AS RESTRICTIVE USING (
    (SELECT limited_to_user()) IS NULL OR user_id = 0 OR user_id = (SELECT limited_to_user()));
CREATE POLICY one_user ON directory AS RESTRICTIVE USING (
    kind <> 'list' OR (SELECT lists_limited_to_user()) IS NULL
    OR coalesce((details ->> 'owner')::bigint, 0) IN (0, (SELECT lists_limited_to_user())));

-- What the limit hides of the organization, for an answer that tells "another's" from "not there".
CREATE FUNCTION find_hidden_contacts(wanted bigint[]) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT id FROM contacts
    WHERE organization_id = (SELECT current_organization()) AND deleted_at IS NULL AND id = ANY (wanted)
      AND owner_id NOT IN (0, (SELECT limited_to_user()));
END;
CREATE FUNCTION has_hidden_list(numbers bigint[], names text[]) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM directory
        WHERE organization_id = (SELECT current_organization()) AND kind = 'list'
          AND (number = ANY (numbers) OR name = ANY (names))
          AND coalesce((details ->> 'owner')::bigint, 0) NOT IN (0, (SELECT lists_limited_to_user())));
END;

-- What concerns the whole organization, whoever acts: quotas, whether a list is empty.
CREATE FUNCTION count_all_contacts() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT count(*) FROM contacts
    WHERE organization_id = (SELECT current_organization()) AND deleted_at IS NULL;
END;
CREATE FUNCTION is_list_used(list bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM contacts
        WHERE organization_id = (SELECT current_organization()) AND deleted_at IS NULL AND list_id = list);
END;
CREATE FUNCTION find_all_reserved(of_user bigint, OUT total bigint, OUT connect bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT coalesce(sum(reserved), 0), coalesce(sum(reserved_connect) FILTER (WHERE user_id = of_user), 0)
    FROM jobs
    WHERE organization_id = (SELECT current_organization()) AND state IN ('accepted', 'queued', 'running');
END;

DO $$
DECLARE
    function regprocedure;
BEGIN
    FOREACH function IN ARRAY ARRAY[
        'find_hidden_contacts(bigint[])', 'has_hidden_list(bigint[], text[])', 'count_all_contacts()',
        'is_list_used(bigint)', 'find_all_reserved(bigint)']::regprocedure[]
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', function);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO contactory_app', function);
    END LOOP;
END $$;
