"""Deletion of records, and removal of one id from a field of ids."""

from __future__ import annotations

from msgspec.structs import replace

from contactory.core.reach import refuse_others
from contactory.core.read import find_id
from contactory.core.write.lookup import look_up
from contactory.core.write.match import match
from contactory.core.write.plan import not_found
from contactory.model.bulk import Outcomes, Rows, Status, WriteOptions
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
    options = WriteOptions(kind=wanted.kind, key_name=wanted.key_name, may_create=False)
    rows = Rows(count=len(named), ids=wanted.ids, keys=wanted.keys)
    targets = match(options, rows, look_up(transaction, options, rows).names.lookup, ())
    ids = targets.row_ids.tolist()
    absent = (row for row, id_ in enumerate(ids) if not id_)
    problems: dict[int, Problem] = targets.problems | {row: not_found(options, rows, row) for row in absent}
    problems |= refuse_others(transaction, wanted.kind, ids)
    return Outcomes([Status.FAILED if row in problems else done for row in range(len(ids))], ids, problems)
