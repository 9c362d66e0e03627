-- name: find_attributes
-- Find definitions by id or by name; with details, which may be large, only if requested.
SELECT id, class, name, type, CASE WHEN %(details)s THEN details ELSE '{}' END
FROM attributes
WHERE organization_id = %(organization_id)s AND (id = ANY(%(ids)s::bigint[]) OR name = ANY(%(names)s::text[]))
ORDER BY id

-- name: list_attributes
-- A page of all definitions, which costs the same wherever it begins.
SELECT id, class, name, type, details
FROM attributes
WHERE organization_id = %(organization_id)s AND id > %(after)s
ORDER BY id
LIMIT %(size)s

-- name: add_attributes
-- Add definitions that have ids.
INSERT INTO attributes (organization_id, id, class, name, type, details) OVERRIDING SYSTEM VALUE
SELECT %(organization_id)s, (given ->> 'id')::bigint, given ->> 'attribute_class', given ->> 'name', given ->> 'type',
       (given -> 'details')::jsonb
FROM json_array_elements(%(definitions)s::json) AS given
ON CONFLICT DO NOTHING
RETURNING id

-- name: reserve_attribute_ids
SELECT reserve_attribute_ids(%(amount)s)

-- name: update_attribute_details
-- Update details: those that are given replace those that are stored. A row that would stay the same is not written.
UPDATE attributes AS definition
SET details = definition.details || (given -> 'details')::jsonb
FROM json_array_elements(%(definitions)s::json) AS given
WHERE definition.organization_id = %(organization_id)s AND definition.id = (given ->> 'id')::bigint
  AND definition.details IS DISTINCT FROM definition.details || (given -> 'details')::jsonb
RETURNING definition.id

-- name: delete_attribute
DELETE FROM attributes WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: delete_attribute_values
-- Delete all values of an attribute. This scans all records of the organization, and is rare.
UPDATE {table}
SET attributes = attributes - %(id)s::text, digest = NULL, updated_at = now(), updated_by = %(author_id)s
WHERE organization_id = %(organization_id)s AND attributes ? %(id)s::text
