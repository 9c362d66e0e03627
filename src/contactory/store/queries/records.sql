-- name: create_stage
-- Create the connection's own stage for changes. It has the column types of the real table, and no constraints; its
-- rows are deleted when the transaction ends.
CREATE TEMPORARY TABLE {stage} ON COMMIT DELETE ROWS AS SELECT * FROM {table} WITH NO DATA

-- name: lock_organization_shared
-- Lock for a write, and set its planner options. All lookups of a write use an index: a generic plan made on an empty
-- table would keep its sequential scan, so these are disabled. Generic plans are forced, since they do not depend on
-- the values and are made once per connection.
SELECT pg_advisory_xact_lock_shared(hashtextextended('contactory write', %(organization_id)s)),
       set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)

-- name: lock_organization_exclusive
-- Lock exclusively, and set the same options.
SELECT pg_advisory_xact_lock(hashtextextended('contactory write', %(organization_id)s)),
       set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)

-- name: find_ids
-- Find the ids of stored records, packed as int8.
SELECT coalesce(string_agg(int8send(id), ''), '')
FROM {table}
WHERE organization_id = %(organization_id)s AND deleted_at IS NULL
  AND id = ANY(ARRAY(SELECT json_array_elements_text(%(ids)s::json)::bigint))

-- name: find_taken_ids
-- Find the ids of records, also of deleted ones, packed as int8.
SELECT coalesce(string_agg(int8send(id), ''), '')
FROM {table}
WHERE organization_id = %(organization_id)s
  AND id = ANY(ARRAY(SELECT json_array_elements_text(%(ids)s::json)::bigint))

-- name: reserve_ids
-- Reserve a block of ids. No record of the organization, of any kind, has one of them.
SELECT reserve_record_ids(%(amount)s)

-- name: stage
COPY {stage} (id, digest{and_fields}) FROM STDIN (FORMAT binary)

-- name: insert_identities
-- Insert keys; the organization is the transaction's. Fails on a key that another writer has inserted meanwhile: the
-- whole write is then retried and finds it.
COPY identities_rows (record_id, scheme_id, key) FROM STDIN (FORMAT binary)

-- name: insert_records
COPY {rows} (id, digest, first_key, created_by{and_fields}) FROM STDIN (FORMAT binary)

-- name: update_records
-- Update only records that differ: an unchanged one gets no new version and no WAL. Returns the ids written, packed
-- as int8. The array makes it one pass over the index in the order of ids, which is also the order of locks. The
-- planner estimates ten ids, and would scan the whole stage for each (see join_by_hash).
WITH written AS (
    UPDATE {table} AS record
    SET {assignments}, digest = given.digest, updated_at = now(), updated_by = %(author_id)s
    FROM {stage} AS given
    WHERE given.id BETWEEN %(first)s AND %(last)s
      AND record.organization_id = %(organization_id)s AND record.id = given.id
      AND record.id = ANY(ARRAY(SELECT id FROM {stage} WHERE id BETWEEN %(first)s AND %(last)s))
      AND ({stored}) IS DISTINCT FROM ({values})
    RETURNING record.id
)
SELECT coalesce(string_agg(int8send(id), ''), '') FROM written

-- name: renew_digests
-- Staged rows of an update that changed nothing leave their digests, and nothing else, to be known by next time. A
-- record that is being written is left out, and not waited for: others may wait for records that this transaction
-- has written. It is compared again, because another write may have come between.
UPDATE {table} AS record
SET digest = given.digest
FROM {stage} AS given
WHERE given.id BETWEEN %(first)s AND %(last)s AND given.digest IS NOT NULL
  AND record.organization_id = %(organization_id)s AND record.id = given.id
  AND record.digest IS DISTINCT FROM given.digest
  AND record.id = ANY(ARRAY(
      SELECT stored.id FROM {table} AS stored
      WHERE stored.organization_id = %(organization_id)s
        AND stored.id = ANY(ARRAY(SELECT id FROM {stage} WHERE id BETWEEN %(first)s AND %(last)s))
      FOR NO KEY UPDATE SKIP LOCKED
  ))
  AND ({stored}) IS NOT DISTINCT FROM ({values})

-- name: join_by_hash
-- Disable nested loops for the statement that follows.
SELECT set_config('enable_nestloop', %(nested_loops)s, true)

-- name: lock_records
SELECT count(*) FROM (
    SELECT id FROM {table}
    WHERE organization_id = %(organization_id)s
      AND id = ANY(ARRAY(SELECT json_array_elements_text(%(ids)s::json)::bigint))
    ORDER BY id
    FOR NO KEY UPDATE
) AS locked

-- name: add_identities
-- Insert identities of stored records, as [record id, scheme id, key].
INSERT INTO identities (organization_id, record_id, scheme_id, key)
SELECT %(organization_id)s, (given ->> 0)::bigint, (given ->> 1)::integer, given ->> 2
FROM json_array_elements(%(identities)s::json) AS given
ORDER BY given ->> 2

-- name: release_keys
-- Delete identities, as [record id, scheme id, key], of records that were not created after all.
DELETE FROM identities AS identity
USING json_array_elements(%(identities)s::json) AS given
WHERE identity.organization_id = %(organization_id)s AND identity.key = given ->> 2
  AND identity.scheme_id = (given ->> 1)::integer AND identity.record_id = (given ->> 0)::bigint

