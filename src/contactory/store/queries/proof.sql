-- name: has_proof_table
SELECT to_regclass('secret_key_proof') IS NOT NULL

-- name: find_proof
SELECT sealed FROM secret_key_proof

-- name: find_any_secret
-- Find any encrypted number, in a database that is older than the proof; this runs once.
(SELECT organization_id, ssn FROM contacts WHERE ssn <> '' LIMIT 1)
UNION ALL
(SELECT organization_id, ssn FROM customers WHERE ssn <> '' LIMIT 1)
LIMIT 1

-- name: add_proof
INSERT INTO secret_key_proof (sealed) VALUES (%(sealed)s) ON CONFLICT DO NOTHING

-- name: replace_proof
INSERT INTO secret_key_proof (sealed) VALUES (%(sealed)s)
ON CONFLICT (is_the_only) DO UPDATE SET sealed = excluded.sealed
