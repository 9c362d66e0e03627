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

_TAKEN_MEANWHILE: Final = ("identities_rows_pkey", "jobs_retries", "directory_organization_id_kind_name_key")


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


@contextmanager
def translated() -> Iterator[None]:
    """Raise the driver's errors as ours. Those that only a defect explains pass as they are."""
    try:
        yield
    except (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable) as error:
        raise Contended from error
    except errors.UniqueViolation as error:
        # A key or a name that was free when the rows were resolved is taken now.
        if error.diag.constraint_name in _TAKEN_MEANWHILE:
            raise Contended from error
        raise
    except psycopg.DataError as error:
        raise Unstorable(error.diag.message_primary or "the database cannot hold it") from error
    except errors.DiskFull as error:
        raise StorageFull from error
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
        raise Unavailable from error
