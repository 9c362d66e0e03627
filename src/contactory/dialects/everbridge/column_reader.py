"""Rows of a batch, read into columns of the store at once. The values are those that `columns.read_rows`
reads; a row with anything unusual is marked odd."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from contactory.columns.column import BytesColumn, RowNumbers, StringColumn
from contactory.columns.document import ValueKind, are_kinds
from contactory.columns.values import find_odd
from contactory.dialects.everbridge.address_columns import read_addresses
from contactory.dialects.everbridge.attribute_columns import read_attributes
from contactory.dialects.everbridge.columns import (
    FLAGS,
    NUMBERS,
    TEXTS,
    Row,
    check_zone,
    read_flags,
    read_groups,
    read_numbers,
    read_record_type,
    read_topics,
)
from contactory.dialects.everbridge.items import Contact
from contactory.dialects.everbridge.objects import Objects, find_unusual
from contactory.dialects.everbridge.path_columns import read_paths
from contactory.dialects.everbridge.values import key
from contactory.model.directory import Directory
from contactory.model.limits import LARGEST_DOCUMENT

# First bytes of texts that may be blank: of ASCII, and of the blanks beyond it.
_MAY_BE_BLANK: Final = np.isin(range(256), [*range(0x21), 0xC2, 0xE1, 0xE2, 0xE3])

Columns = dict[str, Sequence[Any]]


def read_columns(
    rows: Objects, directory: Directory, *, full: bool, note: Callable[[Contact], None]
) -> Columns:
    """Read rows, and mark the odd ones. `note` is called with all distinct groups of rows."""

    def noted_groups(contact: Contact) -> Row:
        note(contact)
        return read_groups(contact, directory)

    columns = _read_texts(rows, full=full)
    columns |= _read_distinct(rows, FLAGS, partial(read_flags, full=full))
    columns |= _read_distinct(rows, NUMBERS, partial(read_numbers, full=full))
    rows.distinct(["timezoneId"], check_zone)
    record_types = partial(read_record_type, directory=directory, full=full)
    columns |= _read_distinct(rows, ["recordTypeId", "recordTypeName"], record_types)
    columns |= _read_distinct(rows, ["groups", "groupsName"], noted_groups)
    columns |= _read_distinct(rows, ["topics"], partial(read_topics, full=full))
    documents = {
        "contactAttributes": ("contact_attributes", read_attributes(rows, directory)),
        "address": ("addresses", read_addresses(rows)),
        "paths": ("paths", read_paths(rows, directory)),
    }
    for name, (stored, column) in documents.items():
        rows.odd |= column.lengths > LARGEST_DOCUMENT
        is_absent = are_kinds(rows.kinds(name), ValueKind.ABSENT) & (not full)
        columns[stored] = column.null_where(is_absent)
    return columns


def _read_texts(rows: Objects, *, full: bool) -> Columns:
    columns: Columns = {}
    for name, field in TEXTS.items():
        texts = rows.texts(name, field.most)
        if full:
            texts = texts.fill_null()
        if field.is_key:
            doubtful = find_odd(texts.source, texts.starts, texts.lengths)
            rows.odd[find_unusual(texts, doubtful, partial(_is_key, field.most))] = True
        if field.is_required:
            _check_required(rows, texts)
        columns[field.stored] = texts
    return columns


def _is_key(most: int, value: str) -> bool:
    return key(value, "", most) == value


def _check_required(rows: Objects, texts: StringColumn) -> None:
    rows.odd |= texts.lengths == 0
    given = np.flatnonzero(texts.lengths > 0)
    doubtful = given[_MAY_BE_BLANK[texts.source[texts.starts[given]]]]
    rows.odd[find_unusual(texts, doubtful, lambda value: bool(value.strip()))] = True


def _read_distinct(rows: Objects, names: Collection[str], read: Callable[[Contact], Row]) -> Columns:
    numbers, found = rows.distinct(names, read)
    fields = dict.fromkeys(field for row in found if row for field in row)
    number_of = numbers.tolist()
    distinct = {field: [row.get(field) if row else None for row in found] for field in fields}
    return {field: [values[number] for number in number_of] for field, values in distinct.items()}


def replace_rows(columns: Columns, rows: RowNumbers, others: Columns, count: int) -> Columns:
    """Replace some rows of columns, which have so many, by those of other columns. Columns that are missing
    have no values."""
    if len(rows) == count:
        return others
    replaced: Columns = {}
    for field in columns | others:
        values = others.get(field, [None] * len(rows))
        column = columns.get(field, [None] * count)
        if isinstance(column, BytesColumn):
            replaced[field] = column.compact().replace_rows(rows.tolist(), type(column).from_values(values))
        else:
            listed = list(column)
            for row, value in zip(rows.tolist(), values, strict=True):
                listed[row] = value
            replaced[field] = listed
    return replaced
