-- name: find_open_tables
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relrowsecurity
  AND relname <> 'alembic_version'
ORDER BY relname

-- name: count_troubled_jobs
SELECT count(*) FILTER (WHERE state IN ('accepted', 'queued', 'running') AND accepted_at < now() - interval '1 hour'),
       count(*) FILTER (WHERE state = 'failed' AND accepted_at > now() - interval '1 day')
FROM jobs

-- name: count_sessions
SELECT current_setting('max_connections')::integer, count(*)
FROM pg_stat_activity WHERE backend_type = 'client backend'
