-- name: read_records
-- Read records by id; those that are not stored are left out.
SELECT id, created_at, updated_at, created_by, coalesce(updated_by, created_by), {fields}
FROM {table}
WHERE organization_id = %(organization_id)s AND id = ANY(%(ids)s) AND deleted_at IS NULL {lock}

-- name: read_several
-- Read records by id, with the size in bytes and the number of all. Beyond the maximum size only the first is
-- returned.
SELECT id, created_at, updated_at, created_by, coalesce(updated_by, created_by), {fields}, bytes, amount
FROM (
    SELECT *, row_number() OVER () AS place, sum({bytes}) OVER () AS bytes, count(*) OVER () AS amount
    FROM {table}
    WHERE organization_id = %(organization_id)s AND id = ANY(%(ids)s) AND deleted_at IS NULL
) AS record
WHERE place = 1 OR bytes <= %(most)s

-- name: search_records
-- Read a page of the records that meet all conditions, in the same way.
SELECT id, created_at, updated_at, created_by, coalesce(updated_by, created_by), {fields}, bytes, amount
FROM (
    SELECT *, row_number() OVER (ORDER BY {order}) AS place, sum({bytes}) OVER () AS bytes,
           count(*) OVER () AS amount
    FROM (
        SELECT *
        FROM {table}
        WHERE organization_id = %(organization_id)s AND deleted_at IS NULL {conditions}
        ORDER BY {order}
        LIMIT %(size)s OFFSET %(skip)s
    ) AS page
) AS record
WHERE place = 1 OR bytes <= %(most)s
ORDER BY place

-- name: count_records
-- Count the records that meet all conditions.
SELECT count(*)
FROM {table}
WHERE organization_id = %(organization_id)s AND deleted_at IS NULL {conditions}

-- name: find_key_owners
-- Find records by a key in a system, in one scheme and with one qualifier where these are given.
SELECT DISTINCT identity.record_id
FROM identities AS identity
JOIN schemes AS scheme
  ON scheme.organization_id = %(organization_id)s AND scheme.id = identity.scheme_id
WHERE identity.organization_id = %(organization_id)s AND identity.key = %(key)s
  AND scheme.kind = %(kind)s AND scheme.system = %(system)s
  AND (%(scheme)s::text IS NULL OR scheme.name = %(scheme)s)
  AND (%(qualifier)s::text IS NULL OR scheme.qualifier = %(qualifier)s)

-- name: find_owners
-- Find the records that have one of some keys in a system.
SELECT identity.record_id
FROM identities AS identity
JOIN schemes AS scheme
  ON scheme.organization_id = %(organization_id)s AND scheme.id = identity.scheme_id
WHERE identity.organization_id = %(organization_id)s AND identity.key = ANY(%(named_keys)s::text[])
  AND scheme.kind = %(kind)s AND scheme.system = %(named_system)s

-- name: read_identities
-- Read all identities of some records. The records have the keys at which to find them.
SELECT identity.record_id, scheme.system, scheme.name, scheme.qualifier, identity.key
FROM {table} AS record
CROSS JOIN LATERAL unnest(record.first_key || record.identity_keys) AS noted (key)
JOIN identities AS identity
  ON identity.organization_id = %(organization_id)s AND identity.key = noted.key
 AND identity.record_id = record.id
JOIN schemes AS scheme
  ON scheme.organization_id = %(organization_id)s AND scheme.id = identity.scheme_id
 AND scheme.kind = %(kind)s
WHERE record.organization_id = %(organization_id)s AND record.id = ANY(%(ids)s)
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 3, 5, 4
