-- name: add_exchange_secret
INSERT INTO exchange_secrets (
    organization_id, secret_hash, kind, authorization_id, client_id, user_id, scopes, redirect_uri,
    code_challenge, code_challenge_method, expires_at)
VALUES (
    %(organization_id)s, %(secret_hash)s, %(kind)s, %(authorization_id)s, %(client_id)s, %(user_id)s, %(scopes)s,
    %(redirect_uri)s, %(code_challenge)s, %(code_challenge_method)s, now() + make_interval(secs => %(seconds)s))

-- name: find_exchange_secret
-- Find and lock a code or refresh token: of two calls that use it at once, the second finds it used.
SELECT secret_hash, authorization_id, client_id, user_id, scopes, redirect_uri, code_challenge,
       code_challenge_method, used_at IS NOT NULL
FROM exchange_secrets
WHERE organization_id = %(organization_id)s AND secret_hash = %(secret_hash)s AND kind = %(kind)s
  AND expires_at > now()
FOR UPDATE

-- name: use_exchange_secret
UPDATE exchange_secrets SET used_at = now()
WHERE organization_id = %(organization_id)s AND secret_hash = %(secret_hash)s

-- name: delete_expired_exchange_secrets
DELETE FROM exchange_secrets
WHERE organization_id = %(organization_id)s AND secret_hash IN (
    SELECT secret_hash FROM exchange_secrets
    WHERE organization_id = %(organization_id)s AND client_id = %(client_id)s AND expires_at <= now()
    FOR UPDATE SKIP LOCKED
)

-- name: revoke_authorization
-- Delete all tokens of an authorization.
WITH refreshing AS (
    DELETE FROM exchange_secrets
    WHERE organization_id = %(organization_id)s AND authorization_id = %(authorization_id)s
)
DELETE FROM tokens
WHERE organization_id = %(organization_id)s AND authorization_id = %(authorization_id)s

-- name: find_authorization
-- Find the authorization of a client's token or refresh token.
SELECT client_id, authorization_id FROM tokens
WHERE organization_id = %(organization_id)s AND token_hash = %(secret_hash)s AND client_id IS NOT NULL
UNION ALL
SELECT client_id, authorization_id FROM exchange_secrets
WHERE organization_id = %(organization_id)s AND secret_hash = %(secret_hash)s AND kind = 'refresh_token'
