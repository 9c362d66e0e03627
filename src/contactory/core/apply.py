"""Apply: a plan is sent to the database slice by slice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from contactory.columns.column import BytesColumn, Ids, RowNumbers, take
from contactory.core.columns import read_columns
from contactory.core.digests import Digests, as_column
from contactory.core.plan import Plan, slices
from contactory.core.quiet_times import needs_stored
from contactory.core.resolve import Resolved
from contactory.core.targets import KeyChanges, KeyRow, Targets, creating_rows
from contactory.model.bulk import BulkWrite
from contactory.model.fields import FieldType, Kind, Mode
from contactory.store import records
from contactory.store.columns import Column
from contactory.store.creation import Identities, NewRecords
from contactory.store.database import Transaction
from contactory.store.records import RowValues

SLICE_ROWS = 3500  # of a write that is a single batch


class Update(NamedTuple):
    """An update of stored records by staged rows: their columns, the ids of the records, and a callable that
    returns the ids of those that differed."""

    columns: tuple[Column, ...]
    ids: Ids
    updated: Callable[[], Ids]


class Applied(NamedTuple):
    """The effects of a plan. `updated`: callables that return the ids of stored records that were written;
    each waits until its statement has run."""

    updated: list[Callable[[], Ids]]
    updates: list[Update]


def reserve_keys(
    bulk: BulkWrite, targets: Targets, rows: RowNumbers, new: NewRecords, given: Mapping[int, int] = {}
) -> Identities:
    """Reserve ids for the records that rows create, one each, and return the keys of these records.

    given: ids for the records of some rows, as in `NewRecords.reserve_ids`.
    """
    creating = creating_rows(targets.records[rows])
    new.reserve_ids(creating, given)
    if bulk.keys is None:
        return Identities.of(())
    identities = Identities(new.ids[creating], targets.scheme_ids[rows], bulk.keys.texts.take(rows))
    return identities.take(np.flatnonzero(identities.keys.lengths))


def apply(
    transaction: Transaction,
    bulk: BulkWrite,
    resolved: Resolved,
    plan: Plan,
    digests: Digests,
    new: NewRecords,
) -> Applied:
    """Send the plan.

    Rows go in slices, so that the database writes one while the next is prepared. Keys are inserted before
    records are locked, each in one order, so that writers do not deadlock.
    """
    targets, ids, applied = resolved.targets, resolved.targets.records, Applied([], [])
    if targets.changes is None:
        unreserved = plan.creates[new.ids[creating_rows(ids[plan.creates])] == 0]
        new.insert_identities(reserve_keys(bulk, targets, unreserved, new, resolved.given_ids))
    else:
        new.reserve_ids(creating_rows(ids[plan.creates]), resolved.given_ids)
        new.insert_identities(_identities(targets.changes.own, new))
    keys = _keys_of_new(bulk, targets)
    resolved = resolved.with_new(new.ids) if resolved.awaited else resolved
    for rows in slices(plan.creates, SLICE_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats, bulk.defaults)
        values = RowValues(*columns, _last_digests(digests, rows, plan.repeats))
        new.insert(values, new.ids[creating_rows(ids[rows])], *keys(rows))
    stored = _read_stored(transaction, bulk, resolved, plan)
    if targets.changes:
        applied.updated.extend(_change_keys(transaction, bulk, targets.changes, ids[plan.changes], new))
    for rows in slices(plan.changes, SLICE_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats, stored=stored)
        values = RowValues(*columns, _last_digests(digests, rows, plan.repeats))
        records.stage(transaction, bulk.kind, values, ids[rows])
        updated = records.update_staged(transaction, bulk.kind, columns.columns, ids[rows])
        applied.updated.append(updated)
        applied.updates.append(Update(columns.columns, ids[rows], updated))
    return applied


def renew_digests(transaction: Transaction, kind: Kind, updates: Iterable[Update]) -> None:
    """Store the digests of rows that have changed nothing, so that they are recognised next time.

    Most calls have no such rows, or their records have these digests already; so this is done after all rows
    are written, and only where there are any.
    """
    for update in updates:
        changed = [column for column in update.columns if column.mode is not Mode.INITIAL]
        if changed and len(update.updated()) < len(update.ids):
            records.renew_digests(transaction, kind, update.columns, update.ids)


def _keys_of_new(
    bulk: BulkWrite, targets: Targets
) -> Callable[[RowNumbers], tuple[Sequence[str], Sequence[Sequence[str]] | None]]:
    """Return a function that maps rows that create to the keys of their records: the first key of each, and
    the further ones, or None where no record has any."""
    changes = targets.changes
    if changes is None:
        given = bulk.keys.keys if bulk.keys else None
        return lambda rows: (take(given, rows) if given is not None else [""] * len(rows), None)
    scheme_of, first, further = targets.scheme_ids.tolist(), dict[int, str](), dict[int, list[str]]()
    for record, scheme_id, key in (*changes.own, *changes.taken):
        row = -1 - record  # as `creating_rows`
        if scheme_id == scheme_of[row]:
            first[row] = key
        else:
            further.setdefault(row, []).append(key)

    def keys(rows: RowNumbers) -> tuple[Sequence[str], Sequence[Sequence[str]] | None]:
        creating = rows.tolist()
        others = [further.get(row, ()) for row in creating] if further else None
        return [first.get(row, "") for row in creating], others

    return keys


def _change_keys(
    transaction: Transaction, bulk: BulkWrite, changes: KeyChanges, locked: Ids, new: NewRecords
) -> Iterator[Callable[[], Ids]]:
    """Change the keys of stored records, and add those that new records take from them.

    Yields a callable that returns the ids of the records whose keys change.
    """
    if not changes.dropped and not changes.added:
        return
    records.lock(transaction, bulk.kind, locked.tolist())
    dropped = dict.fromkeys(changes.dropped)
    if bulk.replace_key:  # Another write may have added keys since they were looked up: drop those, too.
        dropped |= dict.fromkeys((record, scheme) for record, scheme, _ in changes.added)
    added = [*changes.added, *_identities(changes.taken, new).rows()]
    changed_keys = [
        *((record, key) for record, _, key in changes.added),
        *((record, None) for record, _ in changes.dropped),
    ]
    records.change_keys(transaction, bulk.kind, [*dropped], added, changed_keys)
    changed = np.array([record for record, _ in changed_keys], np.int64)
    yield lambda: changed


def _identities(key_rows: Sequence[KeyRow], new: NewRecords) -> Identities:
    """Return keys of new records, with their ids in place of the pending ones."""
    identities = Identities.of(key_rows)
    return identities._replace(record_ids=new.ids[creating_rows(identities.record_ids)])


def _read_stored(
    transaction: Transaction, bulk: BulkWrite, resolved: Resolved, plan: Plan
) -> dict[str, dict[int, bytes]]:
    """Read the stored delivery paths that rows can only be folded onto, by field and by the first row for the
    record."""
    if not plan.repeats:
        return {}
    fields = [field for field in resolved.columns if bulk.kind.fields[field] is FieldType.PATHS]
    records_of = dict(
        zip(plan.changes.tolist(), resolved.targets.records[plan.changes].tolist(), strict=True)
    )
    stored = dict[str, dict[int, bytes]]()
    for field in fields:
        if bulk.modes.get(field, Mode.SET) not in (Mode.SET, Mode.REPLACE):
            continue
        given = resolved.columns[field]
        leads = [
            lead
            for lead, rows in plan.repeats.items()
            if lead in records_of and needs_stored([given[row] for row in rows])
        ]
        if leads:
            records.lock(transaction, bulk.kind, sorted(records_of.values()))
            ids = [records_of[lead] for lead in leads]
            found = records.read_documents(transaction, bulk.kind, field, ids)
            stored[field] = {lead: found.get(records_of[lead], b"[]") for lead in leads}
    return stored


def _last_digests(digests: Digests, leads: RowNumbers, repeats: dict[int, list[int]]) -> BytesColumn[bytes]:
    """Return the digest of the last row for each record."""
    if repeats:
        return as_column(digests[[repeats.get(lead, [lead])[-1] for lead in leads.tolist()]])
    return as_column(digests[leads])
