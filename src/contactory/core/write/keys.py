"""Apply: ids of new records, and the keys of records that are created and changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from contactory.columns.column import Ids, RowNumbers, take
from contactory.core.write.targets import KeyChanges, NewKeys, Targets
from contactory.model.bulk import RowKeys, WriteOptions
from contactory.store import records
from contactory.store.creation import FurtherKeys, Identities, NewRecords
from contactory.store.database import Transaction

FirstAndFurther = tuple[Sequence[str | None], FurtherKeys | None]


def reserve(
    new: NewRecords, keys: RowKeys, targets: Targets, rows: RowNumbers, given: Mapping[int, int] = {}
) -> Identities:
    """Reserve ids for the records that rows create, one each, and insert the keys of these records. Those
    that have an id already are left out. Return what was inserted.

    given: ids of some records, by their index.
    """
    rows = rows[targets.row_ids[rows] == 0]
    new.reserve_ids(targets.ids, targets.record_of[rows], given)
    identities = _identities_of_new(keys, targets, rows)
    new.insert_identities(identities)
    return identities


def _identities_of_new(keys: RowKeys, targets: Targets, rows: RowNumbers) -> Identities:
    if targets.changes is not None:
        own = targets.changes.own
        return Identities(targets.ids[own.record_of], own.scheme_ids, own.keys)
    if keys.keys is None:
        return Identities.of(())
    identities = Identities(targets.row_ids[rows], targets.scheme_ids[rows], keys.keys.texts.take(rows))
    return identities.take(np.flatnonzero(identities.keys.lengths))


def keys_of_new(keys: RowKeys, targets: Targets) -> Callable[[RowNumbers], FirstAndFurther]:
    """Return a function that maps rows that create to the keys of their records: the first key of each, and
    the further ones, or None where no record has any."""
    changes = targets.changes
    if changes is None:
        given = keys.keys.keys if keys.keys else None
        return lambda rows: (take(given, rows) if given is not None else [""] * len(rows), None)
    record_of, scheme_ids, texts = NewKeys.concatenate([changes.own, NewKeys.of(changes.taken)])
    if not len(record_of):
        return lambda rows: ([""] * len(rows), None)
    is_first = np.zeros(len(record_of), bool)
    _, rows_of = np.unique(targets.record_of, return_index=True)
    firsts = np.flatnonzero(scheme_ids == targets.scheme_ids[rows_of][record_of])
    is_first[firsts[np.unique(record_of[firsts], return_index=True)[1]]] = True
    first = np.full(len(targets.ids), -1)
    first[record_of[is_first]] = np.flatnonzero(is_first)
    order = np.argsort(record_of, kind="stable")
    order = order[~is_first[order]]
    counts = np.bincount(record_of[order], minlength=len(targets.ids)).astype(np.int32)
    ends = np.cumsum(counts)

    def keys_of(rows: RowNumbers) -> FirstAndFurther:
        records = targets.record_of[rows]
        places = first[records]
        firsts = texts.take(places)
        firsts.lengths[places < 0] = 0
        if not len(order):
            return firsts, None
        starts = (ends - counts)[records]
        chosen = np.repeat(starts - np.cumsum(counts[records]) + counts[records], counts[records])
        further = texts.take(order[chosen + np.arange(len(chosen))])
        return firsts, FurtherKeys(further, counts[records])

    return keys_of


def change_keys(
    transaction: Transaction, options: WriteOptions, ids: Ids, changes: KeyChanges, locked: Ids
) -> Callable[[], Ids]:
    """Change the keys of stored records, and add those that new records take from them.

    ids: of records, by their index. locked: of all records that the write changes, which are locked first.
    Return a callable that returns the ids of the records whose keys change.
    """
    records.lock(transaction, options.kind, locked.tolist())
    dropped = dict.fromkeys(changes.dropped)
    if options.replace_key:  # Another write may have added keys since they were looked up: drop those, too.
        dropped |= dict.fromkeys((record, scheme) for record, scheme, _ in changes.added)
    taken = ((int(ids[record]), scheme, key) for record, scheme, key in changes.taken)
    changed_keys = [
        *((record, key) for record, _, key in changes.added),
        *((record, None) for record, _ in changes.dropped),
    ]
    records.change_keys(transaction, options.kind, [*dropped], [*changes.added, *taken], changed_keys)
    changed = np.array([record for record, _ in changed_keys], np.int64)
    return lambda: changed
