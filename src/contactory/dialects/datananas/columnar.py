"""Rows as they were sent, read by columns. A row with anything unusual is odd, and the exact reader reads it
alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from xxhash import xxh3_128_digest

from contactory.columns.column import BytesColumn, RowSelection, StringColumn, take
from contactory.columns.document import Children, Document, Fields, ValueKind
from contactory.dialects.datananas.bodies import parse
from contactory.dialects.datananas.fields import READERS
from contactory.dialects.datananas.ids import decode_id
from contactory.dialects.datananas.names import CREATED, FIELDS, canonical, normalize
from contactory.dialects.datananas.rows import Rows, read_rows
from contactory.dialects.datananas.usual import Given, IsOdd

# A row with one of these keys was read from this API: its createdAt is that of the stored contact.
_OF_STORED: Final = ("_id", "updatedAt")


class ColumnarRows:
    """The rows of an array that is known to be JSON."""

    def __init__(self, document: Document, items: Children) -> None:
        self._document = document
        self._starts, self._lengths = items.starts, items.lengths
        self._is_object = items.kinds == ValueKind.OBJECT

    @classmethod
    def of(cls, array: bytes) -> ColumnarRows | None:
        """Return the rows, or None where the array itself is in an unusual form."""
        document = Document(array)
        items = document.children(np.zeros(1, np.int32), np.full(1, len(array), np.int32))
        return None if items.odd.any() else cls(document, items)

    def __len__(self) -> int:
        return len(self._starts)

    def hashes(self, rows: RowSelection) -> bytes:
        """Return a hash of 16 bytes of each of some rows as they were sent."""
        source = self._document.source.data
        starts, lengths = take(self._starts, rows).tolist(), take(self._lengths, rows).tolist()
        ranges = zip(starts, lengths, strict=True)
        return b"".join([xxh3_128_digest(source[start : start + length]) for start, length in ranges])

    def read(self, rows: RowSelection) -> Rows:
        """Read some rows, as `read_rows` does."""
        starts, lengths = take(self._starts, rows), take(self._lengths, rows)
        members = self._document.children(starts, lengths)
        read, is_odd = _read_usual(members)
        is_object = take(self._is_object, rows)
        odd = np.flatnonzero(is_odd | ~is_object)
        if not len(odd):
            return read
        # Anything but an object reads as null does.
        sent = BytesColumn[bytes](members.source, starts, np.where(is_object, lengths, np.int32(-1)))
        exact = read_rows(parse(b"[%s]" % b",".join([row or b"null" for row in sent.take(odd)])))
        return _put_in(read, odd.tolist(), exact, members)


def _read_usual(members: Children) -> tuple[Rows, IsOdd]:
    """Read all rows as if they were usual. Return also which are not."""
    size, is_odd = len(members.odd), members.odd.copy()
    keys = [key for key in members.names if canonical(key) or key in _OF_STORED]
    numbers = {key: number for number, key in enumerate(keys)}
    fields = members.fields(lambda key: numbers.get(key, -1), len(keys))
    was_read = np.zeros(size, bool)
    for key in numbers.keys() & set(_OF_STORED):
        was_read |= fields.kinds[numbers[key]] != ValueKind.ABSENT
    for key, number in numbers.items():
        if normalize(key) == CREATED:
            fields.kinds[number, was_read], fields.lengths[number, was_read] = ValueKind.ABSENT, -1
    columns: dict[str, Sequence[Any]] = {}
    owners: Sequence[str | None] = [None] * size
    for name, (field, _) in FIELDS.items():
        given, has_several = _find_given(fields, [numbers[key] for key in keys if canonical(key) == name])
        column: Sequence[Any] = [None] * size
        if given is not None:
            column, are_odd = READERS[name].read_usual(given)
            is_odd |= are_odd | has_several
        if name == "owner":
            owners = column
        else:
            columns[field] = column
    ids = _find_ids(fields, numbers["_id"], columns) if "_id" in numbers else None
    return Rows(size, columns, owners, [], ids), is_odd


def _find_given(fields: Fields, numbers: Sequence[int]) -> tuple[Given | None, IsOdd]:
    """Return the values that are given under some keys, None if there are no such keys, and which rows have
    several of these keys."""
    if len(numbers) < 2:
        has_several = np.zeros(fields.kinds.shape[1], bool)
        return (Given.of(fields, numbers[0]) if numbers else None), has_several
    are_given = fields.kinds[numbers] != ValueKind.ABSENT
    number_of = np.array(numbers)[are_given.argmax(axis=0)]
    return Given.of(fields, (number_of, np.arange(len(number_of)))), are_given.sum(axis=0) > 1


def _find_ids(fields: Fields, number: int, columns: dict[str, Sequence[Any]]) -> list[int | None] | None:
    """Return the ids of rows that have neither an e-mail nor a profile; None if no row has one."""
    without = np.ones(len(fields.kinds[number]), bool)
    for column in (columns["email"], columns["linkedin"]):
        if isinstance(column, StringColumn):
            without &= column.lengths < 0
    rows = np.flatnonzero(without & (fields.kinds[number] == ValueKind.TEXT))
    texts = StringColumn(fields.source, fields.starts[number, rows], fields.lengths[number, rows])
    ids: list[int | None] = [None] * len(without)
    for row, text in zip(rows.tolist(), texts, strict=True):
        ids[row] = decode_id(text or "")
    return ids if any(ids) else None


def _put_in(read: Rows, odd: list[int], exact: Rows, members: Children) -> Rows:
    """Put the odd rows, as the exact reader has read them, in place. Columns that share the bytes of the body
    then share one buffer with the new values, too."""
    columns = dict(read.columns)
    pieces, end = [members.source], len(members.source)
    shared: list[tuple[str, BytesColumn[Any]]] = []
    for field, values in exact.columns.items():
        column = columns[field]
        if isinstance(column, BytesColumn):
            others = type(column).from_values(values)
            starts, lengths = column.starts.copy(), column.lengths.copy()
            starts[odd], lengths[odd] = others.starts + np.int32(end), others.lengths
            pieces.append(others.source)
            end += len(others.source)
            shared.append((field, type(column)(column.source, starts, lengths)))
        else:
            columns[field] = _replaced(column, odd, values)
    source = np.concatenate(pieces)
    columns |= {field: type(column)(source, column.starts, column.lengths) for field, column in shared}
    ids = read.ids
    if ids is not None or exact.ids is not None:
        ids = _replaced(ids or [None] * read.size, odd, exact.ids or [None] * exact.size)
    errors = [error._replace(i=odd[error.i]) for error in exact.errors]
    return Rows(
        read.size,
        columns,
        _replaced(read.owners, odd, exact.owners),
        errors,
        ids if ids and any(ids) else None,
    )


def _replaced(values: Sequence[Any], rows: list[int], others: Sequence[Any]) -> list[Any]:
    replaced = list(values)
    for row, value in zip(rows, others, strict=True):
        replaced[row] = value
    return replaced
