"""Apply: a plan is sent to the database slice by slice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from contactory.columns.column import BytesColumn, Ids, RowNumbers
from contactory.core.write.batches import slices
from contactory.core.write.columns import read_columns
from contactory.core.write.digests import Digests, as_column
from contactory.core.write.keys import change_keys, keys_of_new, reserve
from contactory.core.write.plan import Plan
from contactory.core.write.quiet_times import needs_stored
from contactory.core.write.resolve import Resolved
from contactory.model.bulk import Rows, WriteOptions
from contactory.model.fields import FieldType, Kind, Mode
from contactory.store import records
from contactory.store.columns import Column
from contactory.store.creation import NewRecords
from contactory.store.database import Transaction
from contactory.store.records import RowValues


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


def apply(
    transaction: Transaction,
    options: WriteOptions,
    rows: Rows,
    resolved: Resolved,
    plan: Plan,
    digests: Digests,
) -> Applied:
    """Send the plan.

    Rows go in slices, so that the database writes one while the next is prepared. Keys are inserted before
    records are locked, each in one order, so that writers do not deadlock.
    """
    targets, applied = resolved.targets, Applied([], [])
    new = NewRecords(transaction, options.kind)
    reserve(new, rows, targets, plan.creates, resolved.given_ids)
    resolved = resolved.with_new() if resolved.awaited else resolved
    keys = keys_of_new(rows, targets)
    for creating in slices(plan.creates):
        columns = read_columns(options, rows.count, resolved, creating, plan.repeats, options.defaults)
        values = RowValues(*columns, _last_digests(digests, creating, plan.repeats))
        new.insert(values, targets.row_ids[creating], *keys(creating))
    stored = _read_stored(transaction, options, resolved, plan)
    changes, ids = targets.changes, targets.row_ids[plan.changes]
    if changes and (changes.dropped or changes.added):
        applied.updated.append(change_keys(transaction, options, targets.ids, changes, ids))
    for changing in slices(plan.changes):
        columns = read_columns(options, rows.count, resolved, changing, plan.repeats, stored=stored)
        values = RowValues(*columns, _last_digests(digests, changing, plan.repeats))
        ids = targets.row_ids[changing]
        records.stage(transaction, options.kind, values, ids)
        updated = records.update_staged(transaction, options.kind, columns.columns, ids)
        applied.updated.append(updated)
        applied.updates.append(Update(columns.columns, ids, updated))
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


def _read_stored(
    transaction: Transaction, options: WriteOptions, resolved: Resolved, plan: Plan
) -> dict[str, dict[int, bytes]]:
    """Read the stored delivery paths that rows can only be folded onto, by field and by the first row for the
    record."""
    if not plan.repeats:
        return {}
    kind = options.kind
    fields = [field for field in resolved.columns if kind.fields[field] is FieldType.PATHS]
    ids_of = dict(zip(plan.changes.tolist(), resolved.targets.row_ids[plan.changes].tolist(), strict=True))
    stored = dict[str, dict[int, bytes]]()
    for field in fields:
        if options.modes.get(field, Mode.SET) not in (Mode.SET, Mode.REPLACE):
            continue
        given: Sequence[bytes | None] = resolved.columns[field]
        leads = [
            lead
            for lead, rows in plan.repeats.items()
            if lead in ids_of and needs_stored([given[row] for row in rows])
        ]
        if leads:
            records.lock(transaction, kind, sorted(ids_of.values()))
            found = records.read_documents(transaction, kind, field, [ids_of[lead] for lead in leads])
            stored[field] = {lead: found.get(ids_of[lead], b"[]") for lead in leads}
    return stored


def _last_digests(digests: Digests, leads: RowNumbers, repeats: dict[int, list[int]]) -> BytesColumn[bytes]:
    """Return the digest of the last row for each record."""
    if repeats:
        return as_column(digests[[repeats.get(lead, [lead])[-1] for lead in leads.tolist()]])
    return as_column(digests[leads])


def all_updates(applied: Iterable[Applied]) -> Iterable[Update]:
    return (update for each in applied for update in each.updates)
