-- What only other APIs know of a contact is null where it is empty (docs/decisions/0015-sparse-fields.md): most
-- contacts have none of it, and nulls take neither room nor time.

DO $$
DECLARE
    sparse_field record;
    emptied text;
BEGIN
    FOR sparse_field IN
        SELECT attname AS name, CASE WHEN attname = 'vars' THEN '{}' WHEN atttypid = 'jsonb'::regtype THEN '[]'
                                     ELSE '' END AS empty
        FROM pg_attribute
        WHERE attrelid = 'contacts'::regclass AND attname IN (
            'middle_initial', 'suffix', 'country', 'business_name', 'timezone_id', 'preferred_language',
            'message_language', 'sso_user_id', 'security_pin', 'individual_account_id', 'topic_ids',
            'contact_attributes', 'addresses', 'paths', 'linkedin', 'source', 'category', 'company', 'employees',
            'industry', 'website', 'city', 'work_country', 'work_language', 'position', 'picture', 'zip', 'vars')
    LOOP
        EXECUTE format('ALTER TABLE contacts ALTER %1$I DROP NOT NULL, ALTER %1$I DROP DEFAULT', sparse_field.name);
        emptied := concat_ws(', ', emptied,
            format('%1$I = nullif(%1$I, %2$L)', sparse_field.name, sparse_field.empty));
    END LOOP;
    EXECUTE 'UPDATE contacts_rows SET ' || emptied;
END $$;
