"""Errors of the database that are no defects, independent of the driver.

StoreError
  Contended     another transaction was first; retry
    Taken       it inserted a unique value that this one needs, perhaps for good
  Unavailable   the database does not answer
  Unfit         the service may not use the database as it is; the text tells why
  Overdue       the work took longer than a call may take
  Unstorable    the database cannot hold a value
  Unreadable    the database holds a value that cannot be read
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
    """Another transaction was first; a retry sees its changes."""


class Taken(Contended):
    """Another transaction inserted a unique value. If a retry fails in the same way, it is a conflict."""


class Unavailable(StoreError):
    """The database does not answer, or went away; nothing of the transaction was committed."""


class Unfit(StoreError):
    """Session that the service may not use, since it would not isolate organizations. The text tells why."""


class Overdue(StoreError):
    """The work took longer than a call may take; nothing of the transaction was committed."""

    def __init__(self) -> None:
        self.problem = deadline.overdue()
        super().__init__(f"it took more than {self.problem.value} seconds")


class Unstorable(StoreError):
    """Value that passed all checks and that the database cannot hold. The text is the database's."""


class Unreadable(StoreError):
    """A stored value cannot be read: a defect of the service, not a fault of the caller."""


class StorageFull(StoreError):
    """The database has no space to write; nothing of the transaction was committed."""


# Unique constraints on values that were free when the rows were resolved: a violation is a race. A violation
# of any other one may last.
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
    errors.ForeignKeyViolation,  # The row that it refers to was deleted meanwhile.
)
_OVERDUE: Final = (errors.QueryCanceled, errors.IdleInTransactionSessionTimeout)
_FULL: Final = (errors.DiskFull, errors.SequenceGeneratorLimitExceeded)
_BEYOND_LIMITS: Final = (  # class 54: limits that a value exceeds, such as one that is too long for an index
    errors.ProgramLimitExceeded,
    errors.StatementTooComplex,
    errors.TooManyColumns,
    errors.TooManyArguments,
)
# Classes of SQLSTATE whose message names tables, columns and constraints only. Values are in the detail and
# in the context; but messages of class 22 (data exceptions) contain the value itself.
_NAMES_ONLY: Final = frozenset(
    ["08", "0A", "23", "25", "28", "3D", "40", "42", "53", "54", "55", "57", "58", "XX"]
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise the driver's errors as StoreErrors. Errors that only a defect explains pass unchanged."""
    try:
        yield
    except psycopg.Error as error:
        found = _translate(error)
        if found is None:
            raise
        raise found from error


def _translate(error: psycopg.Error) -> StoreError | None:
    message = error.diag.message_primary
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
            return Unstorable(message or "the database cannot hold it")
        case errors.ReadOnlySqlTransaction():  # It has become a standby.
            return Unavailable()
        case psycopg.OperationalError() | psycopg.InterfaceError() | PoolTimeout():
            return Unavailable()
        case _:
            return None


def safe_message(error: psycopg.Error) -> str:
    """Return the database's message if it cannot contain values, else its code, if there is one."""
    state = error.sqlstate or ""
    if state[:2] in _NAMES_ONLY:
        return f"{error.diag.message_primary or ''} ({state})"
    # Without a code the connection has failed, and the message is the driver's.
    is_connection = isinstance(error, psycopg.OperationalError) and not state
    return " ".join(str(error).split()) if is_connection else state
