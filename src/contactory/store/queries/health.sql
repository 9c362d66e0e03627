-- name: find_open_tables
-- Tables whose rows the service could see, change or make for any organization.
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relrowsecurity
  AND relname <> 'alembic_version'
  AND NOT (
      relispartition
      AND NOT has_any_column_privilege('contactory_app', oid, 'SELECT, UPDATE')
      AND NOT has_table_privilege('contactory_app', oid, 'DELETE, TRUNCATE')
      AND NOT has_column_privilege('contactory_app', oid, 'organization_id', 'INSERT')
  )
ORDER BY relname

-- name: count_troubled_jobs
SELECT count(*) FILTER (WHERE state IN ('accepted', 'queued', 'running') AND accepted_at < now() - interval '1 hour'),
       count(*) FILTER (WHERE state = 'failed' AND accepted_at > now() - interval '1 day')
FROM jobs

-- name: count_sessions
SELECT current_setting('max_connections')::integer, count(*)
FROM pg_stat_activity WHERE backend_type = 'client backend'
