-- name: bind_organization
-- Row-level security shows this organization's rows until the transaction ends.
SELECT set_config('contactory.organization', %(organization_id)s::text, true)

-- name: ping
-- The session that answers must always be the same.
SELECT pg_backend_pid()

-- name: begin_bound
-- The same, with the beginning of the transaction, and limited to the contacts and lists of a user where one is given.
BEGIN;
SELECT set_config('contactory.organization', '{organization_id}', true),
       set_config('contactory.user', '{contacts_of}', true), set_config('contactory.lists_user', '{lists_of}', true)
