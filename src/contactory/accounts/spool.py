"""A file that is read more than once."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

STANDARD = "-"


@contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """Open a file. What can be read once only, such as the standard input, is copied to the disk first."""
    if name == STANDARD:
        with _copy(sys.stdin.buffer) as copy:
            yield copy
        return
    with Path(name).open("rb") as file:
        if file.seekable():
            yield file
            return
        with _copy(file) as copy:
            yield copy


@contextmanager
def _copy(given: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(given, copy)
        copy.seek(0)
        yield copy


class Watched:
    """A stream that tells how far it is read."""

    def __init__(self, stream: BinaryIO, tell: Callable[[int], None]) -> None:
        self._stream, self._tell, self._read = stream, tell, 0

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        self._read += len(piece)
        self._tell(self._read)
        return piece
