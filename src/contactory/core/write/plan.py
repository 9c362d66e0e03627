"""Plan: resolved rows become sets to write, stored records in the order in which they are locked. Pure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from contactory.columns.column import RowNumbers
from contactory.columns.jit import Ints
from contactory.core.write.resolve import Resolved
from contactory.model.bulk import RowKeys, WriteOptions
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


def make_plan(options: WriteOptions, rows: RowKeys, resolved: Resolved) -> Plan:
    """Divide the rows into those that create, those that change and those that fail."""
    targets = resolved.targets
    is_new, problems = targets.rows_of_new, dict(resolved.problems)
    if not options.may_create:
        absent = (row for row in np.flatnonzero(is_new).tolist() if row not in problems)
        problems |= {row: not_found(options, rows, row) for row in absent}
    if not options.may_update:
        taken = Problem(code=Code.ALREADY_EXISTS, kind=options.kind.label)
        stored = (row for row in np.flatnonzero(~is_new).tolist() if row not in problems)
        problems |= dict.fromkeys(stored, taken)
    written = np.delete(np.arange(rows.count), list(problems))
    leads, repeats = _group(written, targets.record_of)
    creates, changes = leads[is_new[leads]], leads[~is_new[leads]]
    changes = changes[np.argsort(targets.row_ids[changes], kind="stable")]
    return Plan(creates, changes, repeats, problems, resolved.warnings)


def _group(rows: RowNumbers, record_of: Ints) -> tuple[RowNumbers, dict[int, list[int]]]:
    """Return the first row for each record, and all rows for each record that has several."""
    _, firsts, numbers, times = np.unique(
        record_of[rows], return_index=True, return_inverse=True, return_counts=True
    )
    groups: dict[int, list[int]] = {}
    for index in np.flatnonzero(times[numbers] > 1).tolist():
        groups.setdefault(int(rows[firsts[numbers[index]]]), []).append(int(rows[index]))
    return rows[np.sort(firsts)], groups


def not_found(options: WriteOptions, rows: RowKeys, row: int) -> Problem:
    """Return the problem of a row that refers to no record and may not create one."""
    id_ = rows.ids[row] if rows.ids else None
    value = rows.keys.keys[row] if id_ is None and rows.keys else str(id_)
    return Problem(code=Code.NOT_FOUND, kind=options.kind.label, key=options.key_name, value=value)
