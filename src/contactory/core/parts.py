"""Which rows of a call are written together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Final

import numpy as np

from contactory.columns.column import Ids, RowNumbers, RowSelection
from contactory.core.survey import Survey
from contactory.core.targets import made_by

# Sizes of parts, of which the last goes on. Each costs something, so new rows are as many as can be on their
# way at once (store/database.py), since the driver sends the rest only with the next call. Of known rows the
# first are fewer, so that the database begins early.
NEW_ROWS: Final = (2000,)
KNOWN_ROWS: Final = (500, 2000, 7500)


def split(found: Survey) -> list[RowSelection]:
    """The rows to write in parts, each to be read while the database writes the one before, with all rows for
    a record in one part: those for new records, and those for known ones in the order in which every writer
    locks them. One part where rows bear on each other."""
    rows = np.flatnonzero(~found.repeated)
    if not found.names.known.apart:
        return [rows] if len(rows) else []
    records = found.targets.records
    new, known = rows[records[rows] < 0], rows[records[rows] > 0]
    new = new[np.argsort(made_by(records[new]), kind="stable")]
    known = known[np.argsort(records[known], kind="stable")]
    return [*_cut(new, records, NEW_ROWS), *_cut(known, records, KNOWN_ROWS)]


def _cut(rows: RowNumbers, records: Ids, sizes: Sequence[int]) -> Iterator[RowSelection]:
    start, left = 0, chain(sizes, repeat(sizes[-1]))
    while start < len(rows):
        end = min(start + next(left), len(rows))
        while end < len(rows) and records[rows[end]] == records[rows[end - 1]]:
            end += 1
        yield _as_range(rows[start:end])
        start = end


def _as_range(rows: RowNumbers) -> RowSelection:
    """Rows that follow each other, as they often do, are taken in one piece."""
    return range(int(rows[0]), int(rows[-1]) + 1) if (np.diff(rows) == 1).all() else rows
