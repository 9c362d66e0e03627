-- name: find_entries
-- Find entries, with the size in bytes and the number of all. Beyond the maximum size only the first is returned. The
-- limit is for a caller who has no use for more entries: then it does not matter which ones are found.
SELECT kind, number, name, details, created_at, updated_at, created_by, updated_by, bytes, amount
FROM (
    SELECT kind, number, name, details - 'contacts' AS details, created_at, updated_at, created_by,
           coalesce(updated_by, created_by) AS updated_by,
           row_number() OVER (ORDER BY created_at, number) AS place, count(*) OVER () AS amount,
           sum(octet_length(name) + octet_length((details - 'contacts')::text)) OVER () AS bytes
    FROM (
        SELECT * FROM directory
        WHERE organization_id = %(organization_id)s AND (
            kind = ANY(%(kinds)s::text[])
            OR (kind, number) IN (
                SELECT wanted ->> 0, (wanted ->> 1)::bigint
                FROM json_array_elements(%(numbers)s::json) AS wanted)
            OR (kind, name) IN (
                SELECT wanted ->> 0, wanted ->> 1 FROM json_array_elements(%(names)s::json) AS wanted)
        )
        LIMIT %(limit)s::bigint
    ) AS found
) AS entry
WHERE place = 1 OR bytes <= %(most)s
ORDER BY place

-- name: list_entries
-- List a page of entries, in the same way. The sequence of contacts of a group may be long, and is left out.
SELECT kind, number, name, details, created_at, updated_at, created_by, updated_by, bytes, amount
FROM (
    SELECT *, row_number() OVER (ORDER BY CASE WHEN %(by_place)s THEN (details ->> 'seq')::bigint END, created_at,
                                 (details ->> 'seq')::bigint, number) AS place, count(*) OVER () AS amount,
           sum(octet_length(name) + octet_length(details::text)) OVER () AS bytes
    FROM (
        SELECT kind, number, name, details - 'contacts' AS details, created_at, updated_at, created_by,
               coalesce(updated_by, created_by) AS updated_by
        FROM directory
        WHERE organization_id = %(organization_id)s AND kind = %(kind)s
        ORDER BY CASE WHEN %(by_place)s THEN (details ->> 'seq')::bigint END, created_at,
                 (details ->> 'seq')::bigint, number
        LIMIT %(size)s OFFSET %(skip)s
    ) AS page
) AS entry
WHERE place = 1 OR bytes <= %(most)s
ORDER BY place

-- name: count_entries
SELECT count(*) FROM directory WHERE organization_id = %(organization_id)s AND kind = %(kind)s

-- name: add_entry
-- Add an entry with a given number or a new one. Returns no row where the number or the name is taken.
INSERT INTO directory (organization_id, kind, number, name, details, created_by)
VALUES (%(organization_id)s, %(kind)s, coalesce(%(as_number)s, new_directory_number(%(kind)s)), %(name)s,
        %(details)s::jsonb, %(author_id)s)
ON CONFLICT DO NOTHING
RETURNING kind, number, name, details, created_at, updated_at, created_by, coalesce(updated_by, created_by)

-- name: change_entry
-- Change an entry. Without a difference, its time and author of the last change stay.
UPDATE directory
SET name = %(name)s, details = details || %(details)s::jsonb,
    updated_at = CASE WHEN name = %(name)s AND details = details || %(details)s::jsonb THEN updated_at ELSE now() END,
    updated_by = CASE WHEN name = %(name)s AND details = details || %(details)s::jsonb THEN updated_by ELSE %(author_id)s END
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND number = %(number)s
RETURNING kind, number, name, details, created_at, updated_at, created_by, coalesce(updated_by, created_by)

-- name: find_matching_entries
-- Find entries that have the number or the name of a given one. Entries with which an organization was created, which
-- are as old as it is, do not count as long as there are no contacts: they are removed.
WITH given AS MATERIALIZED (
    SELECT given ->> 0 AS kind, (given ->> 1)::bigint AS number, given ->> 2 AS name
    FROM json_array_elements(%(entries)s::json) AS given
)
SELECT kind, number, name
FROM directory
WHERE organization_id = %(organization_id)s AND (
    (kind, number) IN (SELECT kind, number FROM given)
    OR ((kind, name) IN (SELECT kind, name FROM given)
        AND (created_at > (SELECT created_at FROM organizations WHERE id = %(organization_id)s)
             OR EXISTS (SELECT FROM contacts WHERE organization_id = %(organization_id)s AND deleted_at IS NULL)))
)

