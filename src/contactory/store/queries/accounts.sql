-- name: list_users
SELECT id, email, role, disabled_at IS NOT NULL, created_at
FROM users WHERE organization_id = %(organization_id)s ORDER BY id

-- name: disable_user
-- Since when stays as it was for one that is disabled already.
UPDATE users SET disabled_at = CASE WHEN %(disabled)s THEN coalesce(disabled_at, now()) END
WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: set_password
UPDATE users SET password_hash = %(password_hash)s WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: set_role
UPDATE users SET role = %(role)s WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: limit_tokens
-- Of a user who is no manager any more: what reaches all of the company becomes the user's own.
UPDATE tokens
SET scopes = ARRAY(SELECT regexp_replace(scope, ':company$', ':own') FROM unnest(scopes) AS scope)
WHERE organization_id = %(organization_id)s AND user_id = %(id)s

-- name: delete_user
-- Tokens, codes and refresh tokens go with the user.
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
-- Of a client; what users allowed it stays.
DELETE FROM tokens WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s

-- name: delete_client
DELETE FROM clients WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s

-- name: list_tokens
-- The hash of a token does not tell it; its beginning is enough to name one.
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
-- For the writes that run; those that come later wait for this.
SELECT pg_advisory_xact_lock(hashtextextended('contactory write', %(organization_id)s))

-- name: find_tenant_tables
-- Tables with rows of organizations, but for partitions, whose rows are also their tables'.
SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND attname = 'organization_id' AND NOT attisdropped
ORDER BY relname

-- name: delete_organization
DELETE FROM organizations WHERE id = %(organization_id)s
