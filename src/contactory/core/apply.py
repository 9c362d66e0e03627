"""Apply: what was planned, sent to the database chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import repeat

from contactory.core.columns import read_columns
from contactory.core.identities import Targets
from contactory.core.plan import Plan, chunks
from contactory.core.resolve import Resolved
from contactory.model.bulk import BulkWrite
from contactory.store import records
from contactory.store.creation import NewRecords
from contactory.store.database import Transaction
from contactory.store.records import Given

CHUNK_ROWS = 3500  # where a write comes in one part

FurtherKey = tuple[int, int, str]
"""A record's id, a scheme and a key."""


def apply(
    transaction: Transaction,
    bulk: BulkWrite,
    resolved: Resolved,
    plan: Plan,
    digests: Sequence[bytes | None] | None,
    new: NewRecords,
) -> tuple[int, list[Callable[[], Collection[int]]]]:
    """Write the plan; answers the first new id (the rest follow in the order of creation) and what answers
    the ids of the known records that were written.

    Rows go in chunks, so that the database writes one while the next is made ready. Keys are taken before
    records are locked, each in one order.
    """
    ids, written = resolved.targets.records, list[Callable[[], Collection[int]]]()
    first_new = new_id = new.take_ids(len(plan.creates))
    further = _further(bulk, resolved.targets, plan, first_new)
    own, others = _part_own(bulk, resolved.targets, plan, first_new, further)
    new.add_keys(own)
    for rows in chunks(plan.creates, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats, bulk.defaults)
        given = Given(*columns, _last_digests(digests, rows, plan.repeats))
        taken = range(new_id, new_id + len(rows))
        new.insert(given, taken, *_identities(bulk, resolved.targets, rows))
        new_id += len(rows)
    if plan.changes or further:
        new.make_known()
    if others:
        locked = [ids[row] for row in plan.changes]
        records.link(transaction, bulk.kind, others, locked, instead=bulk.renames)
        linked = {id_ for id_, _, _ in others} - set(range(first_new, new_id))
        written.append(lambda: linked)
    for rows in chunks(plan.changes, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats)
        known_ids = [ids[row] for row in rows]
        given = Given(*columns, _last_digests(digests, rows, plan.repeats))
        records.stage(transaction, bulk.kind, given, known_ids)
        written.append(records.update_staged(transaction, bulk.kind, columns.columns, known_ids))
    return first_new, written


def _identities(
    bulk: BulkWrite, targets: Targets, rows: Sequence[int]
) -> tuple[Sequence[int], Sequence[str]]:
    """Schemes and keys to know records by."""
    if bulk.keys is None:
        return (), ()
    keys, scheme_ids = bulk.keys.keys, targets.scheme_ids
    return [scheme_ids[row] for row in rows], [keys[row] for row in rows]


def _last_digests(
    digests: Sequence[bytes | None] | None, leads: Sequence[int], repeats: dict[int, list[int]]
) -> Iterable[bytes | None]:
    """What was said last of each record."""
    if digests is None:
        return repeat(None, len(leads))
    if repeats:
        return [digests[repeats[lead][-1] if lead in repeats else lead] for lead in leads]
    return [digests[lead] for lead in leads]


def _further(bulk: BulkWrite, targets: Targets, plan: Plan, first_new: int) -> list[FurtherKey]:
    """Keys that records get beside the one that they came with."""
    if not targets.linked:
        return []
    created = {targets.records[row]: first_new + number for number, row in enumerate(plan.creates)}
    further = [
        (target if target > 0 else created[target], scheme_id, key)
        for row, scheme_id, key in sorted(targets.linked, key=lambda link: link[0])
        if row not in plan.problems and ((target := targets.records[row]) > 0 or target in created)
    ]
    if bulk.renames:  # The last of several names is the one that stays.
        return list({(id_, scheme): (id_, scheme, key) for id_, scheme, key in further}.values())
    return further


def _part_own(
    bulk: BulkWrite, targets: Targets, plan: Plan, first_new: int, further: Sequence[FurtherKey]
) -> tuple[list[FurtherKey], list[FurtherKey]]:
    """Those that new records come with, all but what takes the place of a first key; and the others."""
    own, others = list[FurtherKey](), list[FurtherKey]()
    for id_, scheme_id, key in further:
        is_new = first_new <= id_ < first_new + len(plan.creates)
        takes_place = (
            is_new and bulk.renames and targets.scheme_ids[plan.creates[id_ - first_new]] == scheme_id
        )
        (own if is_new and not takes_place else others).append((id_, scheme_id, key))
    return own, others
