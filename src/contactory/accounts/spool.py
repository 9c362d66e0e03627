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
    """Open a file, or a copy of the standard input that is on the disk and not in memory."""
    if name != STANDARD and Path(name).is_file():
        with Path(name).open("rb") as file:
            yield file
        return
    with (
        sys.stdin.buffer if name == STANDARD else Path(name).open("rb") as given,
        tempfile.TemporaryFile() as copy,
    ):
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
