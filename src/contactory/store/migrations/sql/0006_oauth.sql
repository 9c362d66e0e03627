-- OAuth2: what users allow clients to do in their name.
ALTER TABLE clients ADD COLUMN redirect_uris text[] NOT NULL DEFAULT '{}';  -- none: no users are sent to it
-- What a user allowed; null: the token was issued in another way.
ALTER TABLE tokens ADD COLUMN authorization_id uuid;
CREATE INDEX tokens_authorizations ON tokens (organization_id, authorization_id)
    WHERE authorization_id IS NOT NULL;

-- Codes and refresh tokens: secrets that are exchanged for tokens, once.
CREATE TABLE exchange_secrets (
    organization_id bigint NOT NULL REFERENCES organizations,
    secret_hash bytea NOT NULL,
    kind text NOT NULL CHECK (kind IN ('code', 'refresh_token')),
    authorization_id uuid NOT NULL,
    client_id text NOT NULL,
    user_id bigint NOT NULL,
    scopes text[] NOT NULL,
    redirect_uri text NOT NULL DEFAULT '',
    code_challenge text NOT NULL DEFAULT '',
    code_challenge_method text NOT NULL DEFAULT '',
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (organization_id, secret_hash),
    FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE,
    FOREIGN KEY (organization_id, client_id) REFERENCES clients ON DELETE CASCADE
);
CREATE INDEX exchange_secrets_authorizations ON exchange_secrets (organization_id, authorization_id);
ALTER TABLE exchange_secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_organization ON exchange_secrets USING (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_secrets TO contactory_app;
