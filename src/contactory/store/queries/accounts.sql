-- name: list_users
SELECT id, email, role, disabled_at IS NOT NULL, created_at
FROM users WHERE organization_id = %(organization_id)s ORDER BY id

-- name: disable_user
-- Disable or enable a user. The time of the first disabling stays.
UPDATE users SET disabled_at = CASE WHEN %(disabled)s THEN coalesce(disabled_at, now()) END
WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: set_password
UPDATE users SET password_hash = %(password_hash)s WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: set_role
UPDATE users SET role = %(role)s WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: limit_tokens
-- Limit the tokens of a user who is no longer a manager: scopes for all of the company become those for the user's own.
UPDATE tokens
SET scopes = ARRAY(SELECT regexp_replace(scope, ':company$', ':own') FROM unnest(scopes) AS scope)
WHERE organization_id = %(organization_id)s AND user_id = %(id)s

-- name: delete_user
-- Delete a user. Foreign keys delete tokens, codes and refresh tokens, too.
DELETE FROM users WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: list_clients
SELECT client_id, name, redirect_uris, disabled_at IS NOT NULL, created_at
FROM clients WHERE organization_id = %(organization_id)s ORDER BY created_at, client_id

-- name: disable_client
UPDATE clients SET disabled_at = CASE WHEN %(disabled)s THEN coalesce(disabled_at, now()) END
WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s

-- name: rotate_client
UPDATE clients SET secret_hash = %(secret_hash)s
WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s

-- name: delete_access_tokens
-- Delete the access tokens of a client; authorizations by users stay.
DELETE FROM tokens WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s

-- name: delete_client
DELETE FROM clients WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s

-- name: list_tokens
-- List valid tokens. The beginning of a token's hash identifies it and does not reveal it.
SELECT left(encode(token.token_hash, 'hex'), 16), owner.email, token.client_id, token.scopes, token.created_at,
       token.expires_at
FROM tokens AS token
LEFT JOIN users AS owner ON owner.organization_id = token.organization_id AND owner.id = token.user_id
WHERE token.organization_id = %(organization_id)s AND (token.expires_at IS NULL OR token.expires_at > now())
ORDER BY token.created_at, 1

-- name: delete_token_named
DELETE FROM tokens
WHERE organization_id = %(organization_id)s AND left(encode(token_hash, 'hex'), 16) = %(name)s

-- name: lock_organization_to_delete
-- Wait for running writes; later ones wait for this transaction.
SELECT pg_advisory_xact_lock(hashtextextended('contactory write', %(organization_id)s))

-- name: find_tenant_tables
-- Find the tables with rows of organizations. Partitions are left out: their rows are also those of their tables.
SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND attname = 'organization_id' AND NOT attisdropped
ORDER BY relname

-- name: delete_organization
DELETE FROM organizations WHERE id = %(organization_id)s
