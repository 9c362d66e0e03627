"""Batches: the rows of a call that are written together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from typing import Final

import numpy as np

from contactory.columns.column import RowNumbers, RowSelection
from contactory.columns.jit import Ints
from contactory.core.write.lookup import KeyLookup

# Batch sizes; the last one repeats. The database writes a batch while the next ones are read
# (store/background.py), so the first is small: the database begins early. Each batch has a fixed cost.
BATCH_ROWS: Final = (500, 2500)
SLICE_ROWS: Final = 1250  # that are sent at once, where there is one batch


def make_batches(found: KeyLookup) -> list[RowSelection]:
    """Divide the rows that are not repeated into batches, each read while the database writes the one before.

    All rows for a record are in one batch. Rows that create come first; the others follow in the order of
    record ids, in which every writer locks records. There is one batch where rows depend on each other.
    """
    rows, targets = np.flatnonzero(~found.repeated), found.targets
    if targets is None:
        return [_as_range(rows)] if len(rows) else []
    is_new = targets.rows_of_new[rows]
    new, stored = rows[is_new], rows[~is_new]
    new = new[np.argsort(targets.record_of[new], kind="stable")]
    stored = stored[np.argsort(targets.row_ids[stored], kind="stable")]
    return [*_cut(new, targets.record_of), *_cut(stored, targets.record_of)]


def slices(rows: RowNumbers) -> Iterator[RowNumbers]:
    """Return slices of rows that are sent at once; the last may be shorter."""
    return (rows[start : start + SLICE_ROWS] for start in range(0, len(rows), SLICE_ROWS))


def _cut(rows: RowNumbers, record_of: Ints) -> Iterator[RowSelection]:
    start, left = 0, chain(BATCH_ROWS, repeat(BATCH_ROWS[-1]))
    while start < len(rows):
        end = min(start + next(left), len(rows))
        while end < len(rows) and record_of[rows[end]] == record_of[rows[end - 1]]:
            end += 1
        yield _as_range(rows[start:end])
        start = end


def _as_range(rows: RowNumbers) -> RowSelection:
    """Return consecutive rows as a range, which is cheaper to take."""
    return range(int(rows[0]), int(rows[-1]) + 1) if (np.diff(rows) == 1).all() else rows
