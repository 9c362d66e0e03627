"""Rows that say what was said last time: they are known by their digests, and left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import eq

from xxhash import xxh3_128_digest

from contactory.model.bulk import BulkWrite, Reference
from contactory.model.packed import take
from contactory.model.problems import Problem

Digests = Sequence[bytes | None]
"""Per row what stands for all that it says; None where it may not be known again by that."""


def find_digests(
    bulk: BulkWrite, said: Sequence[bytes], references: Mapping[Reference, int | Problem]
) -> Digests:
    """Digests of all that the rows have `said` and of what their references mean now."""
    digests: list[bytes | None] = list(said)
    for column in bulk.references.values():
        for row, reference in enumerate(column):
            if reference is not None:
                digests[row] = _refer(digests[row], references[reference])
    return digests


def find_repeated(targets: Sequence[int], stored: Mapping[int, bytes], digests: Digests) -> dict[int, int]:
    """The rows that change nothing, with their records' ids: those whose record was last written by a row
    of the same digest, and is meant by no other row of this call."""
    if not stored:
        return {}
    same = list(map(eq, map(stored.get, targets), digests))
    if not any(same):
        return {}
    if len(set(targets)) < len(targets):
        times = Counter(targets)
        same = [equal and times[target] == 1 for equal, target in zip(same, targets, strict=True)]
    # None may equal None: neither the row nor the record has a digest then.
    return {row: targets[row] for row, equal in enumerate(same) if equal and digests[row]}


def written_as(bulk: BulkWrite, rows: Sequence[int], digests: Digests | None) -> Digests | None:
    """The digests of `rows`, which are those of the write. A row that deletes an attribute's value has none:
    nothing on the record would tell that the attribute itself is gone, and that row wrong."""
    if digests is None:
        return None
    said = list(take(digests, rows))
    for column in bulk.attributes.values():
        for row in column.rows[column.values.lengths < 0].tolist():
            said[row] = None
    return said


def _refer(digest: bytes | None, record: int | Problem) -> bytes | None:
    if digest is None or isinstance(record, Problem):
        return None
    return xxh3_128_digest(digest + record.to_bytes(8))
