"""Errors that the database may answer and that are nobody's defect, without the driver's names.

StoreError
  Contended     another transaction was first; do it again
    Taken       and what it took may be what this one wants for good
  Unavailable   the database does not answer
  Unfit         the service may not use the database as it is; says why
  Overdue       the work took longer than a call may take
  Unstorable    the database cannot hold a value
  Unreadable    the database holds what cannot be read
  StorageFull   the database cannot write
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import errors
from psycopg_pool import PoolTimeout

from contactory.model import deadline


class StoreError(Exception):
    pass


class Contended(StoreError):
    """Another transaction was first; the same work done again will see what it did."""


class Taken(Contended):
    """Another transaction took what must be one of a kind. Where that stays so, it is a conflict."""


class Unavailable(StoreError):
    """The database does not answer, or went away; nothing of the transaction was kept."""


class Unfit(StoreError):
    """A session that the service may not use, since it would not keep organizations apart; says why."""


class Overdue(StoreError):
    """The work took longer than a call may take; nothing of the transaction was kept."""

    def __init__(self) -> None:
        self.problem = deadline.overdue()
        super().__init__(f"it took more than {self.problem.value} seconds")


class Unstorable(StoreError):
    """A value that no check has found wrong and the database cannot hold; says what the database says."""


class Unreadable(StoreError):
    """Something that was stored cannot be read: a defect of ours, whoever asked for it."""


class StorageFull(StoreError):
    """The database has no room to write; nothing of the transaction was kept."""


# Keys that were free when the rows were resolved. Of another one nobody knows whether it will be free again.
_RACES: Final = (
    "identities_rows_pkey",
    "jobs_retries",
    "schemes_pkey",
    "directory_organization_id_kind_name_key",
)
_CONTENDED: Final = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.ForeignKeyViolation,  # What it refers to was deleted meanwhile.
)
_OVERDUE: Final = (errors.QueryCanceled, errors.IdleInTransactionSessionTimeout)
_FULL: Final = (errors.DiskFull, errors.SequenceGeneratorLimitExceeded)
_BEYOND_LIMITS: Final = (  # class 54: of a value, such as one that is too long for an index
    errors.ProgramLimitExceeded,
    errors.StatementTooComplex,
    errors.TooManyColumns,
    errors.TooManyArguments,
)
# Classes of SQLSTATE whose message names tables, columns and constraints only. Rows are in the detail and in
# the context; messages of class 22 (data exceptions) repeat the value itself.
_NAMES_ONLY: Final = frozenset(
    ["08", "0A", "23", "25", "28", "3D", "40", "42", "53", "54", "55", "57", "58", "XX"]
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise the driver's errors as ours. Those that only a defect explains pass as they are."""
    try:
        yield
    except psycopg.Error as error:
        found = _translate(error)
        if found is None:
            raise
        raise found from error


def _translate(error: psycopg.Error) -> StoreError | None:
    said = error.diag.message_primary
    match error:
        case errors.UniqueViolation():
            return Contended() if error.diag.constraint_name in _RACES else Taken()
        case _ if isinstance(error, _CONTENDED):
            return Contended()
        case _ if isinstance(error, _OVERDUE):
            return Overdue()
        case _ if isinstance(error, _FULL):
            return StorageFull()
        case _ if isinstance(error, (*_BEYOND_LIMITS, psycopg.DataError)):
            return Unstorable(said or "the database cannot hold it")
        case errors.ReadOnlySqlTransaction():  # It has become a copy of another one.
            return Unavailable()
        case psycopg.OperationalError() | psycopg.InterfaceError() | PoolTimeout():
            return Unavailable()
        case _:
            return None


def say_names(error: psycopg.Error) -> str:
    """Return what the database said, as far as it cannot have values in it; at least its code, where it gave
    one."""
    state = error.sqlstate or ""
    if state[:2] in _NAMES_ONLY:
        return f"{error.diag.message_primary or ''} ({state})"
    # Without a state it is the connection that failed, of which the driver speaks.
    is_connection = isinstance(error, psycopg.OperationalError) and not state
    return " ".join(str(error).split()) if is_connection else state