-- name: remove_seed_entries
-- Remove the entries with which the organization was created, unless there are contacts, which may refer to them.
WITH given AS MATERIALIZED (
    SELECT given ->> 0 AS kind, (given ->> 1)::bigint AS number
    FROM json_array_elements(%(entries)s::json) AS given
)
DELETE FROM directory
WHERE organization_id = %(organization_id)s AND kind IN (SELECT kind FROM given)
  AND (kind, number) NOT IN (SELECT kind, number FROM given)
  AND created_at <= (SELECT created_at FROM organizations WHERE id = %(organization_id)s)
  AND NOT EXISTS (SELECT FROM contacts WHERE organization_id = %(organization_id)s AND deleted_at IS NULL)

-- name: free_names
-- Give entries temporary names. They have a control character, which no given name has.
UPDATE directory SET name = E'\x01' || number
WHERE organization_id = %(organization_id)s
  AND (kind, number) IN (
      SELECT wanted ->> 0, (wanted ->> 1)::bigint FROM json_array_elements(%(numbers)s::json) AS wanted)

-- name: put_entries
-- Create or change entries. One that does not differ is not written.
INSERT INTO directory (organization_id, kind, number, name, details, created_by)
SELECT %(organization_id)s, given ->> 0, (given ->> 1)::bigint, given ->> 2, (given -> 3)::jsonb, %(author_id)s
FROM json_array_elements(%(entries)s::json) AS given
ON CONFLICT (organization_id, kind, number) DO UPDATE
SET name = excluded.name, details = directory.details || excluded.details, updated_at = now(),
    updated_by = %(author_id)s
WHERE directory.name <> excluded.name OR directory.details <> directory.details || excluded.details
RETURNING kind, number

-- name: place_entry
-- Move an entry to a place; the others keep their order and are numbered around it. Only entries whose number
-- changes are written.
WITH others AS (
    SELECT number, row_number() OVER (ORDER BY (details ->> 'seq')::bigint, created_at, number) AS place
    FROM directory
    WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND number <> %(number)s
), placed AS (
    SELECT number, CASE WHEN place < %(place)s THEN place ELSE place + 1 END AS seq FROM others
    UNION ALL
    SELECT %(number)s, least(%(place)s, (SELECT count(*) + 1 FROM others))
)
UPDATE directory SET details = details || jsonb_build_object('seq', placed.seq)
FROM placed
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND directory.number = placed.number
  AND details -> 'seq' IS DISTINCT FROM to_jsonb(placed.seq)

-- name: read_entry
SELECT kind, number, name, details, created_at, updated_at, created_by, coalesce(updated_by, created_by)
FROM directory
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND number = %(number)s

-- name: delete_entry
DELETE FROM directory
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND number = %(number)s
RETURNING kind, number, name, details, created_at, updated_at, created_by, coalesce(updated_by, created_by)

-- name: has_hidden_list
-- Tell whether one of these lists exists and is hidden by the limit of the transaction.
SELECT has_hidden_list(%(numbers)s::bigint[], %(names)s::text[])

-- name: is_list_used
-- Tell whether any contact, of any owner, is in the list.
SELECT is_list_used(%(number)s)

-- name: is_path_used
-- Tell whether a contact has such a path. There is no index on paths, since every write would pay for it: this
-- scans the organization's contacts up to the first that has one (docs/decisions/0024-delivery-methods.md).
SELECT EXISTS (
    SELECT FROM contacts
    WHERE organization_id = %(organization_id)s AND deleted_at IS NULL
      AND paths @> jsonb_build_array(jsonb_build_object('pathId', %(number)s::bigint))
)

-- name: count_contacts
-- Count the contacts that the transaction can see.
SELECT count(*) FROM contacts WHERE organization_id = %(organization_id)s AND deleted_at IS NULL

-- name: count_all_contacts
-- Count the contacts of the whole organization, also those that the transaction cannot see.
SELECT count_all_contacts()

-- name: count_referring
-- Count the records that refer to each of some ids, in one pass for all of them.
SELECT {field}, count(*)
FROM {table}
WHERE organization_id = %(organization_id)s AND deleted_at IS NULL AND {field} = ANY(%(ids)s::bigint[])
GROUP BY 1
