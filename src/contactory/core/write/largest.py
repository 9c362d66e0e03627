"""Resolve: maps that grow with every write, such as vars, have a maximum size. A row that would exceed it
fails."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from contactory.columns.column import BytesColumn
from contactory.columns.jit import Ints
from contactory.core.write.targets import Targets
from contactory.model.bulk import Rows, WriteOptions
from contactory.model.fields import Kind
from contactory.model.problems import Code, Problem
from contactory.store import records
from contactory.store.database import Transaction

_AT_ONCE: Final = 100  # maps that are read with one query
# Bytes of a map that may be written over a stored one that is as small: together they stay below every
# maximum, though PostgreSQL writes a number such as 1e300 with all its digits.
_SMALL: Final = 1000

Maps = dict[int, dict[str, Any]]
"""Maps by the index of their record."""


def find_too_large(
    transaction: Transaction, options: WriteOptions, rows: Rows, targets: Targets, failed: Collection[int]
) -> dict[int, Problem]:
    """Return a problem for each row whose map would be too large together with those of earlier rows and of
    the record itself."""
    problems: dict[int, Problem] = {}
    for field, most in options.largest.items():
        given = rows.columns.get(field, ())
        unsure = _find_unsure(transaction, options.kind, field, given, targets, failed)
        merged, exceeding = _merge(unsure, given, targets.record_of.tolist(), most)
        stored = {int(targets.ids[record]): map_ for record, map_ in merged.items() if targets.ids[record]}
        full = set(_find_full(transaction, options.kind, field, stored, most)) if stored else set()
        exceeding |= {row for row in unsure if int(targets.row_ids[row]) in full}
        reason = f"would have more than {most} bytes together with what is there"
        wrong = Problem(code=Code.BAD_VALUE, kind=options.kind.label, field=field, texts=(reason,))
        problems |= dict.fromkeys(exceeding, wrong)
    return problems


def _find_unsure(
    transaction: Transaction,
    kind: Kind,
    field: str,
    given: Sequence[bytes | None],
    targets: Targets,
    failed: Collection[int],
) -> list[int]:
    """Find the rows whose maps must be merged to know their size: all but those that give a record without a
    large map the only one, a small one."""
    lengths = _lengths(given)
    is_given = lengths >= 0
    if len(is_given):
        is_given[[*failed]] = False
    rows = np.flatnonzero(is_given)
    records_of = targets.record_of[rows]
    simple = (lengths[rows] <= _SMALL) & (np.bincount(records_of, minlength=1)[records_of] == 1)
    ids = targets.ids[records_of]
    stored = ids[simple & (ids > 0)]
    large = records.find_grown_maps(transaction, kind, field, stored, _SMALL) if len(stored) else set()
    unsure: list[int] = rows[~simple | np.isin(ids, [*large])].tolist()
    return unsure


def _lengths(given: Sequence[bytes | None]) -> Ints:
    """Return the lengths of values, -1 for None."""
    if isinstance(given, BytesColumn):
        return given.lengths
    return np.array([-1 if value is None else len(value) for value in given], np.int32)


def _merge(
    rows: Sequence[int], given: Sequence[Any], record_of: Sequence[int], most: int
) -> tuple[Maps, set[int]]:
    """Merge the maps that rows give each record; return also the rows that would make the result too
    large."""
    merged: Maps = {}
    sizes: dict[int, int] = {}
    exceeding = set[int]()
    for row in rows:
        record, map_ = record_of[row], msgspec.json.decode(given[row])
        earlier = merged.setdefault(record, {})
        size = sizes.get(record, 0) + sum(
            _size(key, value) - (_size(key, earlier[key]) if key in earlier else 0)
            for key, value in map_.items()
        )
        if size > most:
            exceeding.add(row)
        else:
            sizes[record] = size
            earlier |= map_
    return merged, exceeding


def _size(key: str, value: Any) -> int:
    return len(msgspec.json.encode((key, value)))


def _find_full(
    transaction: Transaction, kind: Kind, field: str, given: Mapping[int, dict[str, Any]], most: int
) -> Iterator[int]:
    """Yield the ids of records whose map would grow beyond its maximum size. The database finds candidates,
    and only these are read."""
    candidates = records.find_large_maps(transaction, kind, field, given, most)
    for start in range(0, len(candidates), _AT_ONCE):
        read = records.read_maps(transaction, kind, field, candidates[start : start + _AT_ONCE])
        for id_, stored in read.items():
            size = len(msgspec.json.encode(stored | given[id_]))
            if size > most and size > len(msgspec.json.encode(stored)):
                yield id_
