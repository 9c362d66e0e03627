"""What became of the rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from contactory.core.plan import Plan
from contactory.model.bulk import Outcomes, Status
from contactory.model.problems import Problem


class Part(NamedTuple):
    """Some rows of a call that were written together: which they are, and per row what it means; the ids of
    new records, and the known ones that were written, to be asked for when the database has come so far."""

    rows: Sequence[int]
    targets: Sequence[int]
    plan: Plan
    new: Mapping[int, int]
    written: Sequence[Callable[[], Collection[int]]]


def collect(count: int, repeated: Mapping[int, int], parts: Sequence[Part]) -> Outcomes:
    """The outcomes of all rows, of those in parts and of those that only repeat what was said."""
    statuses, ids, problems = [Status.UNCHANGED] * count, [0] * count, dict[int, Problem]()
    for row, id_ in repeated.items():
        ids[row] = id_
    for part in parts:
        for row, status, id_ in zip(part.rows, *_outcomes(part), strict=True):
            statuses[row], ids[row] = status, id_
        problems |= {part.rows[place]: problem for place, problem in part.plan.problems.items()}
    return Outcomes(statuses, ids, problems)


def _outcomes(part: Part) -> tuple[Sequence[Status], Sequence[int]]:
    """The first of several rows for a record to create is what created it, the others have updated it; all
    rows for a known record share what became of it."""
    targets, plan = part.targets, part.plan
    if len(plan.creates) == len(targets):
        return [Status.CREATED] * len(targets), [part.new[target] for target in targets]
    made = {targets[row] for row in plan.creates}
    ids = [target if target > 0 else part.new[target] if target in made else 0 for target in targets]
    if plan.problems:
        leads = {targets[row]: row for row in plan.creates}
        for row in plan.problems:
            if row < leads.get(targets[row], 0):
                ids[row] = 0  # It failed before the record was there.
    written = set().union(*(ids_of() for ids_of in part.written))
    statuses = [Status.UPDATED if id_ in written else Status.UNCHANGED for id_ in ids]
    for row, target in enumerate(targets):
        if target < 0:
            statuses[row] = Status.UPDATED
    for row in plan.creates:
        statuses[row] = Status.CREATED
    for row in plan.problems:
        statuses[row] = Status.FAILED
    return statuses, ids
