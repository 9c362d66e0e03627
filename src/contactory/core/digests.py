"""Rows that say what was said last time: they are known by their digests, and left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from contactory.columns.column import BytesColumn, Ids
from contactory.columns.jit import Words
from contactory.model.bulk import BulkWrite, Reference
from contactory.model.problems import Problem
from contactory.store.schemes import Found

Digests = Words
"""Per row what stands for all that it says, in two words; zeros where it may not be known again by that."""

SIZE: Final = 16  # bytes


def find_digests(bulk: BulkWrite, said: bytes, references: Mapping[Reference, int | Problem]) -> Digests:
    """Digests of all that the rows have `said` and of what their references mean now."""
    digests = np.frombuffer(said, np.uint64).reshape(-1, 2)
    for field, column in bulk.references.items():
        meant = column.meanings(references)
        marks = np.frombuffer(b"".join([_mark(field, record) for record in meant]), np.uint64).reshape(-1, 2)
        missing = np.array([isinstance(record, Problem) for record in meant], bool)
        unknown = missing[column.number_of] | ~digests.any(axis=1)
        digests = digests ^ marks[column.number_of]
        digests[unknown] = 0
    return digests


def no_digests(count: int) -> Digests:
    """Of rows that may not be known again."""
    return np.zeros((count, 2), np.uint64)


def find_repeated(targets: Ids, found: Found, digests: Digests) -> npt.NDArray[np.bool_]:
    """Which rows change nothing: those whose record was last written by a row of the same digest, and is
    meant by no other row of this call."""
    repeated: npt.NDArray[np.bool_] = np.zeros(len(targets), bool)
    if not len(found.digest_of):
        return repeated
    order = np.argsort(found.digest_of)
    places = np.searchsorted(found.digest_of, targets, sorter=order).clip(max=len(order) - 1)
    stored = order[places]
    repeated = (found.digest_of[stored] == targets) & (found.digests[stored] == digests).all(axis=1)
    if repeated.any():
        _, numbers, times = np.unique(targets, return_inverse=True, return_counts=True)
        repeated &= times[numbers] == 1
    repeated &= digests.any(axis=1)
    return repeated


def written_as(bulk: BulkWrite, digests: Digests) -> Digests:
    """The digests of what rows write. One that deletes an attribute's value has none: nothing on the record
    would tell that the attribute itself is gone, and that row wrong."""
    for column in bulk.attributes.values():
        deletes = column.values.lengths < 0
        if deletes.any():
            digests = digests.copy()
            digests[column.rows[deletes]] = 0
    return digests


def as_column(digests: Digests) -> BytesColumn[bytes]:
    """As they are stored."""
    lengths = np.where(digests.any(axis=1), np.int32(SIZE), np.int32(-1))
    starts = np.arange(0, SIZE * len(digests), SIZE, dtype=np.int32)
    return BytesColumn(np.ascontiguousarray(digests).view(np.uint8).reshape(-1), starts, lengths)


def _mark(field: str, record: int | Problem | None) -> bytes:
    """What tells digests of rows apart that refer to other records."""
    return bytes(SIZE) if record is None else xxh3_128_digest(f"{field} {record}".encode())
