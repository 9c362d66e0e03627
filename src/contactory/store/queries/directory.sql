-- name: find_entries
SELECT kind, number, name, details, created_at, updated_at
FROM directory
WHERE organization_id = %(organization_id)s AND (
    kind = ANY(%(kinds)s::text[])
    OR (kind, number) IN (
        SELECT wanted ->> 0, (wanted ->> 1)::bigint FROM json_array_elements(%(numbers)s::json) AS wanted)
    OR (kind, name) IN (
        SELECT wanted ->> 0, wanted ->> 1 FROM json_array_elements(%(names)s::json) AS wanted)
)
ORDER BY created_at, number

-- name: list_entries
SELECT kind, number, name, details, created_at, updated_at
FROM directory
WHERE organization_id = %(organization_id)s AND kind = %(kind)s
ORDER BY created_at, number
LIMIT %(size)s OFFSET %(skip)s

-- name: count_entries
SELECT count(*) FROM directory WHERE organization_id = %(organization_id)s AND kind = %(kind)s

-- name: add_entry
INSERT INTO directory (organization_id, kind, name, details)
VALUES (%(organization_id)s, %(kind)s, %(name)s, %(details)s::jsonb)
ON CONFLICT DO NOTHING
RETURNING kind, number, name, details, created_at, updated_at

-- name: change_entry
UPDATE directory
SET name = %(name)s, details = details || %(details)s::jsonb, updated_at = now()
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND number = %(number)s
RETURNING kind, number, name, details, created_at, updated_at

-- name: delete_entry
DELETE FROM directory
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND number = %(number)s
RETURNING kind, number, name, details, created_at, updated_at

-- name: count_contacts
SELECT count(*) FROM contacts WHERE organization_id = %(organization_id)s AND deleted_at IS NULL

-- name: count_referring
-- How many records refer to each of some ids: one pass for all of them.
SELECT {field}, count(*)
FROM {table}
WHERE organization_id = %(organization_id)s AND deleted_at IS NULL AND {field} = ANY(%(ids)s::bigint[])
GROUP BY 1
