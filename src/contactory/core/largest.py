"""Resolve: maps that grow with every write, such as vars, have a maximum size. A row that would exceed it
fails."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from contactory.columns.column import BytesColumn, Ids
from contactory.model.bulk import BulkWrite
from contactory.model.problems import Code, Problem
from contactory.store import records
from contactory.store.database import Transaction

_AT_ONCE: Final = 100  # maps that are read with one query

Maps = dict[int, dict[str, Any]]


def find_too_large(
    transaction: Transaction, bulk: BulkWrite, targets: Ids, failed: Container[int]
) -> dict[int, Problem]:
    """Return a problem for each row whose map would be too large together with those of earlier rows and of
    the record itself."""
    problems: dict[int, Problem] = {}
    for field, most in bulk.largest.items():
        given = bulk.columns.get(field, ())
        rows = _find_unclear(transaction, bulk, field, targets, most)
        rows = [row for row in rows if row not in failed]
        merged, exceeding = _merge(rows, given, targets.tolist(), most)
        stored = {target: map_ for target, map_ in merged.items() if target > 0}
        full = set(_find_full(transaction, bulk, field, stored, most)) if stored else set()
        exceeding |= {row for row in rows if targets[row] in full}
        reason = f"would have more than {most} bytes together with what is there"
        wrong = Problem(code=Code.BAD_VALUE, kind=bulk.kind.label, field=field, texts=(reason,))
        problems |= dict.fromkeys(exceeding, wrong)
    return problems


def _find_unclear(
    transaction: Transaction, bulk: BulkWrite, field: str, targets: Ids, most: int
) -> Sequence[int]:
    """Return the rows whose maps must be merged to know whether they are too large: of records for which all
    rows together, or what is stored, have more than half of the size."""
    sizes = _sizes(bulk.columns.get(field, ()))
    rows = np.flatnonzero(sizes >= 0)
    records_of, numbers = np.unique(targets[rows], return_inverse=True)
    # Keys and values are counted one by one (see `_size`), which comes to less than twice the size.
    are_unclear = np.bincount(numbers, sizes[rows], len(records_of)) > most // 4
    stored = records_of[(records_of > 0) & ~are_unclear]
    if len(stored):
        half_full = records.find_half_full_maps(transaction, bulk.kind, field, stored, most)
        are_unclear |= np.isin(records_of, half_full)
    unclear: list[int] = rows[are_unclear[numbers]].tolist()
    return unclear


def _sizes(maps: Sequence[bytes | None]) -> npt.NDArray[np.integer]:
    """Return the size of each map, -1 for None."""
    if isinstance(maps, BytesColumn):
        return maps.lengths
    return np.array([-1 if map_ is None else len(map_) for map_ in maps], np.int32)


def _merge(
    rows: Sequence[int], given: Sequence[Any], targets: Sequence[int], most: int
) -> tuple[Maps, set[int]]:
    """Merge the maps that rows give each record; return also the rows that would make the result too
    large."""
    merged: Maps = {}
    sizes: dict[int, int] = {}
    exceeding = set[int]()
    for row in rows:
        target, map_ = targets[row], msgspec.json.decode(given[row])
        earlier = merged.setdefault(target, {})
        size = sizes.get(target, 0) + sum(
            _size(key, value) - (_size(key, earlier[key]) if key in earlier else 0)
            for key, value in map_.items()
        )
        if size > most:
            exceeding.add(row)
        else:
            sizes[target] = size
            earlier |= map_
    return merged, exceeding


def _size(key: str, value: Any) -> int:
    return len(msgspec.json.encode((key, value)))


def _find_full(
    transaction: Transaction, bulk: BulkWrite, field: str, given: Maps, most: int
) -> Iterator[int]:
    """Yield the records whose map would grow beyond its maximum size. The database finds candidates, and only
    these are read."""
    candidates = records.find_large_maps(transaction, bulk.kind, field, given, most)
    for start in range(0, len(candidates), _AT_ONCE):
        read = records.read_maps(transaction, bulk.kind, field, candidates[start : start + _AT_ONCE])
        for id_, stored in read.items():
            size = len(msgspec.json.encode(stored | given[id_]))
            if size > most and size > len(msgspec.json.encode(stored)):
                yield id_
