"""Tests that measure time or memory have the machine for themselves, also where tests run in parallel."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# Any file can be locked, so these need not be made anywhere.
_QUEUE: Final = Path(__file__).parent
_MACHINE: Final = Path(__file__)


@contextmanager
def machine(*, alone: bool) -> Iterator[None]:
    """Hold the machine, alone or beside others.

    The queue is held while one waits, because a test that waits to be alone would otherwise wait until
    all the others have ended.
    """
    with _opened(_QUEUE) as queue, _opened(_MACHINE) as held:
        fcntl.flock(queue, fcntl.LOCK_EX)
        fcntl.flock(held, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(queue, fcntl.LOCK_UN)
        try:
            yield
        finally:
            # Closing it is not enough where a process that the test forked is still there.
            fcntl.flock(held, fcntl.LOCK_UN)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
