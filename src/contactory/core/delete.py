"""Deletion of records, and of one id out of a set that records hold."""

from __future__ import annotations

from msgspec.structs import replace

from contactory.core.identities import find_targets, look_up
from contactory.core.plan import not_found
from contactory.core.reach import refuse_others
from contactory.core.read import find_id
from contactory.model.bulk import BulkWrite, Outcomes, Status
from contactory.model.commands import Delete, Leave
from contactory.model.problems import Problem, Refusal
from contactory.store import records
from contactory.store.database import Transaction


def delete(transaction: Transaction, wanted: Delete) -> Outcomes:
    """Alone among the organization's writes, so that none of them can still write what is deleted."""
    records.take_turn(transaction, alone=True)
    if wanted.find is not None:
        wanted = replace(wanted, ids=[find_id(transaction, wanted.find)])
    outcomes = _find_named(transaction, wanted, Status.DELETED)
    if outcomes.problems and wanted.whole:
        raise Refusal(outcomes.problems[min(outcomes.problems)])
    records.delete(transaction, wanted.kind, sorted(set(outcomes.ids) - {0}))
    return outcomes


def leave(transaction: Transaction, wanted: Leave) -> Outcomes:
    """As many records as there are, in one statement."""
    records.take_turn(transaction, alone=False)
    if wanted.ids is None and wanted.keys is None:
        records.leave(transaction, wanted.kind, wanted.field, wanted.value, None)
        return Outcomes([], [], {})
    outcomes = _find_named(transaction, wanted, Status.UPDATED)
    records.leave(transaction, wanted.kind, wanted.field, wanted.value, sorted(set(outcomes.ids) - {0}))
    return outcomes


def _find_named(transaction: Transaction, wanted: Delete | Leave, done: Status) -> Outcomes:
    """The records named, each with the status that it is going to have."""
    named = wanted.keys.keys if wanted.keys else wanted.ids or ()
    rows = BulkWrite(
        kind=wanted.kind,
        count=len(named),
        key_name=wanted.key_name,
        ids=wanted.ids,
        keys=wanted.keys,
        may_create=False,
    )
    targets = find_targets(rows, look_up(transaction, rows), ())
    records = targets.records.tolist()
    absent = (row for row, target in enumerate(records) if target < 0)
    problems: dict[int, Problem] = targets.problems | {row: not_found(rows, row) for row in absent}
    problems |= refuse_others(transaction, wanted.kind, records)
    ids = [max(target, 0) for target in records]
    return Outcomes([Status.FAILED if row in problems else done for row in range(len(ids))], ids, problems)
