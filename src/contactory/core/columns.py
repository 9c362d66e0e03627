"""The columns of some rows, as they are about to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from contactory.core.folding import fold_all
from contactory.core.resolve import Resolved
from contactory.model.bulk import BulkWrite
from contactory.model.fields import FieldType, Mode
from contactory.model.packed import Packed, RowNumbers, take
from contactory.store.columns import Column


class Columns(NamedTuple):
    """What the rows give: columns that no row gives are left out."""

    columns: tuple[Column, ...]
    values: list[Sequence[Any]]


def read_columns(
    bulk: BulkWrite,
    resolved: Resolved,
    leads: RowNumbers,
    repeats: dict[int, list[int]],
    defaults: Mapping[str, Any] | None = None,
) -> Columns:
    """One value per lead; what several rows say of one record is put together, in order. Of new records,
    which have `defaults` where nothing is given, only columns that say more than nothing."""
    groups = [repeats.get(lead, [lead]) for lead in leads.tolist()] if repeats else None
    rows = leads if groups is None else np.array([row for group in groups for row in group])
    given = resolved.columns
    if not np.array_equal(rows, np.arange(bulk.count)):  # They often are in order already, and all of them.
        given = {field: take(values, rows) for field, values in given.items()}
    given = given | {field: [None] * len(rows) for field in defaults or () if field not in given}
    columns, values = [], []
    for field, column_values in given.items():
        type_, mode = bulk.kind.fields[field], bulk.modes.get(field, Mode.SET)
        default = defaults.get(field) if defaults else None
        if default is None and not _says(type_, column_values, is_new=defaults is not None):
            continue
        folded = column_values if groups is None else _fold(type_, mode, column_values, groups)
        if default is not None:
            folded = [default if value is None else value for value in folded]
        columns.append(Column(field, type_, mode, deletes=_deletes(type_, folded)))
        values.append(folded)
    return Columns(tuple(columns), values)


def _says(type_: FieldType, values: Sequence[Any], *, is_new: bool) -> bool:
    """Whether there is more than nothing in a column; for new records, what is empty is nothing."""
    if isinstance(values, Packed):
        return values.has_any(more_than_empty=is_new)
    if is_new and type_ not in (FieldType.DATE, FieldType.TIMESTAMP):  # whose 0 is a day or a moment
        return any(values)
    return any(value is not None for value in values)


def _deletes(type_: FieldType, values: Sequence[bytes | None]) -> bool:
    """Whether there may be a null, which putting rows together makes too."""
    if type_ not in (FieldType.MAP, FieldType.PATHS):
        return False
    return b"null" in (values.join(b",") if isinstance(values, Packed) else b"".join(filter(None, values)))


def _fold(type_: FieldType, mode: Mode, given: Sequence[Any], groups: Sequence[Sequence[int]]) -> list[Any]:
    values = iter(given)
    return [fold_all(type_, mode, [next(values) for _ in group]) for group in groups]
