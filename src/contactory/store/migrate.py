"""Migration of a database to the current schema."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import Connection, errors

from contactory.store.application_role import RoleError, ensure_application_role
from contactory.store.errors import safe_message
from contactory.store.migrations import FOLDER, revisions

if TYPE_CHECKING:
    from sqlalchemy import Connection as Transaction

_OLDEST_SERVER: Final = 16
_HEAD: Final = "head"
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('contactory migrations'))"


class MigrationError(Exception):
    """The schema cannot be migrated; it was not changed. The text tells why."""


def migrate(url: str) -> list[str]:
    """Migrate the schema in one transaction; return the names of the revisions that were applied.

    Any number of processes may do this at once: one migrates, and the others wait for it. Raises
    MigrationError.
    """
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        _check_server(connection)
        if not _missing(connection):
            return []
    return _upgrade(url)


def _check_server(connection: Connection) -> None:
    major = connection.info.server_version // 10_000
    if major < _OLDEST_SERVER:
        raise MigrationError(
            f"The database is PostgreSQL {major}; Contactory needs PostgreSQL {_OLDEST_SERVER} or newer."
        )


def _missing(connection: Connection) -> list[str]:
    """Return the revisions to apply. This does without Alembic, whose import would take most of the start
    time."""
    all_revisions = revisions()
    try:
        with connection.transaction():
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except errors.UndefinedTable:
        row = None
    if row is None:
        return all_revisions
    if row[0] not in all_revisions:
        raise MigrationError(
            f"The database is at revision {row[0]}, made by a newer Contactory; this one knows revisions"
            f" up to {all_revisions[-1]}: install the newer one."
        )
    return all_revisions[all_revisions.index(row[0]) + 1 :]


def _upgrade(url: str) -> list[str]:
    import sqlalchemy
    from sqlalchemy.exc import DBAPIError

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sqlalchemy.NullPool
    )
    try:
        with engine.begin() as transaction:
            return _upgrade_locked(transaction)
    except RoleError as error:
        raise MigrationError(str(error)) from error
    except psycopg.ProgrammingError as error:
        raise MigrationError(safe_message(error)) from error
    except DBAPIError as error:
        message = safe_message(error.orig) if isinstance(error.orig, psycopg.Error) else type(error).__name__
        raise MigrationError(f"The database cannot be migrated: {message}") from error


def _upgrade_locked(transaction: Transaction) -> list[str]:
    connection = transaction.connection.driver_connection
    assert isinstance(connection, Connection)  # noqa: S101 (that is what the engine's creator makes)
    connection.execute(_LOCK)
    missing = _missing(connection)
    if missing:
        ensure_application_role(connection)
        _run_alembic(transaction)
    return missing


def _run_alembic(transaction: Transaction) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = transaction
    command.upgrade(config, _HEAD)
