"""Role that the service acts as: it owns nothing and cannot bypass row-level security."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, NamedTuple

import psycopg
from psycopg import Connection, errors
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row
from psycopg.sql import SQL, Composed, Identifier

_CREATE: Final = SQL("CREATE ROLE contactory_app NOLOGIN NOSUPERUSER NOBYPASSRLS")
_GRANT: Final = SQL("GRANT contactory_app TO {} WITH SET TRUE, INHERIT FALSE")
_FIND: Final = """
SELECT me.rolname AS me,
       me.rolsuper OR me.rolcreaterole AS may_create,
       role.oid IS NOT NULL AS exists,
       coalesce(role.rolsuper OR role.rolbypassrls, false) AS unfit,
       role.oid IS NOT NULL AND pg_has_role(me.oid, role.oid, 'SET') AS may_set
FROM pg_roles AS me LEFT JOIN pg_roles AS role ON role.rolname = 'contactory_app'
WHERE me.rolname = current_user
"""


class RoleError(Exception):
    """The role is missing or unfit, and this user of the database cannot change that. The text tells what to
    do."""


class _Role(NamedTuple):
    me: str
    may_create: bool
    exists: bool
    unfit: bool
    may_set: bool


def ensure_application_role(connection: Connection) -> None:
    """Create the role and let the current user act as it, where that is not so yet. Raises RoleError."""
    role = _find(connection)
    if not role.exists and role.may_create:
        _try(connection, _CREATE)
        role = _find(connection)
    if role.exists and not role.may_set:
        _try(connection, _GRANT.format(Identifier(role.me)))
        role = _find(connection)
    if role.unfit:
        raise RoleError(
            "The role contactory_app gets past row-level security, so it is not used: an administrator must"
            " run ALTER ROLE contactory_app NOSUPERUSER NOBYPASSRLS;"
        )
    if not role.may_set:
        grant = _GRANT.format(Identifier(role.me)).as_string(connection)
        raise RoleError(
            f"The database's user {role.me} may not make the role contactory_app, or act as it:"
            f" an administrator must run {_CREATE.as_string(connection)}; {grant};"
        )


def log_in_as_application(url: str) -> str:
    """Let the role log in, and return the URL with which the service does so, without any right of the owner.
    This is for the embedded database, which asks for no password."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER ROLE contactory_app LOGIN")
    return make_conninfo(url, user="contactory_app")


def _try(connection: Connection, statement: SQL | Composed) -> None:
    """Run a statement, unless another database's migration has done so: roles belong to the whole server."""
    with (
        suppress(errors.DuplicateObject, errors.UniqueViolation, errors.InsufficientPrivilege),
        connection.transaction(),
    ):
        connection.execute(statement)


def _find(connection: Connection) -> _Role:
    row = connection.cursor(row_factory=class_row(_Role)).execute(_FIND).fetchone()
    assert row is not None  # noqa: S101 (one of the roles is the current user)
    return row
