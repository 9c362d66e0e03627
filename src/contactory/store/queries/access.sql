-- name: create_organization
-- Create an organization with a given id or a new one. Returns no row where the id is taken.
INSERT INTO organizations (id, name) OVERRIDING SYSTEM VALUE
VALUES (coalesce(%(id)s, new_organization_id()), %(name)s)
ON CONFLICT DO NOTHING
RETURNING id

-- name: set_quota
-- Set quotas; one that is null stays.
UPDATE organizations
SET total_contacts_quota = coalesce(%(total_contacts)s, total_contacts_quota),
    daily_connect_quota = coalesce(%(daily_connect)s, daily_connect_quota)
WHERE id = %(organization_id)s

-- name: find_organization
SELECT id, name, total_contacts_quota, daily_connect_quota
FROM organizations
WHERE id = %(organization_id)s

-- name: create_user
-- Create a user, with an author. Returns no row when another user has the e-mail.
WITH created AS (
    INSERT INTO users (organization_id, email, password_hash, role, first_name, last_name)
    VALUES (%(organization_id)s, %(email)s, %(password_hash)s, %(role)s, %(first_name)s, %(last_name)s)
    ON CONFLICT (organization_id, lower(email)) DO NOTHING
    RETURNING organization_id, id, first_name, last_name, email
)
INSERT INTO authors (organization_id, id, name)
SELECT organization_id, id, user_name(first_name, last_name, email) FROM created
RETURNING id

-- name: find_user
SELECT id, email, password_hash, role, disabled_at IS NULL, first_name, last_name
FROM users
WHERE organization_id = %(organization_id)s AND lower(email) = lower(%(email)s)

-- name: create_client
-- Create a client, with an author.
WITH author AS (
    INSERT INTO authors (organization_id, id, name)
    VALUES (%(organization_id)s, nextval('users_id_seq'), %(name)s)
    RETURNING id
)
INSERT INTO clients (organization_id, client_id, name, secret_hash, redirect_uris, author_id)
SELECT %(organization_id)s, %(client_id)s, %(name)s, %(secret_hash)s, %(redirect_uris)s, id FROM author

-- name: find_client
-- Find a client that is not disabled.
SELECT client_id, name, secret_hash, redirect_uris
FROM clients
WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s AND disabled_at IS NULL

-- name: create_token
-- Create a token. The database's clock sets its expiry, and also checks it. A token without a user and a client is
-- an author itself, with the name under which it is listed.
WITH author AS (
    INSERT INTO authors (organization_id, id, name)
    SELECT %(organization_id)s, nextval('users_id_seq'), 'token ' || left(encode(%(token_hash)s::bytea, 'hex'), 16)
    WHERE %(user_id)s::bigint IS NULL AND %(client_id)s::text IS NULL
    RETURNING id
)
INSERT INTO tokens (
    organization_id, token_hash, user_id, client_id, scopes, expires_at, authorization_id, author_id)
VALUES (
    %(organization_id)s, %(token_hash)s, %(user_id)s, %(client_id)s, %(scopes)s,
    now() + make_interval(secs => %(seconds)s), %(authorization_id)s, coalesce((SELECT id FROM author), 0))

-- name: find_token
-- Find a valid token. It is a function of the owner, so that no transaction bound to the organization is needed.
SELECT user_id, client_id, scopes, email, role, total_contacts_quota, author_id
FROM find_token(%(organization_id)s::bigint, %(token_hash)s)

-- name: find_tokens
-- Find many tokens, in the given order. The first column tells whether the token is valid.
SELECT found.scopes IS NOT NULL, found.user_id, found.client_id, found.scopes, found.email, found.role,
       found.total_contacts_quota, found.author_id
FROM unnest(%(organizations)s::bigint[], %(hashes)s::bytea[]) WITH ORDINALITY AS token (organization, hash, place)
LEFT JOIN LATERAL find_token(token.organization, token.hash) AS found ON true
ORDER BY token.place

-- name: delete_expired_tokens
-- Delete expired tokens; skip those that another call is deleting now.
DELETE FROM tokens
WHERE organization_id = %(organization_id)s AND token_hash IN (
    SELECT token_hash
    FROM tokens
    WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s AND expires_at <= now()
    FOR UPDATE SKIP LOCKED
)

-- name: find_logins
-- Find the users with an e-mail. It is a function of the owner, since a login is not bound to an organization yet.
SELECT organization_id, user_id, password_hash, role, total_contacts_quota FROM find_logins(%(email)s)

-- name: find_users
SELECT id, email, password_hash, role, disabled_at IS NULL, first_name, last_name
FROM users
WHERE organization_id = %(organization_id)s
  AND (lower(email) = ANY(ARRAY(SELECT lower(given) FROM unnest(%(emails)s::text[]) AS given))
       OR id = ANY(%(ids)s::bigint[]))

-- name: delete_token
DELETE FROM tokens
WHERE organization_id = %(organization_id)s AND token_hash = %(token_hash)s

-- name: delete_tokens
WITH renewing AS (
    DELETE FROM exchange_secrets
    WHERE organization_id = %(organization_id)s
      AND (user_id = %(user_id)s::bigint OR client_id = %(client_id)s::text)
)
DELETE FROM tokens
WHERE organization_id = %(organization_id)s
  AND (user_id = %(user_id)s::bigint OR client_id = %(client_id)s::text)

-- name: find_authors
-- Find the names of authors, which may be deleted users, clients and tokens.
SELECT id, name FROM authors WHERE organization_id = %(organization_id)s AND id = ANY(%(ids)s::bigint[])
