"""Apply: what was planned, sent to the database chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from contactory.core.columns import read_columns
from contactory.core.identities import Targets
from contactory.core.plan import Plan, chunks
from contactory.core.resolve import Resolved
from contactory.model.bulk import BulkWrite
from contactory.store import records
from contactory.store.creation import Identity, NewRecords
from contactory.store.database import Transaction
from contactory.store.records import Given

CHUNK_ROWS = 3500  # where a write comes in one part


def claim(bulk: BulkWrite, targets: Targets, rows: Sequence[int], new: NewRecords) -> list[Identity]:
    """Ids for the records that rows make, one each; answers the keys that they come with."""
    ids = new.reserve([targets.records[row] for row in rows])
    if bulk.keys is None:
        return []
    schemes, keys = map(targets.scheme_ids.__getitem__, rows), map(bulk.keys.keys.__getitem__, rows)
    return [identity for identity in zip(ids, schemes, keys, strict=True) if identity[2]]


def apply(
    transaction: Transaction,
    bulk: BulkWrite,
    resolved: Resolved,
    plan: Plan,
    digests: Sequence[bytes | None] | None,
    new: NewRecords,
) -> list[Callable[[], Collection[int]]]:
    """Write the plan; answers what answers the ids of the known records that were written.

    Rows go in chunks, so that the database writes one while the next is made ready. Keys are taken before
    records are locked, each in one order.
    """
    targets, ids, written = resolved.targets, resolved.targets.records, list[Callable[[], Collection[int]]]()
    unclaimed = [row for row in plan.creates if ids[row] not in new.ids]
    first = claim(bulk, targets, unclaimed, new)
    own, others = _part_own(bulk, targets, unclaimed, new.ids, _further(bulk, targets, plan, new.ids))
    new.make_known([*first, *own], own)
    for rows in chunks(plan.creates, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats, bulk.defaults)
        given = Given(*columns, _last_digests(digests, rows, plan.repeats))
        keys = [bulk.keys.keys[row] if bulk.keys else "" for row in rows]
        new.insert(given, [new.ids[ids[row]] for row in rows], keys)
    if others:
        locked = [ids[row] for row in plan.changes]
        records.link(transaction, bulk.kind, others, locked, instead=bulk.renames)
        linked = {id_ for id_, _, _ in others} - set(new.ids.values())
        written.append(lambda: linked)
    for rows in chunks(plan.changes, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats)
        known_ids = [ids[row] for row in rows]
        given = Given(*columns, _last_digests(digests, rows, plan.repeats))
        records.stage(transaction, bulk.kind, given, known_ids)
        written.append(records.update_staged(transaction, bulk.kind, columns.columns, known_ids))
    return written


def _last_digests(
    digests: Sequence[bytes | None] | None, leads: Sequence[int], repeats: dict[int, list[int]]
) -> Sequence[bytes | None]:
    """What was said last of each record."""
    if digests is None:
        return [None] * len(leads)
    if repeats:
        return [digests[repeats[lead][-1] if lead in repeats else lead] for lead in leads]
    return [digests[lead] for lead in leads]


def _further(bulk: BulkWrite, targets: Targets, plan: Plan, new: Mapping[int, int]) -> list[Identity]:
    """Keys that records get beside the one that they came with."""
    if not targets.linked:
        return []
    created = {targets.records[row] for row in plan.creates}
    further = [
        (target if target > 0 else new[target], scheme_id, key)
        for row, scheme_id, key in sorted(targets.linked, key=lambda link: link[0])
        if row not in plan.problems and ((target := targets.records[row]) > 0 or target in created)
    ]
    if bulk.renames:  # The last of several names is the one that stays.
        return list({(id_, scheme): (id_, scheme, key) for id_, scheme, key in further}.values())
    return further


def _part_own(
    bulk: BulkWrite,
    targets: Targets,
    rows: Sequence[int],
    new: Mapping[int, int],
    further: Sequence[Identity],
) -> tuple[list[Identity], list[Identity]]:
    """Those that the records which rows make come with, all but what takes the place of a first key; and the
    others."""
    first_schemes = {new[targets.records[row]]: targets.scheme_ids[row] for row in rows} if further else {}
    own, others = list[Identity](), list[Identity]()
    for id_, scheme_id, key in further:
        takes_place = bulk.renames and first_schemes.get(id_) == scheme_id
        (own if id_ in first_schemes and not takes_place else others).append((id_, scheme_id, key))
    return own, others
