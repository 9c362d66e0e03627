"""Apply: what was planned, sent to the database chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from contactory.core.columns import read_columns
from contactory.core.digests import Digests, as_column
from contactory.core.identities import Targets, made_by
from contactory.core.plan import Plan, chunks
from contactory.core.resolve import Resolved
from contactory.model.bulk import BulkWrite
from contactory.model.packed import Ids, Packed, RowNumbers, take
from contactory.store import records
from contactory.store.creation import Identities, Identity, NewRecords
from contactory.store.database import Transaction
from contactory.store.records import Given

CHUNK_ROWS = 3500  # where a write comes in one part


def claim(bulk: BulkWrite, targets: Targets, rows: RowNumbers, new: NewRecords) -> Identities:
    """Ids for the records that rows make, one each; answers the keys that they come with."""
    makers = made_by(targets.records[rows])
    new.reserve(makers)
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
) -> list[Callable[[], Ids]]:
    """Write the plan; answers what answers the ids of the known records that were written.

    Rows go in chunks, so that the database writes one while the next is made ready. Keys are taken before
    records are locked, each in one order.
    """
    targets, ids, written = resolved.targets, resolved.targets.records, list[Callable[[], Ids]]()
    unclaimed = plan.creates[new.ids[made_by(ids[plan.creates])] == 0]
    first = claim(bulk, targets, unclaimed, new)
    own, others = _part_own(bulk, targets, unclaimed, new, _further(bulk, targets, plan, new))
    new.make_known(first, own)
    resolved = resolved.with_new(new.ids) if resolved.awaited else resolved
    for rows in chunks(plan.creates, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats, bulk.defaults)
        given = Given(*columns, _last_said(digests, rows, plan.repeats))
        keys = take(bulk.keys.keys, rows) if bulk.keys else [""] * len(rows)
        new.insert(given, new.ids[made_by(ids[rows])], keys)
    if others:
        records.link(transaction, bulk.kind, others, ids[plan.changes].tolist(), instead=bulk.renames)
        linked = np.array([id_ for id_, _, _ in others], np.int64)
        written.append(lambda: linked[~np.isin(linked, new.ids)])
    for rows in chunks(plan.changes, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats)
        given = Given(*columns, _last_said(digests, rows, plan.repeats))
        records.stage(transaction, bulk.kind, given, ids[rows])
        written.append(records.update_staged(transaction, bulk.kind, columns.columns, ids[rows]))
    return written


def _last_said(digests: Digests, leads: RowNumbers, repeats: dict[int, list[int]]) -> Packed[bytes]:
    """The digests of what was said last of each record."""
    if repeats:
        return as_column(digests[[repeats.get(lead, [lead])[-1] for lead in leads.tolist()]])
    return as_column(digests[leads])


def _further(bulk: BulkWrite, targets: Targets, plan: Plan, new: NewRecords) -> list[Identity]:
    """Keys that records get beside the one that they came with."""
    if not targets.linked:
        return []
    ids, created = targets.records.tolist(), set(targets.records[plan.creates].tolist())
    further = [
        (target if target > 0 else int(new.ids[made_by(target)]), scheme_id, key)
        for row, scheme_id, key in sorted(targets.linked, key=lambda link: link[0])
        if row not in plan.problems and ((target := ids[row]) > 0 or target in created)
    ]
    if bulk.renames:  # The last of several names is the one that stays.
        return list({(id_, scheme): (id_, scheme, key) for id_, scheme, key in further}.values())
    return further


def _part_own(
    bulk: BulkWrite, targets: Targets, rows: RowNumbers, new: NewRecords, further: Sequence[Identity]
) -> tuple[list[Identity], list[Identity]]:
    """Those that the records which rows make come with, all but what takes the place of a first key; and the
    others."""
    if not further:
        return [], []
    makers = made_by(targets.records[rows])
    first_schemes = dict(zip(new.ids[makers].tolist(), targets.scheme_ids[rows].tolist(), strict=True))
    own, others = list[Identity](), list[Identity]()
    for id_, scheme_id, key in further:
        takes_place = bulk.renames and first_schemes.get(id_) == scheme_id
        (own if id_ in first_schemes and not takes_place else others).append((id_, scheme_id, key))
    return own, others
