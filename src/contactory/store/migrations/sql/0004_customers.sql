-- Customers: contacts without a company behind them, which the Propeller API numbers apart.
CREATE TABLE customers (
    organization_id bigint NOT NULL,
    id bigint NOT NULL,
    parent_id bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    digest uuid,
    date_of_birth date,
    language text NOT NULL DEFAULT '',
    debtor_id text NOT NULL DEFAULT '',
    first_name text NOT NULL DEFAULT '',
    middle_name text NOT NULL DEFAULT '',
    last_name text NOT NULL DEFAULT '',
    abbreviation text NOT NULL DEFAULT '',
    title text NOT NULL DEFAULT '',
    gender text NOT NULL DEFAULT '',
    ssn bytea NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    mobile text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    primary_language text NOT NULL DEFAULT '',
    login text NOT NULL DEFAULT '',
    pricelist_amount text NOT NULL DEFAULT '',
    pricelist_percentage text NOT NULL DEFAULT '',
    identity_keys text[] NOT NULL DEFAULT '{}',
    attributes jsonb NOT NULL DEFAULT '{}',
    pricing jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (organization_id, id)
);
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_organization ON customers USING (organization_id = (SELECT current_organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON customers TO contactory_app;
