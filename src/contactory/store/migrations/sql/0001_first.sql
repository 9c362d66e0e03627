-- The first schema. organization_id leads every key, so that each table can be distributed by it; joins
-- stay inside one organization. The application speaks as contactory_app, which owns nothing and is
-- bound to one organization per transaction by row-level security (setting contactory.organization).

CREATE FUNCTION current_organization() RETURNS bigint LANGUAGE sql STABLE
    RETURN nullif(current_setting('contactory.organization', true), '')::bigint;

-- Access -------------------------------------------------------------------------------------------

CREATE TABLE organizations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    total_contacts_quota bigint NOT NULL DEFAULT 0,  -- 0: no limit
    daily_connect_quota bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    organization_id bigint NOT NULL REFERENCES organizations,
    id bigint GENERATED ALWAYS AS IDENTITY,
    email text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('manager', 'user')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX users_email ON users (organization_id, lower(email));

CREATE TABLE clients (
    organization_id bigint NOT NULL REFERENCES organizations,
    client_id text NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, client_id)
);

CREATE TABLE tokens (
    organization_id bigint NOT NULL REFERENCES organizations,
    token_hash bytea NOT NULL,
    user_id bigint,
    client_id text,
    scopes text[] NOT NULL DEFAULT '{}',  -- none: everything that its owner may do
    expires_at timestamptz,  -- null: never
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, token_hash),
    FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE,
    FOREIGN KEY (organization_id, client_id) REFERENCES clients ON DELETE CASCADE
);

-- Records ------------------------------------------------------------------------------------------
-- Text is never null: an absent text is ''. No foreign keys between records: a check per row would cost
-- more than the row, records are never removed (deleted_at), and only core/write.py writes them.

CREATE SEQUENCE record_ids;

CREATE TABLE contacts (
    organization_id bigint NOT NULL,
    id bigint NOT NULL,
    parent_id bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    date_of_birth date,
    language text NOT NULL DEFAULT '',
    debtor_id text NOT NULL DEFAULT '',
    first_name text NOT NULL DEFAULT '',
    middle_name text NOT NULL DEFAULT '',
    last_name text NOT NULL DEFAULT '',
    abbreviation text NOT NULL DEFAULT '',
    title text NOT NULL DEFAULT '',
    gender text NOT NULL DEFAULT '',
    ssn bytea NOT NULL DEFAULT '',  -- encrypted by the application
    phone text NOT NULL DEFAULT '',
    mobile text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    primary_language text NOT NULL DEFAULT '',
    login text NOT NULL DEFAULT '',
    pricelist_amount text NOT NULL DEFAULT '',
    pricelist_percentage text NOT NULL DEFAULT '',
    identity_keys text[] NOT NULL DEFAULT '{}',  -- where to look in identities, which alone is the truth
    attributes jsonb NOT NULL DEFAULT '{}',  -- attribute id -> value
    pricing jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE companies (
    organization_id bigint NOT NULL,
    id bigint NOT NULL,
    parent_id bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    language text NOT NULL DEFAULT '',
    name text NOT NULL DEFAULT '',
    notes text NOT NULL DEFAULT '',
    department text NOT NULL DEFAULT '',
    office text NOT NULL DEFAULT '',
    debtor_id text NOT NULL DEFAULT '',
    tax_number text NOT NULL DEFAULT '',
    coc_number text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    authorize_id text NOT NULL DEFAULT '',
    budget text NOT NULL DEFAULT '',
    budget_inherit text NOT NULL DEFAULT '',
    default_object_id text NOT NULL DEFAULT '',
    inherit_order_list text NOT NULL DEFAULT '',
    inherit_product_list text NOT NULL DEFAULT '',
    order_list_allow_all text NOT NULL DEFAULT '',
    order_list_manager_id text NOT NULL DEFAULT '',
    user_manager_id text NOT NULL DEFAULT '',
    pricelist_amount text NOT NULL DEFAULT '',
    pricelist_percentage text NOT NULL DEFAULT '',
    identity_keys text[] NOT NULL DEFAULT '{}',
    attributes jsonb NOT NULL DEFAULT '{}',
    pricing jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (organization_id, id)
);

-- A scheme is a numbering kept by an outside system: for Propeller a source in one language.
CREATE TABLE schemes (
    organization_id bigint NOT NULL,
    id integer GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,  -- the table whose records it numbers
    system text NOT NULL,
    name text NOT NULL,
    qualifier text NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, kind, system, name, qualifier)
);

-- The key leads the scheme, so that a key can also be looked up over all schemes.
CREATE TABLE identities (
    organization_id bigint NOT NULL,
    record_id bigint NOT NULL,
    scheme_id integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, key, scheme_id)
);

CREATE TABLE attributes (
    organization_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    class text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',  -- everything else that was said of it
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, name, class)
);

-- A block of record ids, and the first of them. All blocks are taken here, under one lock that is held
-- for the length of the call and not of the transaction.
CREATE FUNCTION reserve_record_ids(amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    first_id bigint;
BEGIN
    IF amount < 1 THEN
        RAISE 'a block of % ids', amount;  -- Nothing may fail while the lock is held.
    END IF;
    PERFORM pg_advisory_lock('record_ids'::regclass::oid::bigint);
    first_id := nextval('record_ids');
    PERFORM setval('record_ids', first_id + amount - 1);
    PERFORM pg_advisory_unlock('record_ids'::regclass::oid::bigint);
    RETURN first_id;
END $$;

-- The document without its keys whose value is null; values inside stay as they are.
CREATE FUNCTION without_nulls(document jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(document) WHERE value <> 'null');

-- Isolation ----------------------------------------------------------------------------------------

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'users', 'clients', 'tokens', 'contacts', 'companies', 'schemes', 'identities', 'attributes']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY one_organization ON %I USING'
            ' (organization_id = (SELECT current_organization()))', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO contactory_app', tenant_table);
    END LOOP;
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO contactory_app', current_database());
END $$;
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_organization ON organizations USING (id = (SELECT current_organization()));
GRANT SELECT ON organizations TO contactory_app;
GRANT USAGE, UPDATE ON SEQUENCE record_ids TO contactory_app;
