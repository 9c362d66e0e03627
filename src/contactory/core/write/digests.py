"""Digests of rows: a row whose digest equals that of its record's last write changes nothing and is
skipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from contactory.columns.column import BytesColumn, as_words
from contactory.columns.jit import Words
from contactory.core.write.matched import Record
from contactory.core.write.targets import Targets
from contactory.model.bulk import RowKeys, Rows
from contactory.model.keys import Reference
from contactory.model.problems import Problem
from contactory.store.schemes import StoredKeys

Digests = Words
"""Digest of each row, in two words; zeros for a row that has none and is never skipped."""

SIZE: Final = 16  # bytes


def find_digests(
    keys: RowKeys, row_digests: bytes, references: Mapping[Reference, Record | Problem]
) -> Digests:
    """Return digests of all that rows give: their `row_digests`, of 16 bytes each, combined with the ids of
    the records that they refer to now."""
    digests = as_words(row_digests)
    for field, column in keys.references.items():
        records = column.look_up(references)
        encoded = b"".join([_mark(field, record) for record in records])
        marks = as_words(encoded)
        missing = np.array([isinstance(record, Problem) for record in records], bool)
        unknown = missing[column.number_of] | ~digests.any(axis=1)
        digests = digests ^ marks[column.number_of]
        digests[unknown] = 0
    return digests


def no_digests(count: int) -> Digests:
    """Return the digests of rows that have none."""
    return np.zeros((count, 2), np.uint64)


def find_repeated(targets: Targets, stored_keys: StoredKeys, digests: Digests) -> npt.NDArray[np.bool_]:
    """Tell for each row whether it changes nothing: the last write of its record had the same digest, and no
    other row of the call has the same target or one of its keys."""
    repeated: npt.NDArray[np.bool_] = np.zeros(len(digests), bool)
    if not len(stored_keys.digest_of):
        return repeated
    ids = targets.row_ids
    order = np.argsort(stored_keys.digest_of)
    positions = np.searchsorted(stored_keys.digest_of, ids, sorter=order).clip(max=len(order) - 1)
    stored = order[positions]
    repeated = (stored_keys.digest_of[stored] == ids) & (stored_keys.digests[stored] == digests).all(axis=1)
    repeated &= digests.any(axis=1) & (np.bincount(targets.record_of)[targets.record_of] == 1)
    return repeated if targets.settled is None else repeated & targets.settled


def stored_digests(rows: Rows, digests: Digests) -> Digests:
    """Return the digests to store with the records that rows write.

    A row that deletes an attribute's value gets none: once the attribute itself is deleted the row is wrong,
    and its record would not show that.
    """
    for column in rows.attributes.values():
        deletes = column.values.lengths < 0
        if deletes.any():
            digests = digests.copy()
            digests[column.rows[deletes]] = 0
    return digests


def as_column(digests: Digests) -> BytesColumn[bytes]:
    """Return digests as they are stored: 16 bytes, or null for none."""
    lengths = np.where(digests.any(axis=1), np.int32(SIZE), np.int32(-1))
    starts = np.arange(0, SIZE * len(digests), SIZE, dtype=np.int32)
    return BytesColumn(np.ascontiguousarray(digests).view(np.uint8).reshape(-1), starts, lengths)


def _mark(field: str, record: Record | Problem | None) -> bytes:
    """Return bytes that distinguish the digests of rows that refer to different records."""
    return bytes(SIZE) if record is None else xxh3_128_digest(f"{field} {record}".encode())
