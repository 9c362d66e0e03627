"""Deletion of records, and removal of one id from a field of ids."""

from __future__ import annotations

from msgspec.structs import replace

from contactory.core.identities import find_targets, look_up
from contactory.core.plan import not_found
from contactory.core.reach import refuse_others
from contactory.core.read import find_id
from contactory.model.bulk import BulkWrite, Outcomes, Status
from contactory.model.commands import Delete, RemoveFromSet
from contactory.model.problems import Problem, Refusal
from contactory.store import records
from contactory.store.database import Transaction


def delete(transaction: Transaction, wanted: Delete) -> Outcomes:
    """Delete records. The organization is locked exclusively, so that no other write can still write them.

    Raises Refusal with the first problem where the command is `whole`.
    """
    records.lock_organization(transaction, exclusive=True)
    if wanted.find is not None:
        wanted = replace(wanted, ids=[find_id(transaction, wanted.find)])
    outcomes = _find_named(transaction, wanted, Status.DELETED)
    if outcomes.problems and wanted.whole:
        raise Refusal(outcomes.problems[min(outcomes.problems)])
    records.delete(transaction, wanted.kind, sorted(set(outcomes.ids) - {0}))
    return outcomes


def remove_from_set(transaction: Transaction, wanted: RemoveFromSet) -> Outcomes:
    """Remove an id from a field of the named records, or of all records, in one statement."""
    records.lock_organization(transaction, exclusive=False)
    if wanted.ids is None and wanted.keys is None:
        records.remove_from_set(transaction, wanted.kind, wanted.field, wanted.value, None)
        return Outcomes([], [], {})
    outcomes = _find_named(transaction, wanted, Status.UPDATED)
    records.remove_from_set(
        transaction, wanted.kind, wanted.field, wanted.value, sorted(set(outcomes.ids) - {0})
    )
    return outcomes


def _find_named(transaction: Transaction, wanted: Delete | RemoveFromSet, done: Status) -> Outcomes:
    """Find the named records; return outcomes with the status `done` for those that are found."""
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
