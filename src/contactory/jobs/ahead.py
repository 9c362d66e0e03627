"""Rows of a job, of which the next chunk is read while one is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contactory.model.bulk import BulkWrite
from contactory.model.jobs import JobRows
from contactory.model.meanwhile import meanwhile
from contactory.model.problems import Problem


class RowsAhead:
    def __init__(self, rows: JobRows, total: int) -> None:
        self._rows = rows
        self._total = total
        self._next: tuple[range, Callable[[], BulkWrite]] | None = None

    def chunk(self, first: int, last: int, refused: Mapping[int, Problem]) -> BulkWrite:
        """Return the write of a chunk, and begin to read the chunk after it."""
        if self._next and self._next[0] == range(first, last):
            bulk = self._next[1]()
        else:
            bulk = self._rows.chunk(first, last, refused)
        following = range(last, min(2 * last - first, self._total))
        if following and (self._next is None or self._next[0] != following):
            read = self._rows.chunk
            self._next = following, meanwhile(lambda: read(following.start, following.stop, refused))
        return bulk
