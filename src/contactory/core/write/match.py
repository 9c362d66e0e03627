"""Match: the record that each row refers to, by its ids and keys.

The rule is that of `in_order.py`: each row is matched against the keys as the rows before it leave them. Rows
that share no key and no record with another row do not depend on the order, and are matched all at once here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from contactory.columns.column import BytesColumn, Ids
from contactory.core.reach import not_owned
from contactory.core.write.in_order import InOrder
from contactory.core.write.matched import Matched
from contactory.core.write.names import Names, number_names
from contactory.core.write.targets import KeyChanges, KeyRow, Lookup, NewKeys, Targets, index_records
from contactory.model.bulk import RowKeys, Rows, WriteOptions
from contactory.model.fields import LARGEST_ID
from contactory.model.problems import Code, Problem

Mask = npt.NDArray[np.bool_]


def are_independent(options: WriteOptions, keys: RowKeys, lookup: Lookup) -> bool:
    """Tell whether rows have nothing but a key in one scheme, so that no row depends on another."""
    if keys.keys is None or keys.ids is not None or keys.fallback_keys:
        return False
    return lookup.is_exact and not (options.replace_key and keys.keys.field)


def match(
    options: WriteOptions, rows: Rows, lookup: Lookup, failed: Collection[int], *, in_order: bool = False
) -> Targets:
    """Return the targets of rows that were looked up, or of some of them.

    failed: rows that are not written, and so take no key. in_order: match all rows in order.
    """
    if not in_order and are_independent(options, rows, lookup):
        return match_independent(rows, lookup)
    if in_order or rows.keys is None or not lookup.is_exact or _share_schemes(lookup):
        return _index(rows, InOrder(options, rows, lookup, failed).match(range(rows.count)), lookup)
    names = number_names(rows, lookup)
    ids = _ids_of(rows)
    dependent = _find_dependent(names, ids)
    at_once = ~dependent
    at_once[[*failed]] = False
    matched = _match_at_once(options, rows, lookup, names, ids, at_once)
    if dependent.any():
        depend = _numbers(dependent)
        matched = matched.put(depend, InOrder(options, rows, lookup, failed).match(depend))
    settled = ~dependent & (matched.stored > 0)
    settled &= ((names.owners == matched.stored) | (names.numbers < 0)).all(axis=0)
    return _index(rows, matched, lookup)._replace(settled=settled)


def match_independent(rows: RowKeys, lookup: Lookup) -> Targets:
    """Match rows by their keys alone. Each row without a key has a record of its own."""
    names = number_names(rows, lookup)
    return Targets(*index_records(names.owners[0], names.first_rows), names.scheme_ids[0], {})


def _share_schemes(lookup: Lookup) -> bool:
    """Tell whether a scheme is that of two columns of keys."""
    columns = [{match.default for match in matches} for matches in (lookup.matches, *lookup.fallback_matches)]
    return any(one & other for one, other in combinations(columns, 2))


class _Ids(NamedTuple):
    """Ids that rows give. `values`: 0 for none, and for one that no record can have."""

    values: Ids
    are_given: Mask
    are_too_large: Mask


def _ids_of(rows: RowKeys) -> _Ids:
    given = rows.ids or [None] * rows.count
    return _Ids(
        np.array([id_ if id_ and 0 < id_ <= LARGEST_ID else 0 for id_ in given], np.int64),
        np.array([id_ is not None for id_ in given], bool),
        np.array([id_ is not None and id_ > LARGEST_ID for id_ in given], bool),
    )


def _find_dependent(names: Names, ids: _Ids) -> Mask:
    """Find the rows that share a key or a record with another row."""
    given = names.numbers >= 0
    uses = np.bincount(names.numbers[given], minlength=1)
    dependent = (given & (uses[names.numbers] > 1)).any(axis=0) | ids.are_too_large
    touched = np.vstack([ids.values, names.owners])
    for one, other in combinations(range(len(touched)), 2):
        touched[other][touched[other] == touched[one]] = 0
    records, times = np.unique(touched[touched > 0], return_counts=True)
    shared: Mask = np.logical_or.reduce(np.isin(touched, records[times > 1]))
    return dependent | shared


def _match_at_once(
    options: WriteOptions, rows: Rows, lookup: Lookup, names: Names, ids: _Ids, at_once: Mask
) -> Matched:
    """Match the rows `at_once`, of which no other row depends; the others get records of their own."""
    stored = np.where(np.isin(ids.values, [*lookup.ids]), ids.values, 0)
    open_ = ~ids.are_given
    has_first = np.isin(names.owners, [*lookup.have_first_key, *lookup.hidden])
    for column, owners in enumerate(names.owners):
        counts = open_ & (stored == 0) & (owners > 0)
        if column:
            counts &= (names.numbers[0] < 0) | ~has_first[column]
        stored = np.where(counts, owners, stored)
    hidden: Mask = at_once & np.isin(stored, [*lookup.hidden]) & (stored > 0)
    taken: Mask = at_once & ids.are_given & ((names.owners > 0) & (names.owners != stored)).any(axis=0)
    problems = {row: Problem(code=Code.ALREADY_EXISTS, kind=options.kind.label) for row in _numbers(taken)}
    problems |= dict.fromkeys(_numbers(hidden), not_owned(options.kind))
    written = at_once & ~hidden & ~taken & np.where(stored > 0, options.may_update, options.may_create)
    matched = Matched.of(stored, np.arange(rows.count), problems)
    _change_keys(options, rows, lookup, names, written, matched)
    return matched


def _change_keys(
    options: WriteOptions, rows: Rows, lookup: Lookup, names: Names, written: Mask, matched: Matched
) -> None:
    """Add to `matched` the keys that written rows add and drop, and those that belong to other records."""
    dropped = dict[tuple[int, int], None]()
    for keys, schemes, numbers, owners in zip(*names[:4], strict=True):
        named = written & (numbers >= 0)
        new = np.flatnonzero(named & (owners == 0) & (matched.stored == 0))
        matched.own.append(NewKeys(new.astype(np.int32), schemes[new], keys.texts.take(new)))
        added = np.flatnonzero(named & (owners == 0) & (matched.stored > 0))
        matched.added.extend(_rows(matched.stored[added], schemes[added], keys.texts.take(added).strings()))
        foreign = named & (owners > 0) & (owners != matched.stored)
        matched.foreign.extend((row, keys.field) for row in _numbers(foreign))
        if options.replace_key:
            loses = written & (matched.stored > 0) & (owners == 0)
            loses = loses & ((numbers >= 0) | _shows(rows, keys.field))
            dropped |= dict.fromkeys(
                zip(matched.stored[loses].tolist(), schemes[loses].tolist(), strict=True)
            )
    if dropped:
        held = lookup.held()
        matched.dropped.extend(name for name in dropped if name in held)


def _shows(rows: Rows, field: str) -> Mask:
    """Tell which rows give a field."""
    values = rows.columns.get(field)
    if values is None:
        return np.zeros(rows.count, bool)
    if isinstance(values, BytesColumn):
        return values.lengths >= 0
    return np.array([value is not None for value in values], bool)


def _rows(records: Ids, schemes: npt.NDArray[np.int32], keys: Sequence[str]) -> list[KeyRow]:
    return [*zip(records.tolist(), schemes.tolist(), keys, strict=True)]


def _numbers(mask: Mask) -> list[int]:
    return np.flatnonzero(mask).tolist()


def _index(rows: Rows, matched: Matched, lookup: Lookup) -> Targets:
    """Make the targets of matched rows: records get indices in place of the rows that create them."""
    record_of, ids, is_new = index_records(matched.stored, matched.creators)
    scheme_ids = np.zeros(0, np.int32)
    if rows.keys is not None:
        scheme_ids = np.array([match.default for match in lookup.matches], np.int32)[rows.keys.scheme_of]
    own = NewKeys.concatenate([NewKeys.of(()), *matched.own])
    changes = KeyChanges(
        own._replace(record_of=record_of[own.record_of]),
        [(int(record_of[row]), scheme, key) for row, scheme, key in matched.taken],
        matched.added,
        matched.dropped,
    )
    return Targets(record_of, ids, is_new, scheme_ids, matched.problems, changes, matched.foreign)
