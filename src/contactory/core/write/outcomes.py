"""Outcomes of rows, collected from the batches in which they were written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from contactory.columns.column import Ids, RowSelection
from contactory.core.write.apply import Applied
from contactory.core.write.lookup import KeyLookup
from contactory.core.write.plan import Plan
from contactory.core.write.targets import Targets
from contactory.model.bulk import Outcomes, Status
from contactory.model.problems import Problem


class WriteBatch(NamedTuple):
    """Rows of a call that were written together. `rows`: their indices in the call."""

    rows: RowSelection
    targets: Targets
    plan: Plan
    applied: Applied

    def created(self) -> Ids:
        """Return the ids of the records that this batch created."""
        return self.targets.row_ids[self.plan.creates]


def collect(found: KeyLookup, batches: Sequence[WriteBatch]) -> Outcomes:
    """Return the outcomes of all rows. Rows that are in no batch repeat what is stored: they are
    unchanged."""
    statuses, ids = np.full(found.keys.count, Status.UNCHANGED, object), found.repeated_ids.copy()
    problems, warnings = dict[int, Problem](), dict[int, Problem]()
    for batch in batches:
        statuses[batch.rows], ids[batch.rows] = _outcomes(batch)
        problems |= {int(batch.rows[index]): problem for index, problem in batch.plan.problems.items()}
        warnings |= {int(batch.rows[index]): warning for index, warning in batch.plan.warnings.items()}
    return Outcomes(statuses.tolist(), ids.tolist(), problems, warnings)


def _outcomes(batch: WriteBatch) -> tuple[npt.NDArray[np.object_], Ids]:
    """Return a status and a record id for each row of a batch.

    Of several rows for a new record, the first created it and the others updated it. All rows for a stored
    record have the same status.
    """
    targets, plan = batch.targets, batch.plan
    is_created = np.isin(targets.record_of, targets.record_of[plan.creates])
    ids = np.where(targets.rows_of_new & ~is_created, 0, targets.row_ids)
    if plan.problems:
        leads = dict(zip(targets.record_of[plan.creates].tolist(), plan.creates.tolist(), strict=True))
        for row in plan.problems:
            if row < leads.get(int(targets.record_of[row]), 0):
                ids[row] = 0  # The row failed before the record existed.
    updated = np.concatenate([ids[:0], *(wait_for_ids() for wait_for_ids in batch.applied.updated)])
    statuses = np.full(len(ids), Status.UNCHANGED, object)
    statuses[np.isin(ids, updated) | targets.rows_of_new] = Status.UPDATED
    statuses[plan.creates] = Status.CREATED
    statuses[[*plan.problems]] = Status.FAILED
    return statuses, ids
