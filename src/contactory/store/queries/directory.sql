-- name: find_entries
-- With the bytes of all and how many there are. Only the first is there where it would be too much. The limit is
-- for a caller who has no use for more entries: then it does not matter which ones are found.
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
-- A page of them, with the bytes of all and how many there are. Only the first is there where it would be too much.
-- The sequence of a group, which may have thousands of contacts, is nothing for a list.
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
-- With the number that is given, or a new one. No row comes back where the number or the name is taken.
INSERT INTO directory (organization_id, kind, number, name, details, created_by)
VALUES (%(organization_id)s, %(kind)s, coalesce(%(as_number)s, new_directory_number(%(kind)s)), %(name)s,
        %(details)s::jsonb, %(author_id)s)
ON CONFLICT DO NOTHING
RETURNING kind, number, name, details, created_at, updated_at, created_by, coalesce(updated_by, created_by)

-- name: change_entry
-- An entry that is sent back as it was read is as old as it was, and its last author's.
UPDATE directory
SET name = %(name)s, details = details || %(details)s::jsonb,
    updated_at = CASE WHEN name = %(name)s AND details = details || %(details)s::jsonb THEN updated_at ELSE now() END,
    updated_by = CASE WHEN name = %(name)s AND details = details || %(details)s::jsonb THEN updated_by ELSE %(author_id)s END
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND number = %(number)s
RETURNING kind, number, name, details, created_at, updated_at, created_by, coalesce(updated_by, created_by)

-- name: place_entry
-- One entry is put at a place and the others are numbered around it, in the order in which they were. Only those
-- whose number changes are written.
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
-- Whether one of these lists is there and the limit of the transaction hides it.
SELECT has_hidden_list(%(numbers)s::bigint[], %(names)s::text[])

-- name: is_list_used
-- By any contact, whoever's it is.
SELECT is_list_used(%(number)s)

-- name: is_path_used
-- No index leads from a path to its contacts, since every write would pay for it: this reads the organization's
-- contacts up to the first that has one, and all of them where none has (docs/decisions/0024-delivery-methods.md).
SELECT EXISTS (
    SELECT FROM contacts
    WHERE organization_id = %(organization_id)s AND deleted_at IS NULL
      AND paths @> jsonb_build_array(jsonb_build_object('pathId', %(number)s::bigint))
)

-- name: count_contacts
-- Those that are seen.
SELECT count(*) FROM contacts WHERE organization_id = %(organization_id)s AND deleted_at IS NULL

-- name: count_all_contacts
-- Those of the whole organization, whatever is seen of it.
SELECT count_all_contacts()

-- name: count_referring
-- How many records refer to each of some ids: one pass for all of them.
SELECT {field}, count(*)
FROM {table}
WHERE organization_id = %(organization_id)s AND deleted_at IS NULL AND {field} = ANY(%(ids)s::bigint[])
GROUP BY 1
