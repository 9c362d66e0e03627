"""Deletion: records that are found no more."""

from __future__ import annotations

from msgspec.structs import replace

from contactory.core.identities import find_targets, look_up
from contactory.core.plan import not_found
from contactory.core.read import find_id
from contactory.model.bulk import BulkWrite, Outcomes, Status
from contactory.model.commands import Delete
from contactory.model.problems import Problem, Refusal
from contactory.store import records
from contactory.store.database import Transaction


def delete(transaction: Transaction, wanted: Delete) -> Outcomes:
    """Alone among the organization's writes, so that none of them can still write what is deleted."""
    records.take_turn(transaction, alone=True)
    if wanted.find is not None:
        wanted = replace(wanted, ids=[find_id(transaction, wanted.find)])
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
    absent = (row for row, target in enumerate(targets.records) if target < 0)
    problems: dict[int, Problem] = targets.problems | {row: not_found(rows, row) for row in absent}
    if problems and wanted.whole:
        raise Refusal(problems[min(problems)])
    ids = [max(target, 0) for target in targets.records]
    records.delete(transaction, wanted.kind, sorted({id_ for id_ in ids if id_}))
    statuses = [Status.FAILED if row in problems else Status.DELETED for row in range(len(ids))]
    return Outcomes(statuses, ids, problems)
