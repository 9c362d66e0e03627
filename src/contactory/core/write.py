"""The write: resolve, plan, apply, in one transaction. Every dialect's rows come through here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

from contactory.core.columns import read_columns
from contactory.core.digests import find_digests, find_repeated, written_as
from contactory.core.identities import Targets
from contactory.core.plan import Plan, chunks, make_plan
from contactory.core.resolve import Resolved, find_names, resolve
from contactory.core.secrets import Seal
from contactory.model.bulk import BulkWrite, Outcomes, Status
from contactory.store import records
from contactory.store.database import Transaction

CHUNK_ROWS = 3500  # Of 1000, 2000, 3500, 5000 and all, the fastest for creates and updates together.


def write(
    transaction: Transaction, bulk: BulkWrite, seal: Seal | None = None, *, alone: bool = False
) -> Outcomes:
    """Create or update every row that can be written, and say what became of each.

    Raises Contended when another write creates one of the keys, or locks the records, at the same moment.
    Done again in a new transaction, `alone` among the organization's writes, it finds what that one has
    left, and cannot be too late again.
    """
    records.take_turn(transaction, alone=alone)
    names = find_names(transaction, bulk)
    digests = find_digests(bulk, names.references)
    repeated = find_repeated(bulk, names.known, digests)
    rows = [row for row in range(bulk.count) if row not in repeated]
    said = bulk.read(rows) if bulk.read else bulk
    resolved = resolve(transaction, said, names, seal)
    plan = make_plan(said, resolved)
    first_new, written = apply(transaction, said, resolved, plan, written_as(said, rows, digests))
    outcomes = _outcomes(said, resolved.targets.records, plan, first_new, written)
    return _spread(outcomes, rows, repeated) if repeated else outcomes


def apply(
    transaction: Transaction,
    bulk: BulkWrite,
    resolved: Resolved,
    plan: Plan,
    digests: Sequence[bytes | None] | None,
) -> tuple[int, set[int]]:
    """Write the plan; answers the first new id (the rest follow in the order of creation) and the ids of
    the known records that were written.

    Rows go in chunks, so that the database writes one while the next is made ready. Keys are taken before
    records are locked, each in one order.
    """
    ids, sent = resolved.targets.records, []
    first_new = new_id = records.reserve_ids(transaction, len(plan.creates))
    for rows in chunks(plan.creates, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats, bulk.defaults)
        new_ids = range(new_id, new_id + len(rows))
        named = _identities(bulk, resolved.targets, rows)
        records.stage(
            transaction, bulk.kind, columns, new_ids, *named, _last_digests(digests, rows, plan.repeats)
        )
        records.insert_staged(transaction, bulk.kind, columns.columns, new_ids)
        new_id += len(rows)
    linked = _link(transaction, bulk, resolved.targets, plan, first_new)
    for rows in chunks(plan.changes, CHUNK_ROWS):
        columns = read_columns(bulk, resolved, rows, plan.repeats)
        known_ids = [ids[row] for row in rows]
        nothing = [None] * len(rows)
        said = _last_digests(digests, rows, plan.repeats)
        records.stage(transaction, bulk.kind, columns, known_ids, nothing, nothing, said)
        sent.append(records.update_staged(transaction, bulk.kind, columns.columns, known_ids))
    return first_new, linked.union(*(written() for written in sent))


def _identities(
    bulk: BulkWrite, targets: Targets, rows: Sequence[int]
) -> tuple[Iterable[int | None], Iterable[str | None]]:
    """Schemes and keys to know records by."""
    if bulk.keys is None:
        return repeat(None, len(rows)), repeat(None, len(rows))
    keys, scheme_ids = bulk.keys.keys, targets.scheme_ids
    return [scheme_ids[row] for row in rows], [keys[row] or None for row in rows]


def _last_digests(
    digests: Sequence[bytes | None] | None, leads: Sequence[int], repeats: dict[int, list[int]]
) -> Iterable[bytes | None]:
    """What was said last of each record."""
    if digests is None:
        return repeat(None, len(leads))
    if repeats:
        return [digests[repeats[lead][-1] if lead in repeats else lead] for lead in leads]
    return [digests[lead] for lead in leads]


def _link(
    transaction: Transaction, bulk: BulkWrite, targets: Targets, plan: Plan, first_new: int
) -> set[int]:
    """Answers the known records that have further keys now."""
    if not targets.linked:
        return set()
    created = {targets.records[row]: first_new + number for number, row in enumerate(plan.creates)}
    identities = [
        (target if target > 0 else created[target], scheme_id, key)
        for row, scheme_id, key in sorted(targets.linked, key=lambda link: link[0])
        if row not in plan.problems and ((target := targets.records[row]) > 0 or target in created)
    ]
    if not identities:
        return set()
    if bulk.renames:  # The last of several names is the one that stays.
        identities = list({(id_, scheme): (id_, scheme, key) for id_, scheme, key in identities}.values())
    locked = [targets.records[row] for row in plan.changes]
    records.link(transaction, bulk.kind, identities, locked, instead=bulk.renames)
    return {id_ for id_, _, _ in identities} - set(created.values())


def _outcomes(
    bulk: BulkWrite, targets: Sequence[int], plan: Plan, first_new: int, written: set[int]
) -> Outcomes:
    """The first of several rows for a record to create is what created it, the others have updated it; all
    rows for a known record share what became of it."""
    created = {targets[row]: first_new + number for number, row in enumerate(plan.creates)}
    ids = [target if target > 0 else created.get(target, 0) for target in targets]
    if plan.problems:
        leads = {targets[row]: row for row in plan.creates}
        for row in plan.problems:
            if row < leads.get(targets[row], 0):
                ids[row] = 0  # It failed before the record was there.
    if len(plan.creates) == bulk.count:
        return Outcomes([Status.CREATED] * bulk.count, ids, {})
    statuses = [Status.UPDATED if id_ in written else Status.UNCHANGED for id_ in ids]
    for row, target in enumerate(targets):
        if target < 0:
            statuses[row] = Status.UPDATED
    for row in plan.creates:
        statuses[row] = Status.CREATED
    for row in plan.problems:
        statuses[row] = Status.FAILED
    return Outcomes(statuses, ids, plan.problems)


def _spread(outcomes: Outcomes, rows: Sequence[int], repeated: Mapping[int, int]) -> Outcomes:
    """The outcomes of all rows, of those of `rows` and of the rows that only repeat what was said."""
    count = len(rows) + len(repeated)
    statuses, ids = [Status.UNCHANGED] * count, [0] * count
    for row, id_ in repeated.items():
        ids[row] = id_
    for row, status, id_ in zip(rows, outcomes.statuses, outcomes.ids, strict=True):
        statuses[row], ids[row] = status, id_
    return Outcomes(statuses, ids, {rows[row]: problem for row, problem in outcomes.problems.items()})
