"""Columns as PostgreSQL takes them by binary COPY: the bytes of all values beside each other, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import numpy as np

from contactory.compiled import Bytes
from contactory.compiled.copying import format_rows
from contactory.model.packed import Packed

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"

_NUMBERS: Final = {"int8": ">i8", "int4": ">i4", "bool": "u1"}


def format_columns(types: Sequence[str], columns: Sequence[Sequence[Any]]) -> Bytes:
    """The rows of some columns; `types` are those on the wire: text, bytea, int8, int4 or bool."""
    packed = [_pack(type_, values) for type_, values in zip(types, columns, strict=True)]
    source = max((column.source for column in packed), key=len)
    starts, lengths = np.empty((2, len(packed), len(packed[0])), np.int32)
    extra, size, is_extra = list[Bytes](), 0, np.zeros(len(packed), np.uint8)
    for place, column in enumerate(packed):
        starts[place], lengths[place] = column.starts, column.lengths
        if column.source is not source:
            starts[place] += size
            size += len(column.source)
            extra.append(column.source)
            is_extra[place] = 1
    return format_rows(source, np.concatenate([*extra, _NOTHING]), is_extra, starts, lengths)


def _pack(type_: str, values: Sequence[Any]) -> Packed[Any]:
    if isinstance(values, Packed):
        return values
    if type_ in _NUMBERS:
        return _pack_numbers(values, _NUMBERS[type_])
    return _pack_texts(values) if type_ == "text" else Packed.of(values)


def _pack_numbers(values: Sequence[int | None], format_: str) -> Packed[bytes]:
    lengths = np.full(len(values), np.dtype(format_).itemsize, np.int32)
    if isinstance(values, range):
        return Packed.place(np.arange(values.start, values.stop).astype(format_).tobytes(), lengths)
    try:
        return Packed.place(np.array(values, format_).tobytes(), lengths)
    except TypeError:
        packed = Packed[bytes].place(np.array([value or 0 for value in values], format_).tobytes(), lengths)
        packed.lengths[[value is None for value in values]] = -1
        return packed


def _pack_texts(values: Sequence[str | None]) -> Packed[bytes]:
    absent = list[bool]()
    try:
        joined = "\0".join(cast("Sequence[str]", values)).encode()
    except TypeError:
        absent = [value is None for value in values]
        joined = "\0".join([value or "" for value in values]).encode()
    source = np.frombuffer(joined, np.uint8)
    ends = np.append(np.flatnonzero(source == 0), len(joined)).astype(np.int32)
    if len(ends) != len(values):  # A text has the character that PostgreSQL is going to refuse.
        return Packed.of([None if value is None else value.encode() for value in values])
    starts = np.append(np.int32(0), ends[:-1] + 1)
    lengths = ends - starts
    if absent:
        lengths[absent] = -1
    return Packed(source, starts, lengths)


_NOTHING: Final = np.empty(0, np.uint8)
