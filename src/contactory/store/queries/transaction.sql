-- name: bind_organization
-- Bind the transaction to an organization: row-level security shows only its rows until the transaction ends.
SELECT set_config('contactory.organization', %(organization_id)s::text, true)

-- name: ping
-- Return the session's process, which must always be the same.
SELECT pg_backend_pid()

-- name: begin_bound
-- Begin a transaction and bind it to an organization, and to the contacts and lists of a user where one is given.
BEGIN;
SELECT set_config('contactory.organization', '{organization_id}', true),
       set_config('contactory.user', '{contacts_of}', true), set_config('contactory.lists_user', '{lists_of}', true)
