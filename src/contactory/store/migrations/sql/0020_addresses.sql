-- Addresses of companies and customers, as the vendor's import guide sends them. Null where there are none, as
-- those of contacts (docs/decisions/0015-sparse-fields.md).
ALTER TABLE companies ADD COLUMN addresses jsonb;
ALTER TABLE customers ADD COLUMN addresses jsonb;
GRANT INSERT (addresses) ON companies_rows, customers_rows TO contactory_app;
