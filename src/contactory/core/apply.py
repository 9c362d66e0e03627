"""Apply: what was planned, sent to the database chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from contactory.columns.column import BytesColumn, Ids, RowNumbers, take
from contactory.core.columns import read_columns
from contactory.core.digests import Digests, as_column
from contactory.core.plan import Plan, chunks
from contactory.core.quiet_times import needs_stored
from contactory.core.resolve import Resolved
from contactory.core.targets import KeyChanges, Link, Targets, made_by
from contactory.model.bulk import BulkWrite
from contactory.model.fields import FieldType, Kind, Mode
from contactory.store import records
from contactory.store.columns import Column
from contactory.store.creation import Identities, NewRecords
from contactory.store.database import Transaction
from contactory.store.records import Given

CHUNK_ROWS = 3500  # where a write comes in one part


class Update(NamedTuple):
    """Staged rows that known records were updated with: their columns, the ids of the records, and what
    answers the ids of those that differed."""

    columns: tuple[Column, ...]
    ids: Ids
    written: Callable[[], Ids]


class Applied(NamedTuple):
    """`written`: what answers the ids of the known records that were written, whatever of them."""

    written: list[Callable[[], Ids]]
    updates: list[Update]


def claim(
    bulk: BulkWrite, targets: Targets, rows: RowNumbers, new: NewRecords, given: Mapping[int, int] = {}
) -> Identities:
    """Ids for the records that rows make, one each; answers the keys that they come with. `given`: as
    `reserve` has it."""
    makers = made_by(targets.records[rows])
    new.reserve(makers, given)
    if bulk.keys is None:
        return Identities.of(())
    identities = Identities(new.ids[makers], targets.scheme_ids[rows], bulk.keys.texts.take(rows))
    return identities.take(np.flatnonzero(identities.keys.lengths))


def apply(
    transaction: Transaction,
    bulk: BulkWrite,
    resolved: Resolved,
    plan: Plan,
    digests: Digests,
    new: NewRecords,
) -> Applied:
    """Write the plan.

    Rows go in chunks, so that the database writes one while the next is made ready. Keys are taken before
    records are locked, each in one order.
    """
    targets, ids, applied = resolved.targets, resolved.targets.records, Applied([], [])
    if targets.changes is None:
        unclaimed = plan.creates[new.ids[made_by(ids[plan.creates])] == 0]
        new.make_known(claim(bulk, targets, unclaimed, new, resolved.given_ids))
    else:
        new.reserve(made_by(ids[plan.creates]), resolved.given_ids)
        new.make_known(_identities(targets.changes.own, new))
    keys = _keys_of_new(bulk, targets)
    resolved = resolved.with_new(new.ids) if resolved.awaited else resolved
    for rows in chunks(plan.creates, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats, bulk.defaults)
        given = Given(*columns, _last_said(digests, rows, plan.repeats))
        new.insert(given, new.ids[made_by(ids[rows])], *keys(rows))
    stored = _read_stored(transaction, bulk, resolved, plan)
    if targets.changes:
        applied.written.extend(_change_keys(transaction, bulk, targets.changes, ids[plan.changes], new))
    for rows in chunks(plan.changes, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats, stored=stored)
        given = Given(*columns, _last_said(digests, rows, plan.repeats))
        records.stage(transaction, bulk.kind, given, ids[rows])
        written = records.update_staged(transaction, bulk.kind, columns.columns, ids[rows])
        applied.written.append(written)
        applied.updates.append(Update(columns.columns, ids[rows], written))
    return applied


def renew_digests(transaction: Transaction, kind: Kind, updates: Iterable[Update]) -> None:
    """Let rows that have changed nothing be known next time. Most calls have no such rows, or their records
    have these digests already; so it is done after all rows are written, and only where there are any."""
    for update in updates:
        changed = [column for column in update.columns if column.mode is not Mode.INITIAL]
        if changed and len(update.written()) < len(update.ids):
            records.renew_digests(transaction, kind, update.columns, update.ids)


def _keys_of_new(
    bulk: BulkWrite, targets: Targets
) -> Callable[[RowNumbers], tuple[Sequence[str], Sequence[Sequence[str]] | None]]:
    """Make a function from rows that create to the keys of their records: first ones, and further ones."""
    changes = targets.changes
    if changes is None:
        given = bulk.keys.keys if bulk.keys else None
        return lambda rows: (take(given, rows) if given is not None else [""] * len(rows), None)
    scheme_of, first, further = targets.scheme_ids.tolist(), dict[int, str](), dict[int, list[str]]()
    for record, scheme_id, key in (*changes.own, *changes.taken):
        maker = -1 - record
        if scheme_id == scheme_of[maker]:
            first[maker] = key
        else:
            further.setdefault(maker, []).append(key)

    def keys(rows: RowNumbers) -> tuple[Sequence[str], Sequence[Sequence[str]] | None]:
        makers = rows.tolist()
        others = [further.get(row, ()) for row in makers] if further else None
        return [first.get(row, "") for row in makers], others

    return keys


def _change_keys(
    transaction: Transaction, bulk: BulkWrite, changes: KeyChanges, locked: Ids, new: NewRecords
) -> Iterator[Callable[[], Ids]]:
    """Keys of known records, after those of new ones, but for such as these take from known ones."""
    if not changes.dropped and not changes.added:
        return
    records.lock(transaction, bulk.kind, locked.tolist())
    dropped = dict.fromkeys(changes.dropped)
    if bulk.renames:  # Also what another write has given them since they were looked up.
        dropped |= dict.fromkeys((record, scheme) for record, scheme, _ in changes.added)
    added = [*changes.added, *_identities(changes.taken, new).rows()]
    noted = [
        *((record, key) for record, _, key in changes.added),
        *((record, None) for record, _ in changes.dropped),
    ]
    records.change_keys(transaction, bulk.kind, [*dropped], added, noted)
    changed = np.array([record for record, _ in noted], np.int64)
    yield lambda: changed


def _identities(links: Sequence[Link], new: NewRecords) -> Identities:
    """Keys of records to create, with the ids of these."""
    identities = Identities.of(links)
    return identities._replace(record_ids=new.ids[made_by(identities.record_ids)])


def _read_stored(
    transaction: Transaction, bulk: BulkWrite, resolved: Resolved, plan: Plan
) -> dict[str, dict[int, bytes]]:
    """Paths that rows cannot be folded without, by field and by the first row for the record."""
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


def _last_said(digests: Digests, leads: RowNumbers, repeats: dict[int, list[int]]) -> BytesColumn[bytes]:
    """The digests of what was said last of each record."""
    if repeats:
        return as_column(digests[[repeats.get(lead, [lead])[-1] for lead in leads.tolist()]])
    return as_column(digests[leads])
