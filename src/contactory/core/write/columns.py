"""Columns of rows, as they are about to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from contactory.columns.column import BytesColumn, RowNumbers, take
from contactory.core.write.folding import fold_all
from contactory.core.write.quiet_times import fold_onto
from contactory.core.write.resolve import Resolved
from contactory.model.bulk import WriteOptions
from contactory.model.fields import FieldType, Mode
from contactory.store.columns import Column


class Columns(NamedTuple):
    """Columns that rows give, with their values; columns that no row gives are left out."""

    columns: tuple[Column, ...]
    values: list[Sequence[Any]]


def read_columns(
    options: WriteOptions,
    count: int,
    resolved: Resolved,
    leads: RowNumbers,
    repeats: dict[int, list[int]],
    defaults: Mapping[str, Any] | None = None,
    stored: Mapping[str, Mapping[int, bytes]] = {},
) -> Columns:
    """Return one value for each of `leads`, the first rows for their records; the values of several rows for
    a record are folded, in order.

    count: of all rows.
    repeats: all rows for such a record, by its lead.
    defaults: for new records, the values where their first row gives none; columns of new records with
    nothing but empty values are left out.
    stored: by field and lead, values that the rows for the record must be folded onto.
    """
    groups = [repeats.get(lead, [lead]) for lead in leads.tolist()] if repeats else None
    rows = leads if groups is None else np.array([row for group in groups for row in group])
    given = resolved.columns
    if not np.array_equal(rows, np.arange(count)):  # Often these are all rows, in order already.
        given = {field: take(values, rows) for field, values in given.items()}
    given = given | {field: [None] * len(rows) for field in defaults or () if field not in given}
    columns, values = [], []
    for field, column_values in given.items():
        type_, mode = options.kind.fields[field], options.modes.get(field, Mode.SET)
        default = defaults.get(field) if defaults else None
        if default is None and not _has_values(type_, column_values, is_new=defaults is not None):
            continue
        if default is not None:
            column_values = _with_default(column_values, default, groups)
        folded = column_values if groups is None else _fold(type_, mode, column_values, groups)
        if groups is not None and field in stored:
            folded = _fold_onto(stored[field], folded, column_values, groups)
        columns.append(Column(field, type_, mode, deletes=_deletes(type_, folded)))
        values.append(folded)
    return Columns(tuple(columns), values)


def _has_values(type_: FieldType, values: Sequence[Any], *, is_new: bool) -> bool:
    """Tell whether a column has any values; for new records, empty ones do not count."""
    if isinstance(values, BytesColumn):
        return values.has_any(more_than_empty=is_new)
    if is_new and type_ not in (FieldType.DATE, FieldType.TIMESTAMP):  # 0 is a day or a time there
        return any(values)
    return any(value is not None for value in values)


def _deletes(type_: FieldType, values: Sequence[bytes | None]) -> bool:
    """Tell whether a document may contain a null, which folding rows adds, too."""
    if type_ not in (FieldType.MAP, FieldType.PATHS):
        return False
    return b"null" in (
        values.join(b",") if isinstance(values, BytesColumn) else b"".join(filter(None, values))
    )


def _fold(type_: FieldType, mode: Mode, given: Sequence[Any], groups: Sequence[Sequence[int]]) -> list[Any]:
    values = iter(given)
    return [fold_all(type_, mode, [next(values) for _ in group]) for group in groups]


def _with_default(given: Sequence[Any], default: Any, groups: Sequence[Sequence[int]] | None) -> list[Any]:
    """Put the default in place of a value that the first row for a record does not give; values of later rows
    are merged with it."""
    if groups is None:
        return [default if value is None else value for value in given]
    values, start = list(given), 0
    for group in groups:
        values[start] = default if values[start] is None else values[start]
        start += len(group)
    return values


def _fold_onto(
    stored: Mapping[int, bytes], folded: Sequence[Any], given: Sequence[Any], groups: Sequence[Sequence[int]]
) -> list[Any]:
    values, start = list(folded), 0
    for number, group in enumerate(groups):
        if group[0] in stored:
            values[number] = fold_onto(stored[group[0]], given[start : start + len(group)])
        start += len(group)
    return values
