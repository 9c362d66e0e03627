-- name: set_up_session
-- Set a session up. A transaction may be idle, holding its locks, no longer than a statement may run.
SET ROLE contactory_app;
SET jit = off;
SET temp_buffers = '32MB';
SET statement_timeout = {milliseconds};
SET idle_in_transaction_session_timeout = {milliseconds}

-- name: check_session
-- Return the role of the session, and the tables in which it could read or change rows of any organization.
SELECT current_user::text,
       role.rolsuper OR role.rolbypassrls,
       current_setting('row_security') = 'on',
       coalesce((
           SELECT string_agg(relname, ', ' ORDER BY relname)
           FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
             AND relname <> 'alembic_version'
             AND NOT row_security_active(oid)
             AND (has_any_column_privilege(oid, 'SELECT, UPDATE')
                  OR has_table_privilege(oid, 'DELETE, TRUNCATE')
                  OR has_any_column_privilege(oid, 'INSERT') AND NOT relispartition)
       ), '')
FROM pg_roles AS role WHERE rolname = current_user

-- name: find_open_tables
-- Find the tables in which the service could read, change or insert rows of any organization.
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
