"""Errors of the embedded database, as sentences for a person."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

INSTEAD: Final = "set CONTACTORY_DATABASE_URL to a PostgreSQL of your own"
_FULL: Final = ("No space left on device", "Disk quota exceeded")
_UNWRITABLE: Final = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR, errno.ELOOP)
_LAST_LINES: Final = 5


class EmbeddedError(Exception):
    """The embedded database cannot be used. The text is one line, and tells what to do where that is
    known."""


def failure(doing: str, output: str, root: Path) -> EmbeddedError:
    """Return the error of a step that failed. `output`: that of a PostgreSQL program and its log."""
    if any(sign in output for sign in _FULL):
        return EmbeddedError(f"The disk that holds {root} is full: free some space and start again.")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return EmbeddedError(
        f"{doing} in {root} failed: {' | '.join(lines[-_LAST_LINES:]) or 'there was no message'}"
    )


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Raise errors of the file system and of the first connections as EmbeddedError."""
    try:
        yield
    except OSError as error:
        if error.errno in _UNWRITABLE:
            raise EmbeddedError(
                f"The data directory {root} cannot be written ({error.filename}: {error.strerror}):"
                " give it to the user who runs this, or set CONTACTORY_DATA_DIR to another one."
            ) from error
        raise failure("Preparing the embedded database", str(error), root) from error
    except psycopg.Error as error:
        raise failure("Opening the embedded database", str(error), root) from error