-- name: drop_identities
-- Delete all keys of some records in some schemes, as [record id, scheme id].
DELETE FROM identities AS identity
USING {table} AS record, json_array_elements(%(identities)s::json) AS given
WHERE record.organization_id = %(organization_id)s AND record.id = (given ->> 0)::bigint
  AND identity.organization_id = %(organization_id)s AND identity.key = ANY(record.first_key || record.identity_keys)
  AND identity.record_id = record.id AND identity.scheme_id = (given ->> 1)::integer

-- name: refresh_record_keys
-- Store on the records the keys that they have now: as [record id, added key or null].
UPDATE {table} AS record
SET first_key = CASE WHEN record.first_key = ANY(noted.keys) THEN record.first_key ELSE '' END,
    identity_keys = array_remove(noted.keys, record.first_key),
    updated_at = now(),
    updated_by = %(author_id)s
FROM (
    SELECT stored.id,
           coalesce(array_agg(DISTINCT identity.key) FILTER (WHERE identity.key IS NOT NULL), '{{}}') AS keys
    FROM (
        SELECT (given ->> 0)::bigint AS id, array_agg(given ->> 1) FILTER (WHERE given ->> 1 IS NOT NULL) AS added
        FROM json_array_elements(%(changed)s::json) AS given
        GROUP BY 1
    ) AS changed
    JOIN {table} AS stored ON stored.organization_id = %(organization_id)s AND stored.id = changed.id
    LEFT JOIN identities AS identity
      ON identity.organization_id = %(organization_id)s
     AND identity.key = ANY(stored.first_key || stored.identity_keys || changed.added)
     AND identity.record_id = stored.id
    GROUP BY 1
) AS noted
WHERE record.organization_id = %(organization_id)s AND record.id = noted.id

-- name: delete_identities
-- Delete the keys of records that are deleted. A record of another kind may have the same id and the same key.
DELETE FROM identities AS identity
USING {table} AS record
CROSS JOIN LATERAL unnest(record.first_key || record.identity_keys) AS noted (key)
WHERE record.organization_id = %(organization_id)s
  AND record.id = ANY(ARRAY(SELECT json_array_elements_text(%(ids)s::json)::bigint))
  AND identity.organization_id = %(organization_id)s AND identity.key = noted.key
  AND identity.record_id = record.id
  AND identity.scheme_id IN (
      SELECT id FROM schemes WHERE organization_id = %(organization_id)s AND kind = %(kind)s)

-- name: delete_records
-- Mark records as deleted, and record the deletions, so that a sweep finds them when they are to be purged.
WITH deleted AS (
    UPDATE {table}
    SET deleted_at = now(), updated_at = now(), updated_by = %(author_id)s, first_key = '', identity_keys = '{{}}'
    WHERE organization_id = %(organization_id)s AND deleted_at IS NULL
      AND id = ANY(ARRAY(SELECT json_array_elements_text(%(ids)s::json)::bigint))
    RETURNING id
)
INSERT INTO deletions (organization_id, kind, id) SELECT %(organization_id)s, %(kind)s, id FROM deleted

-- name: remove_from_set
-- Remove an id from a set; records without it are not written. A row that would add the id again must be read again.
UPDATE {table}
SET {field} = array_remove({field}, (%(value)s::bigint[])[1]), digest = NULL, updated_at = now(), updated_by = %(author_id)s
WHERE organization_id = %(organization_id)s AND {field} <> '{{}}' AND {field} @> %(value)s::bigint[]
  AND (%(ids)s::json IS NULL OR id = ANY(ARRAY(SELECT json_array_elements_text(%(ids)s::json)::bigint)))

-- name: find_hidden
-- Find contacts that exist and are hidden by the limit of the transaction, by a function of the owner.
SELECT coalesce(string_agg(int8send(hidden), ''), '')
FROM find_hidden_contacts(ARRAY(SELECT json_array_elements_text(%(ids)s::json)::bigint)) AS hidden

-- name: find_grown_maps
-- Find records whose map is large as it is stored. Neither function reads a value that lies outside of its row.
SELECT coalesce(string_agg(int8send(id), ''), '')
FROM {table}
WHERE organization_id = %(organization_id)s AND id = ANY(%(ids)s)
  AND (pg_column_compression({field}) IS NOT NULL OR pg_column_size({field}) > %(most)s)

-- name: find_large_maps
-- Find records whose map would have too many bytes, as the database writes it, after a merge with [id, map].
SELECT coalesce(string_agg(int8send(record.id), ''), '')
FROM json_array_elements(%(given)s::json) AS given
JOIN {table} AS record ON record.organization_id = %(organization_id)s AND record.id = (given ->> 0)::bigint
WHERE octet_length((record.{field} || (given -> 1)::jsonb)::text) > %(most)s

-- name: read_maps
SELECT id, {field} FROM {table}
WHERE organization_id = %(organization_id)s AND id = ANY(%(ids)s)

-- name: read_documents
-- Read the documents that records have in a field, as they are stored.
SELECT id, {field}::text
FROM {table}
WHERE organization_id = %(organization_id)s AND {field} IS NOT NULL
  AND id = ANY(ARRAY(SELECT json_array_elements_text(%(ids)s::json)::bigint))
