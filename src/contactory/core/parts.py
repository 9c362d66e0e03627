"""Which rows of a call are written together."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Final

from contactory.core.identities import Known, Targets
from contactory.core.plan import by_key
from contactory.model.bulk import BulkWrite

# Of new rows as many as fit into the socket: the driver sends the rest only with the next call.
NEW_ROWS: Final = 700
KNOWN_ROWS: Final = 2500


def count_new(known: Known, targets: Targets) -> int:
    """How many records rows may create that do not bear on each other."""
    return len({target for target in targets.records if target < 0}) if known.apart else 0


def split(bulk: BulkWrite, stored: Known, targets: Targets, repeated: Container[int]) -> list[Sequence[int]]:
    """The rows to write in parts, each to be read while the database writes the one before: in the order in
    which every writer takes its locks, with all rows for a record in one part. One part where rows bear on
    each other."""
    rows = [row for row in range(bulk.count) if row not in repeated]
    if not stored.apart:
        return [rows] if rows else []
    records = targets.records
    new = by_key(bulk, targets.scheme_ids, [row for row in rows if records[row] < 0])
    known = sorted((row for row in rows if records[row] > 0), key=records.__getitem__)
    return [*_cut(new, records, NEW_ROWS), *_cut(known, records, KNOWN_ROWS)]


def _cut(rows: Sequence[int], records: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    start = 0
    while start < len(rows):
        end = min(start + size, len(rows))
        while end < len(rows) and records[rows[end]] == records[rows[end - 1]]:
            end += 1
        yield rows[start:end]
        start = end
