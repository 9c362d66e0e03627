"""Which rows of a call are written together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Final

from contactory.core.survey import Survey

# Sizes of parts, of which the last goes on. Each costs something, so new rows are as many as can be on their
# way at once (store/database.py), since the driver sends the rest only with the next call; the first are more, as
# the database is still busy with the keys. Of known rows the first are fewer, so that it begins early.
NEW_ROWS: Final = (2100, 1400)
KNOWN_ROWS: Final = (500, 1000, 2900)


def split(found: Survey) -> list[Sequence[int]]:
    """The rows to write in parts, each to be read while the database writes the one before, with all rows for
    a record in one part: those for new records, and those for known ones in the order in which every writer
    locks them. One part where rows bear on each other."""
    rows = [row for row in range(found.bulk.count) if row not in found.repeated]
    if not found.names.known.apart:
        return [rows] if rows else []
    records = found.targets.records
    new = sorted((row for row in rows if records[row] < 0), key=records.__getitem__, reverse=True)
    known = sorted((row for row in rows if records[row] > 0), key=records.__getitem__)
    return [*_cut(new, records, NEW_ROWS), *_cut(known, records, KNOWN_ROWS)]


def _cut(rows: Sequence[int], records: Sequence[int], sizes: Sequence[int]) -> Iterator[Sequence[int]]:
    start, left = 0, chain(sizes, repeat(sizes[-1]))
    while start < len(rows):
        end = min(start + next(left), len(rows))
        while end < len(rows) and records[rows[end]] == records[rows[end - 1]]:
            end += 1
        yield _as_range(rows[start:end])
        start = end


def _as_range(rows: Sequence[int]) -> Sequence[int]:
    """Rows that follow each other, as they often do, are taken in one piece."""
    following = range(rows[0], rows[0] + len(rows))
    return following if rows == list(following) else rows
