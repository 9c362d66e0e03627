-- Digests of rows that had a personal number could be searched for it (docs/decisions/0009-digests.md). They are
-- forgotten: such a row is written once more, and its digest is then a keyed one.
UPDATE contacts_rows SET digest = NULL WHERE digest IS NOT NULL AND ssn <> '';
UPDATE customers_rows SET digest = NULL WHERE digest IS NOT NULL AND ssn <> '';
