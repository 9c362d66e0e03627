-- name: fold_name
SELECT lower(%(name)s)

-- name: find_failures
-- Like the others, by a function of the owner's: who fails is bound to no organization.
SELECT failures, waits, is_known, is_fresh FROM find_failures(%(keys)s::bytea[])

-- name: add_failures
SELECT add_failures(%(keys)s::bytea[], %(seconds)s::integer, %(most)s::integer)

-- name: note_login
SELECT note_login(%(place)s, %(days)s::integer)
