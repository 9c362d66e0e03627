"""Plan: resolved rows become sets to write. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

from contactory.core.merge import merge
from contactory.core.resolve import Resolved
from contactory.model.bulk import BulkWrite
from contactory.model.fields import FieldType, Mode
from contactory.model.problems import Code, Problem
from contactory.store.columns import Column


class Plan(NamedTuple):
    """What the write does. `creates` and `changes` are input rows, one for each record, in the order in
    which every writer takes its locks: by key, and by id."""

    creates: list[int]
    changes: list[int]
    columns: tuple[Column, ...]
    values: list[Sequence[Any]]  # by column, then by input row
    problems: dict[int, Problem]


def make_plan(bulk: BulkWrite, resolved: Resolved) -> Plan:
    targets = resolved.targets.records
    problems = dict(resolved.problems)
    if not bulk.may_create:
        absent = (row for row, target in enumerate(targets) if target < 0 and row not in problems)
        problems |= {row: _not_found(bulk, row) for row in absent}
    rows = [row for row in range(bulk.count) if row not in problems] if problems else range(bulk.count)
    groups = _group(rows, targets)
    columns, values = [], []
    for field, given in resolved.columns.items():
        column = _describe(bulk, field, given)
        if column:
            columns.append(column)
            values.append(_fold(column, given, groups))
    leads = rows if groups is None else [group[0] for group in groups]
    return Plan(
        creates=_by_key(bulk, resolved, [row for row in leads if targets[row] < 0]),
        changes=sorted((row for row in leads if targets[row] > 0), key=targets.__getitem__),
        columns=tuple(columns),
        values=values,
        problems=problems,
    )


def _group(rows: Sequence[int], targets: Sequence[int]) -> list[list[int]] | None:
    """Rows by the record they mean, in order of appearance; None when each means another."""
    if len({targets[row] for row in rows}) == len(rows):
        return None
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(targets[row], []).append(row)
    return list(groups.values())


def _describe(bulk: BulkWrite, field: str, given: Sequence[Any]) -> Column | None:
    absent = given.count(None)
    if absent == len(given):
        return None
    type_ = bulk.kind.fields[field]
    return Column(
        field,
        type_,
        bulk.modes.get(field, Mode.SET),
        complete=not absent,
        deletes=type_ is FieldType.MAP and any(b"null" in value for value in given if value),
    )


def _fold(column: Column, given: Sequence[Any], groups: list[list[int]] | None) -> Sequence[Any]:
    """The column with what several rows say of one record put together in the first of them, in order."""
    if groups is None:
        return given
    folded = list(given)
    for group in groups:
        if len(group) > 1:
            later = (given[row] for row in group[1:])
            folded[group[0]] = reduce(
                lambda earlier, value: merge(column.type, column.mode, earlier, value), later, given[group[0]]
            )
    return folded


def _by_key(bulk: BulkWrite, resolved: Resolved, rows: list[int]) -> list[int]:
    if bulk.keys is None:
        return rows
    keys, scheme_ids = bulk.keys.keys, resolved.targets.scheme_ids
    if len(bulk.keys.schemes) == 1:
        return sorted(rows, key=keys.__getitem__)
    return sorted(rows, key=lambda row: (keys[row], scheme_ids[row]))


def _not_found(bulk: BulkWrite, row: int) -> Problem:
    value = bulk.keys.keys[row] if bulk.keys else str(bulk.ids[row] if bulk.ids else "")
    return Problem(code=Code.NOT_FOUND, kind=bulk.kind.label, key=bulk.key_name, value=value)
