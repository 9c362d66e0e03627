-- name: find_schemes
-- Find the schemes with some names.
SELECT id, system, name, qualifier
FROM schemes
WHERE organization_id = %(organization_id)s AND kind = %(kind)s
  AND name IN (SELECT json_array_elements_text(%(names)s::json))

-- name: find_system_schemes
-- Find all schemes of a system.
SELECT id, system, name, qualifier
FROM schemes
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND system = %(system)s

-- name: lock_schemes
-- Wait for other transactions that add schemes, until they end.
SELECT pg_advisory_xact_lock(hashtextextended('contactory schemes', %(organization_id)s))

-- name: add_schemes
-- Add schemes that are not stored, all or none: none where the organization would have more than the maximum. They
-- get the lowest free ids; the numbers up to the new total include enough.
WITH wanted AS MATERIALIZED (
    SELECT scheme ->> 0 AS system, scheme ->> 1 AS name, scheme ->> 2 AS qualifier
    FROM json_array_elements(%(schemes)s::json) AS scheme
    EXCEPT
    SELECT system, name, qualifier FROM schemes
    WHERE organization_id = %(organization_id)s AND kind = %(kind)s
), together AS MATERIALIZED (
    SELECT (SELECT count(*) FROM wanted)
         + (SELECT count(*) FROM schemes WHERE organization_id = %(organization_id)s) AS amount
), free AS (
    SELECT id, row_number() OVER (ORDER BY id) AS place
    FROM together, generate_series(1, amount) AS number (id)
    WHERE amount <= %(most)s
      AND NOT EXISTS (
          SELECT FROM schemes WHERE organization_id = %(organization_id)s AND schemes.id = number.id)
)
INSERT INTO schemes (organization_id, id, kind, system, name, qualifier)
SELECT %(organization_id)s, free.id, %(kind)s, system, name, qualifier
FROM (SELECT wanted.*, row_number() OVER (ORDER BY system, name, qualifier) AS place FROM wanted) AS new
JOIN free USING (place)

-- name: find_keys
-- Find identities by keys: the keys found, separated by zero bytes, and their schemes and records, packed as int4
-- and int8. An index scan with the array of all keys passes the index once, in order (from PostgreSQL 17), in a fifth
-- of the time of a join. The array is rebuilt by a subquery, since the planner would estimate a parameter key by key.
SELECT coalesce(string_agg(textsend(key), '\x00'), ''),
       coalesce(string_agg(int4send(scheme_id) || int8send(record_id), ''), '')
FROM identities
WHERE organization_id = %(organization_id)s
  AND key = ANY(ARRAY(SELECT unnest(%(keys)s)))
  AND scheme_id = ANY(%(scheme_ids)s)

-- name: find_keys_and_digests
-- Find identities in the same way, and the digests of their records, as int8 and 16 bytes for each that has one: by a
-- second pass over an index, again in a fraction of the time of a join.
WITH found AS MATERIALIZED (
    SELECT key, scheme_id, record_id
    FROM identities
    WHERE organization_id = %(organization_id)s
      AND key = ANY(ARRAY(SELECT unnest(%(keys)s)))
      AND scheme_id = ANY(%(scheme_ids)s)
)
SELECT coalesce(string_agg(textsend(key), '\x00'), ''),
       coalesce(string_agg(int4send(scheme_id) || int8send(record_id), ''), ''),
       (
           SELECT coalesce(string_agg(int8send(id) || uuid_send(digest), ''), '')
           FROM {table}
           WHERE organization_id = %(organization_id)s AND digest IS NOT NULL
             AND id = ANY(ARRAY(SELECT record_id FROM found))
       )
FROM found

-- name: find_keys_and_states
-- Find identities in the same way, and the records found in some schemes in which a field is not empty, as int8: by a
-- second pass over an index.
WITH found AS MATERIALIZED (
    SELECT key, scheme_id, record_id
    FROM identities
    WHERE organization_id = %(organization_id)s
      AND key = ANY(ARRAY(SELECT unnest(%(keys)s)))
      AND scheme_id = ANY(%(scheme_ids)s)
)
SELECT coalesce(string_agg(textsend(key), '\x00'), ''),
       coalesce(string_agg(int4send(scheme_id) || int8send(record_id), ''), ''),
       (
           SELECT coalesce(string_agg(int8send(id), ''), '')
           FROM {table}
           WHERE organization_id = %(organization_id)s AND {field} <> ''
             AND id = ANY(ARRAY(SELECT record_id FROM found WHERE scheme_id = ANY(%(named_by)s)))
       )
FROM found

-- name: find_keys_states_and_digests
-- Find all of these in the same way, but the records in all schemes in which a field is not empty: a join of the two
-- results would compare each row of one with each of the other.
WITH found AS MATERIALIZED (
    SELECT key, scheme_id, record_id
    FROM identities
    WHERE organization_id = %(organization_id)s
      AND key = ANY(ARRAY(SELECT unnest(%(keys)s)))
      AND scheme_id = ANY(%(scheme_ids)s)
), held AS MATERIALIZED (
    SELECT id, digest, {field} <> '' AS is_named
    FROM {table}
    WHERE organization_id = %(organization_id)s AND id = ANY(ARRAY(SELECT record_id FROM found))
)
SELECT coalesce(string_agg(textsend(key), '\x00'), ''),
       coalesce(string_agg(int4send(scheme_id) || int8send(record_id), ''), ''),
       (SELECT coalesce(string_agg(int8send(id), ''), '') FROM held WHERE is_named),
       (SELECT coalesce(string_agg(int8send(id) || uuid_send(digest), ''), '') FROM held WHERE digest IS NOT NULL)
FROM found

-- name: find_held
-- Find the schemes in which some records have keys. The records have the keys at which to find them.
SELECT identity.record_id, identity.scheme_id
FROM {table} AS record
CROSS JOIN LATERAL unnest(record.first_key || record.identity_keys) AS noted (key)
JOIN identities AS identity
  ON identity.organization_id = %(organization_id)s AND identity.key = noted.key
 AND identity.record_id = record.id AND identity.scheme_id = ANY(%(scheme_ids)s)
WHERE record.organization_id = %(organization_id)s AND record.id = ANY(%(ids)s)
GROUP BY 1, 2
