"""Batches: the rows of a call that are written together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Final

import numpy as np

from contactory.columns.column import Ids, RowNumbers, RowSelection
from contactory.core.key_lookup import KeyLookup
from contactory.core.targets import creating_rows

# Batch sizes; the last one repeats. Each batch has a fixed cost, so a batch of new rows has as many as the
# send buffer holds (store/database.py): the driver sends the rest only with the next call. The first batches
# of stored records are smaller, so that the database begins early.
NEW_ROWS: Final = (2000,)
STORED_ROWS: Final = (500, 2000, 7500)


def make_batches(found: KeyLookup) -> list[RowSelection]:
    """Divide the rows that are not repeated into batches, each read while the database writes the one before.

    All rows for a record are in one batch. Rows that create come first; the others follow in the order of
    record ids, in which every writer locks records. There is one batch where rows depend on each other.
    """
    rows = np.flatnonzero(~found.repeated)
    if not found.names.lookup.rows_independent:
        return [rows] if len(rows) else []
    records = found.targets.records
    new, stored = rows[records[rows] < 0], rows[records[rows] > 0]
    new = new[np.argsort(creating_rows(records[new]), kind="stable")]
    stored = stored[np.argsort(records[stored], kind="stable")]
    return [*_cut(new, records, NEW_ROWS), *_cut(stored, records, STORED_ROWS)]


def _cut(rows: RowNumbers, records: Ids, sizes: Sequence[int]) -> Iterator[RowSelection]:
    start, left = 0, chain(sizes, repeat(sizes[-1]))
    while start < len(rows):
        end = min(start + next(left), len(rows))
        while end < len(rows) and records[rows[end]] == records[rows[end - 1]]:
            end += 1
        yield _as_range(rows[start:end])
        start = end


def _as_range(rows: RowNumbers) -> RowSelection:
    """Return consecutive rows as a range, which is cheaper to take."""
    return range(int(rows[0]), int(rows[-1]) + 1) if (np.diff(rows) == 1).all() else rows
