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
    """Open a file. One that can be read only once, such as the standard input, is copied to the disk
    first."""
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
def _copy(stream: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy


class CountedStream:
    """A stream that calls `advance` with the number of bytes read."""

    def __init__(self, stream: BinaryIO, advance: Callable[[int], None]) -> None:
        self._stream, self._advance, self._read = stream, advance, 0

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        self._read += len(piece)
        self._advance(self._read)
        return piece
