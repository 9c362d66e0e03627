-- To get at a value PostgreSQL walks over those before it, unless these are of fixed width and never null. So
-- these come first, then what indexes and look-ups ask for, then other texts, and last what is mostly null
-- (docs/decisions/0015-sparse-fields.md).

DO $$
DECLARE
    definitions text;
    fields text;
    given text;
BEGIN
    SELECT string_agg(definition, ', ' ORDER BY place, width DESC, number), string_agg(field, ', '),
           string_agg(field, ', ') FILTER (WHERE field <> 'organization_id')
    INTO definitions, fields, given
    FROM (
        SELECT quote_ident(attname) AS field, attlen AS width, attnum AS number,
               concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod),
                         CASE WHEN attnotnull THEN 'NOT NULL' END,
                         'DEFAULT ' || pg_get_expr(adbin, adrelid)) AS definition,
               CASE WHEN attlen > 0 AND attnotnull THEN 1
                    WHEN attname IN ('group_ids', 'deleted_at', 'digest') THEN 2
                    WHEN attnotnull OR attname = 'date_of_birth' THEN 3
                    ELSE 4 END AS place
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = 'contacts_rows'::regclass AND attnum > 0 AND NOT attisdropped
    ) AS columns;
    ALTER TABLE contacts DETACH PARTITION contacts_rows;
    ALTER TABLE contacts_rows RENAME TO contacts_before;
    EXECUTE format('CREATE TABLE contacts_rows (%s) WITH (fillfactor = 60)', definitions);
    EXECUTE format('INSERT INTO contacts_rows (%1$s) SELECT %1$s FROM contacts_before', fields);
    DROP TABLE contacts_before;
    ALTER TABLE contacts_rows ADD CONSTRAINT contacts_rows_pkey PRIMARY KEY (organization_id, id);
    CREATE INDEX contacts_rows_groups ON contacts_rows USING gin (group_ids) WHERE group_ids <> '{}';
    ALTER TABLE contacts ATTACH PARTITION contacts_rows DEFAULT;
    EXECUTE format('GRANT INSERT (%s) ON contacts_rows TO contactory_app', given);
END $$;
