"""What the database may answer that is nobody's mistake, without the driver's names.

StoreError
  Contended     another transaction was first; do it again
  Unavailable   the database does not answer
  Unstorable    the database cannot hold a value
  StorageFull   the database cannot write
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import errors
from psycopg_pool import PoolTimeout


class StoreError(Exception):
    pass


class Contended(StoreError):
    """Another transaction was first; the same work done again will see what it did."""


class Unavailable(StoreError):
    """The database does not answer, or went away; nothing of the transaction was kept."""


class Unstorable(StoreError):
    """A value that no check has found wrong and the database cannot hold; says what the database says."""


class StorageFull(StoreError):
    """The database has no room to write; nothing of the transaction was kept."""


# Classes of SQLSTATE whose message names tables, columns and constraints only. Rows are in the detail and in
# the context; messages of class 22 (data exceptions) repeat the value itself.
_NAMES_ONLY: Final = frozenset(
    ["08", "0A", "23", "25", "28", "3D", "40", "42", "53", "54", "55", "57", "58", "XX"]
)


def say_names(error: psycopg.Error) -> str:
    """What the database said, as far as it cannot have values in it; at least its code, where it gave one."""
    state = error.sqlstate or ""
    if state[:2] in _NAMES_ONLY:
        return f"{error.diag.message_primary or ''} ({state})"
    # Without a state it is the connection that failed, of which the driver speaks.
    is_connection = isinstance(error, psycopg.OperationalError) and not state
    return " ".join(str(error).split()) if is_connection else state


@contextmanager
def translated() -> Iterator[None]:
    """Raise the driver's errors as ours. Those that only a defect explains pass as they are."""
    try:
        yield
    except (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable) as error:
        raise Contended from error
    except errors.UniqueViolation as error:
        # A key that was free when the rows were resolved is taken now.
        if error.diag.constraint_name in ("identities_rows_pkey", "jobs_retries"):
            raise Contended from error
        raise
    except psycopg.DataError as error:
        raise Unstorable(error.diag.message_primary or "the database cannot hold it") from error
    except errors.DiskFull as error:
        raise StorageFull from error
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
        raise Unavailable from error
