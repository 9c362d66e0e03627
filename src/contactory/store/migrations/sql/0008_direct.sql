-- New rows go straight into their table by COPY (docs/decisions/0014-copy-into-partitions.md). PostgreSQL
-- refuses that where row-level security holds for the role, so each of these tables becomes the only partition
-- of one that has its name and its policy. On the partition the service may do nothing but insert, and cannot
-- say for whom: the organization is that of the transaction.

DO $$
DECLARE
    tenant_table text;
    rows_table text;
    given text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['contacts', 'companies', 'customers', 'identities'] LOOP
        rows_table := tenant_table || '_rows';
        EXECUTE format('DROP POLICY one_organization ON %I', tenant_table);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('REVOKE ALL ON %I FROM contactory_app', tenant_table);
        IF tenant_table <> 'identities' THEN
            -- The key that a record came with; identity_keys are those that it got later. Room in the pages lets
            -- an update stay in its page, and the indexes as they are.
            EXECUTE format('ALTER TABLE %I ADD COLUMN first_key text NOT NULL DEFAULT ''''', tenant_table);
            EXECUTE format('ALTER TABLE %I SET (fillfactor = 60)', tenant_table);
        END IF;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', tenant_table, rows_table);
        EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT %I TO %I',
            rows_table, tenant_table || '_pkey', rows_table || '_pkey');
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS) PARTITION BY LIST (organization_id)',
            tenant_table, rows_table);
        EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (%s)', tenant_table,
            CASE tenant_table WHEN 'identities' THEN 'organization_id, key, scheme_id'
                              ELSE 'organization_id, id' END);
        IF tenant_table = 'contacts' THEN
            ALTER INDEX contacts_groups RENAME TO contacts_rows_groups;
            CREATE INDEX contacts_groups ON contacts USING gin (group_ids) WHERE group_ids <> '{}';
        END IF;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I DEFAULT', tenant_table, rows_table);
        EXECUTE format('ALTER TABLE %I ALTER organization_id SET DEFAULT current_organization()', rows_table);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('CREATE POLICY one_organization ON %I USING'
            ' (organization_id = (SELECT current_organization()))', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO contactory_app', tenant_table);
        SELECT string_agg(quote_ident(attname), ', ') INTO given FROM pg_attribute
        WHERE attrelid = rows_table::regclass AND attnum > 0 AND NOT attisdropped
          AND attname <> 'organization_id';
        EXECUTE format('GRANT INSERT (%s) ON %I TO contactory_app', given, rows_table);
    END LOOP;
END $$;
