"""Which rows of a call are written together."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final

from contactory.core.identities import Known, Targets
from contactory.core.plan import by_key
from contactory.model.bulk import BulkWrite

PART_ROWS: Final = 2000


def count_new(known: Known, targets: Targets) -> int:
    """How many records rows may create that do not bear on each other."""
    return len({target for target in targets.records if target < 0}) if known.apart else 0


def split(bulk: BulkWrite, known: Known, targets: Targets, repeated: Container[int]) -> list[Sequence[int]]:
    """The rows to write in parts, each to be read while the database writes the one before: in the order in
    which every writer takes its locks, with all rows for a record in one part. One part where rows bear on
    each other."""
    rows = [row for row in range(bulk.count) if row not in repeated]
    if not known.apart:
        return [rows] if rows else []
    records = targets.records
    new = by_key(bulk, targets.scheme_ids, [row for row in rows if records[row] < 0])
    ordered = new + sorted((row for row in rows if records[row] > 0), key=records.__getitem__)
    parts, start = list[Sequence[int]](), 0
    while start < len(ordered):
        end = min(start + PART_ROWS, len(ordered))
        while end < len(ordered) and records[ordered[end]] == records[ordered[end - 1]]:
            end += 1
        parts.append(ordered[start:end])
        start = end
    return parts
