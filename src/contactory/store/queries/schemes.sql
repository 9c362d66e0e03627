-- name: find_schemes
-- The schemes of some names.
SELECT id, system, name, qualifier
FROM schemes
WHERE organization_id = %(organization_id)s AND kind = %(kind)s
  AND name IN (SELECT json_array_elements_text(%(names)s::json))

-- name: find_system_schemes
-- All schemes of a system.
SELECT id, system, name, qualifier
FROM schemes
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND system = %(system)s

-- name: add_schemes
-- Make schemes known that are not; concurrent writers wait for each other here, in the order given.
INSERT INTO schemes (organization_id, kind, system, name, qualifier)
SELECT %(organization_id)s, %(kind)s, scheme ->> 0, scheme ->> 1, scheme ->> 2
FROM json_array_elements(%(schemes)s::json) AS scheme
ON CONFLICT DO NOTHING

-- name: find_keys
-- Where keys lead: position, scheme and record, packed as int4, int4, int8: one value for the driver to
-- decode instead of three per row. OFFSET 0 keeps the planner from turning the join round, which it does
-- to a table without statistics: then it would pass all identities of the organization once per key.
SELECT coalesce(string_agg(
    int4send(wanted.position::int - 1) || int4send(identity.scheme_id) || int8send(identity.record_id), ''
), '')
FROM json_array_elements_text(%(keys)s::json) WITH ORDINALITY AS wanted (key, position)
CROSS JOIN LATERAL (
    SELECT scheme_id, record_id
    FROM identities
    WHERE organization_id = %(organization_id)s AND key = wanted.key AND scheme_id = ANY(%(scheme_ids)s)
    OFFSET 0
) AS identity
