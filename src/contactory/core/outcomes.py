"""What became of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from contactory.columns.column import Ids, RowSelection
from contactory.core.apply import Applied
from contactory.core.plan import Plan
from contactory.core.targets import made_by
from contactory.model.bulk import Outcomes, Status
from contactory.model.problems import Problem


class Part(NamedTuple):
    """Some rows of a call that were written together: which they are, and per row what it means; the ids of
    new records, by the rows that make them, and what was written of known ones, to be asked for when the
    database has come so far."""

    rows: RowSelection
    targets: Ids
    plan: Plan
    new: Ids
    applied: Applied

    def created(self) -> Ids:
        """The ids of those that it has made."""
        return self.new[made_by(self.targets[self.plan.creates])]


def collect(targets: Ids, parts: Sequence[Part]) -> Outcomes:
    """The outcomes of all rows: of those in parts, and of those that only repeat what was said."""
    statuses, ids = np.full(len(targets), Status.UNCHANGED, object), np.maximum(targets, 0)
    problems, warnings = dict[int, Problem](), dict[int, Problem]()
    for part in parts:
        statuses[part.rows], ids[part.rows] = _outcomes(part)
        problems |= {int(part.rows[place]): problem for place, problem in part.plan.problems.items()}
        warnings |= {int(part.rows[place]): warning for place, warning in part.plan.warnings.items()}
    return Outcomes(statuses.tolist(), ids.tolist(), problems, warnings)


def _outcomes(part: Part) -> tuple[npt.NDArray[np.object_], Ids]:
    """The first of several rows for a record to create is what created it, the others have updated it; all
    rows for a known record share what became of it."""
    targets, plan = part.targets, part.plan
    is_made = np.isin(targets, targets[plan.creates])
    ids = np.maximum(targets, 0)
    ids[is_made] = part.new[made_by(targets[is_made])]
    if plan.problems:
        leads = dict(zip(targets[plan.creates].tolist(), plan.creates.tolist(), strict=True))
        for row in plan.problems:
            if row < leads.get(int(targets[row]), 0):
                ids[row] = 0  # It failed before the record was there.
    written = np.concatenate([ids[:0], *(ids_of() for ids_of in part.applied.written)])
    statuses = np.full(len(targets), Status.UNCHANGED, object)
    statuses[np.isin(ids, written) | (targets < 0)] = Status.UPDATED
    statuses[plan.creates] = Status.CREATED
    statuses[[*plan.problems]] = Status.FAILED
    return statuses, ids
