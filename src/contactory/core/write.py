"""The write: resolve, plan, apply, in one transaction. Every dialect's rows come through here."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from contactory.core.identities import Targets
from contactory.core.plan import Plan, make_plan
from contactory.core.resolve import Resolved, resolve
from contactory.core.secrets import Seal
from contactory.model.bulk import BulkWrite, Outcomes, Status
from contactory.model.fields import Mode
from contactory.store import records
from contactory.store.database import Transaction


def write(transaction: Transaction, bulk: BulkWrite, seal: Seal | None = None) -> Outcomes:
    """Create or update every row that can be written, and say what became of each.

    Raises Contended when another write creates one of the keys, or locks the records, at the same moment;
    done again in a new transaction it finds what that one has left.
    """
    resolved = resolve(transaction, bulk, seal)
    plan = make_plan(bulk, resolved)
    first_new, written = apply(transaction, bulk, resolved, plan)
    return _outcomes(bulk, resolved.targets.records, plan, first_new, written)


def apply(transaction: Transaction, bulk: BulkWrite, resolved: Resolved, plan: Plan) -> tuple[int, set[int]]:
    """Write the plan; answers the first new id (the rest follow in the order of creation) and the ids of
    the known records that were written. Keys are taken before records are locked, each in one order."""
    kind, columns = bulk.kind, plan.columns
    first_new = records.reserve_ids(transaction, len(plan.creates))
    if not plan.creates and not plan.changes:
        return first_new, set()
    records.stage(transaction, kind, columns, _identities(bulk, resolved, plan, first_new), _values(plan))
    if plan.creates:
        records.insert_staged(transaction, kind, columns, first_new)
    linked = _link(transaction, bulk, resolved.targets, plan)
    if not plan.changes or all(column.mode is Mode.INITIAL for column in columns):
        return first_new, linked
    return first_new, linked | records.update_staged(transaction, kind, columns, first_new)


def _identities(
    bulk: BulkWrite, resolved: Resolved, plan: Plan, first_new: int
) -> tuple[list[int], list[int | None], list[str | None]]:
    """Ids, and for records to create the scheme and key to know them by, in the order of the plan."""
    targets, absent = resolved.targets, [None] * len(plan.changes)
    ids = [*range(first_new, first_new + len(plan.creates)), *(targets.records[row] for row in plan.changes)]
    if bulk.keys is None:
        return ids, [None] * len(ids), [None] * len(ids)
    schemes = [targets.scheme_ids[row] for row in plan.creates]
    keys = [bulk.keys.keys[row] or None for row in plan.creates]
    return ids, schemes + absent, keys + absent


def _values(plan: Plan) -> list[Sequence[Any]]:
    order = plan.creates + plan.changes
    if order == list(range(len(order))) and all(len(values) == len(order) for values in plan.values):
        return plan.values
    arranged = itemgetter(*order, order[0])  # of one row too it makes a tuple
    return [arranged(values)[:-1] for values in plan.values]


def _link(transaction: Transaction, bulk: BulkWrite, targets: Targets, plan: Plan) -> set[int]:
    rows = [row for row in targets.linked if targets.records[row] > 0 and row not in plan.problems]
    if not rows or bulk.keys is None:
        return set()
    records.link(
        transaction,
        bulk.kind,
        [(targets.records[row], targets.scheme_ids[row], bulk.keys.keys[row]) for row in sorted(rows)],
    )
    return {targets.records[row] for row in rows}


def _outcomes(
    bulk: BulkWrite, targets: Sequence[int], plan: Plan, first_new: int, written: set[int]
) -> Outcomes:
    """The first of several rows for a record to create is what created it, the others have updated it; all
    rows for a known record share what became of it."""
    created = {targets[row]: first_new + number for number, row in enumerate(plan.creates)}
    ids = [target if target > 0 else created.get(target, 0) for target in targets]
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
