"""Plan: resolved rows become sets to write, stored records in the order in which they are locked. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from contactory.columns.column import Ids, RowNumbers
from contactory.core.resolve import Resolved
from contactory.model.bulk import BulkWrite
from contactory.model.problems import Code, Problem


class Plan(NamedTuple):
    """Rows to write.

    creates, changes: input rows, the first for each record; those of `changes` are ordered by record id.
    repeats: for each record that several rows refer to, the first of the rows -> all of them, in order.
    warnings: for rows that are written without some of their values.
    """

    creates: RowNumbers
    changes: RowNumbers
    repeats: dict[int, list[int]]
    problems: dict[int, Problem]
    warnings: dict[int, Problem]


def make_plan(bulk: BulkWrite, resolved: Resolved) -> Plan:
    """Divide the rows into those that create, those that change and those that fail."""
    targets = resolved.targets.records
    problems = dict(resolved.problems)
    if not bulk.may_create:
        absent = (row for row in np.flatnonzero(targets < 0).tolist() if row not in problems)
        problems |= {row: not_found(bulk, row) for row in absent}
    if not bulk.may_update:
        taken = Problem(code=Code.ALREADY_EXISTS, kind=bulk.kind.label)
        stored = (row for row in np.flatnonzero(targets > 0).tolist() if row not in problems)
        problems |= dict.fromkeys(stored, taken)
    leads, repeats = _group(np.delete(np.arange(bulk.count), list(problems)), targets)
    creates, changes = leads[targets[leads] < 0], leads[targets[leads] > 0]
    changes = changes[np.argsort(targets[changes], kind="stable")]
    return Plan(creates, changes, repeats, problems, resolved.warnings)


def slices(rows: RowNumbers, size: int) -> Iterator[RowNumbers]:
    """Return slices of `size` rows, the last of which may be shorter."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _group(rows: RowNumbers, targets: Ids) -> tuple[RowNumbers, dict[int, list[int]]]:
    """Return the first row for each record, and all rows for each record that has several."""
    _, firsts, numbers, times = np.unique(
        targets[rows], return_index=True, return_inverse=True, return_counts=True
    )
    groups: dict[int, list[int]] = {}
    for index in np.flatnonzero(times[numbers] > 1).tolist():
        groups.setdefault(int(rows[firsts[numbers[index]]]), []).append(int(rows[index]))
    return rows[np.sort(firsts)], groups


def not_found(bulk: BulkWrite, row: int) -> Problem:
    """Return the problem of a row that refers to no record and may not create one."""
    id_ = bulk.ids[row] if bulk.ids else None
    value = bulk.keys.keys[row] if id_ is None and bulk.keys else str(id_)
    return Problem(code=Code.NOT_FOUND, kind=bulk.kind.label, key=bulk.key_name, value=value)
