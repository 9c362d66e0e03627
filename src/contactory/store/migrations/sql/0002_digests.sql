-- A digest of what the last writer of a record said of it, so that who says the same again is told so at the
-- price of a look-up (docs/decisions/0009-digests.md). Null: nobody knows. Every write of a record sets it anew.
ALTER TABLE contacts ADD COLUMN digest uuid;
ALTER TABLE companies ADD COLUMN digest uuid;
