-- name: fold_name
SELECT lower(%(name)s)

-- name: find_failures
-- Find failed logins. This and the other queries use functions of the owner, since a failed login is not bound to an
-- organization.
SELECT failures, waits, is_known, is_fresh FROM find_failures(%(keys)s::bytea[])

-- name: add_failures
SELECT add_failures(%(keys)s::bytea[], %(seconds)s::integer, %(most)s::integer)

-- name: note_login
SELECT note_login(%(place)s, %(days)s::integer)
