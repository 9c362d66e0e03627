"""The marker `alone`: tests that measure time or memory have the machine for themselves, also in parallel
runs."""

from __future__ import annotations

import fcntl
import math
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

# Any file can be locked, so no files need to be created for this.
_QUEUE: Final = Path(__file__).parent
_MACHINE: Final = Path(__file__)


def is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


def alone_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Order files, and the tests of each, so that a test that waits to be alone waits for no long test
    elsewhere."""
    files: defaultdict[Path, list[pytest.Item]] = defaultdict(list)
    for item in items:
        files[item.path].append(item)

    def others(file: list[pytest.Item]) -> float:
        return sum(not is_alone(item) for item in file) if any(map(is_alone, file)) else math.inf

    return [
        item
        for file in sorted(files.values(), key=others)
        for item in sorted(file, key=is_alone, reverse=True)
    ]


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
