"""Plan: resolved rows become sets to write, known records in the order in which they are locked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from contactory.core.resolve import Resolved
from contactory.model.bulk import BulkWrite
from contactory.model.problems import Code, Problem


class Plan(NamedTuple):
    """`creates` and `changes` are input rows, one for each record, the latter by record id. `repeats` are
    the records that several rows mean: the first of the rows -> all of them, in order."""

    creates: list[int]
    changes: list[int]
    repeats: dict[int, list[int]]
    problems: dict[int, Problem]


def make_plan(bulk: BulkWrite, resolved: Resolved) -> Plan:
    targets = resolved.targets.records
    problems = dict(resolved.problems)
    if not bulk.may_create:
        absent = (row for row, target in enumerate(targets) if target < 0 and row not in problems)
        problems |= {row: not_found(bulk, row) for row in absent}
    if not bulk.may_update:
        taken = Problem(code=Code.ALREADY_EXISTS, kind=bulk.kind.label)
        problems |= {row: taken for row, target in enumerate(targets) if target > 0 and row not in problems}
    rows: Sequence[int] = range(bulk.count)
    if problems:
        rows = [row for row in rows if row not in problems]
    leads, repeats = _group(rows, targets)
    return Plan(
        creates=[row for row in leads if targets[row] < 0],
        changes=sorted((row for row in leads if targets[row] > 0), key=targets.__getitem__),
        repeats=repeats,
        problems=problems,
    )


def chunks(rows: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _group(rows: Sequence[int], targets: Sequence[int]) -> tuple[Sequence[int], dict[int, list[int]]]:
    """The first row for each record, and the rows of records that several mean."""
    if len({targets[row] for row in rows}) == len(rows):
        return rows, {}
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(targets[row], []).append(row)
    leads = [group[0] for group in groups.values()]
    return leads, {group[0]: group for group in groups.values() if len(group) > 1}


def not_found(bulk: BulkWrite, row: int) -> Problem:
    """The problem of a row that names no record and may not create one."""
    id_ = bulk.ids[row] if bulk.ids else None
    value = bulk.keys.keys[row] if id_ is None and bulk.keys else str(id_)
    return Problem(code=Code.NOT_FOUND, kind=bulk.kind.label, key=bulk.key_name, value=value)
