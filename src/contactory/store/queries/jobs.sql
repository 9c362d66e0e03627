-- name: add_job
INSERT INTO jobs (organization_id, id, user_id, list_id, total, reserved, reserved_connect, payload, retry_key,
                  fingerprint)
VALUES (%(organization_id)s, gen_random_uuid(), %(user_id)s, %(list_id)s, %(total)s, %(reserved)s,
        %(reserved_connect)s, %(payload)s, %(retry_key)s, %(fingerprint)s)
RETURNING id, user_id, list_id, state, total, processed, created, updated, failed, errors, accepted_at,
          started_at, ended_at, reason

-- name: find_retry
SELECT id, user_id, list_id, state, total, processed, created, updated, failed, errors, accepted_at,
       started_at, ended_at, reason, fingerprint
FROM jobs
WHERE organization_id = %(organization_id)s AND user_id = %(user_id)s AND retry_key = %(retry_key)s

-- name: expire_retry_keys
UPDATE jobs SET retry_key = ''
WHERE organization_id = %(organization_id)s AND user_id = %(user_id)s AND retry_key <> ''
  AND accepted_at < now() - interval '24 hours'

-- name: find_job
SELECT id, user_id, list_id, state, total, processed, created, updated, failed, errors, accepted_at,
       started_at, ended_at, reason
FROM jobs
WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: lock_job
SELECT id, user_id, list_id, state, total, processed, created, updated, failed, errors, accepted_at,
       started_at, ended_at, reason
FROM jobs
WHERE organization_id = %(organization_id)s AND id = %(id)s
FOR UPDATE

-- name: list_jobs
-- List jobs without their errors, of which a job may have ten thousand.
SELECT id, user_id, list_id, state, total, processed, created, updated, failed, '[]'::jsonb, accepted_at,
       started_at, ended_at, reason
FROM jobs
WHERE organization_id = %(organization_id)s AND (%(user_id)s::bigint IS NULL OR user_id = %(user_id)s)
ORDER BY accepted_at DESC, id
LIMIT %(size)s OFFSET %(skip)s

-- name: count_jobs
SELECT count(*) FROM jobs WHERE organization_id = %(organization_id)s AND (%(user_id)s::bigint IS NULL OR user_id = %(user_id)s)

-- name: delete_old_jobs
DELETE FROM jobs WHERE organization_id = %(organization_id)s AND ended_at < now() - make_interval(days => %(days)s)

-- name: queue_job
UPDATE jobs SET state = 'queued'
WHERE organization_id = %(organization_id)s AND id = %(id)s AND state = 'accepted'

-- name: fail_job
UPDATE jobs
SET state = 'failed', ended_at = now(), reserved = 0, reserved_connect = 0, payload = '', reason = %(reason)s
WHERE organization_id = %(organization_id)s AND id = %(id)s AND state IN ('accepted', 'queued', 'running')
RETURNING user_id, list_id, total, processed, created, updated, failed

-- name: advance_job
-- Add the counts of a chunk. The payload is emptied with the last row.
UPDATE jobs
SET processed = %(processed)s,
    created = created + %(created)s,
    updated = updated + %(updated)s,
    failed = failed + %(failed)s,
    errors = errors || %(errors)s::jsonb,
    state = CASE WHEN %(processed)s = total THEN 'ended' ELSE 'running' END,
    started_at = coalesce(started_at, now()),
    ended_at = CASE WHEN %(processed)s = total THEN now() END,
    reserved = CASE WHEN %(processed)s = total THEN 0 ELSE greatest(reserved - %(created)s, 0) END,
    reserved_connect =
        CASE WHEN %(processed)s = total THEN 0 ELSE greatest(reserved_connect - %(from_connect)s, 0) END,
    payload = CASE WHEN %(processed)s = total THEN ''::bytea ELSE payload END,
    attempts = 0,
    next_attempt_at = NULL
WHERE organization_id = %(organization_id)s AND id = %(id)s
RETURNING id, user_id, list_id, state, total, processed, created, updated, failed, errors, accepted_at,
          started_at, ended_at, reason

-- name: read_payload
SELECT payload FROM jobs WHERE organization_id = %(organization_id)s AND id = %(id)s

-- name: notify
SELECT pg_notify(%(channel)s, %(message)s)

-- name: lock_quota
SELECT pg_advisory_xact_lock(hashtextextended('contactory quota', %(organization_id)s))

-- name: count_waiting_jobs
SELECT count(*), coalesce(sum(octet_length(payload)), 0)
FROM jobs
WHERE organization_id = %(organization_id)s AND state IN ('accepted', 'queued', 'running')

-- name: find_reserved
-- Sum what all open jobs have reserved, also those that the transaction cannot see.
SELECT total, connect FROM find_all_reserved(%(user_id)s)

-- name: find_connect_used
SELECT coalesce(sum(created), 0)
FROM connect_usage
WHERE organization_id = %(organization_id)s AND user_id = %(user_id)s
  AND day = (now() AT TIME ZONE 'UTC')::date

-- name: use_connect
INSERT INTO connect_usage (organization_id, user_id, day, created)
VALUES (%(organization_id)s, %(user_id)s, (now() AT TIME ZONE 'UTC')::date, %(amount)s)
ON CONFLICT (organization_id, user_id, day) DO UPDATE SET created = connect_usage.created + excluded.created

-- name: claim_job
SELECT organization_id, id, attempts FROM claim_job(%(before)s)

-- name: release_job
SELECT pg_advisory_unlock(hashtextextended(%(id)s::text, 7))

-- name: mark_subscriber
-- Mark this session as subscribed to events, as long as it lasts: a lock that `count_subscribers` counts.
SELECT pg_advisory_lock_shared(730412, pg_backend_pid())

-- name: count_subscribers
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND classid = 730412 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())

-- name: count_open_jobs
SELECT state, amount FROM count_open_jobs()

-- name: sweep
SELECT sweep(%(most)s::integer, %(job_days)s::integer, %(purge_days)s::integer)
