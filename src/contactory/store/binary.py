"""Columns in PostgreSQL's binary formats: rows of COPY, and arrays as parameters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from struct import pack
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from contactory.columns.column import BytesColumn, ColumnSet, Ids, IntegerColumn, StringColumn, concat_rows
from contactory.columns.jit import Bytes, Ints
from contactory.columns.pgcopy import format_elements, format_rows

AnyColumn: TypeAlias = Sequence[Any] | npt.NDArray[np.integer]

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"

_TEXT: Final = psycopg.adapters.types["text"].oid
_INT8: Final = psycopg.adapters.types["int8"].oid
_NUMBERS: Final = {"int8": ">i8", "int4": ">i4", "bool": "u1"}


def format_columns(types: Sequence[str], columns: Sequence[AnyColumn]) -> Bytes:
    """Return the COPY rows of some columns. `types` are those on the wire: text, bytea, int8, int4 or
    bool."""
    column = [_as_column(type_, values) for type_, values in zip(types, columns, strict=True)]
    return format_rows(*ColumnSet.of(column))


class TextArray(bytes):
    """Parameter of a statement of type text[]."""

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> TextArray:
        """Encode texts as an array. The driver's own encoder takes twenty times as long for thousands of
        texts."""
        column = texts if isinstance(texts, StringColumn) else StringColumn.from_values(texts)
        elements = format_elements(column.source, column.starts, column.lengths)
        return cls(pack("!iiiii", 1, 0, _TEXT, len(column), 1) + elements.tobytes())


class IdArray(bytes):
    """Parameter of a statement of type bigint[]."""

    @classmethod
    def of(cls, ids: Collection[int] | Ids) -> IdArray:
        """Encode ids as an array, which the driver would do one by one."""
        elements = np.empty(len(ids), [("size", ">i4"), ("id", ">i8")])
        elements["size"] = 8
        elements["id"] = ids if isinstance(ids, np.ndarray) else [*ids]
        return cls(pack("!iiiii", 1, 0, _INT8, len(ids), 1) + elements.tobytes())


class IdArrayDumper(Dumper):
    format = Format.BINARY
    oid = psycopg.adapters.types["int8"].array_oid

    def dump(self, array: IdArray) -> bytes:
        return array


def text_arrays(texts: StringColumn, counts: Ints) -> BytesColumn[bytes]:
    """Encode values of type text[], which have `counts` texts each, one after the other."""
    sizes = texts.lengths.astype(np.int32) + np.int32(4)
    ends = np.append(np.int32(0), np.cumsum(sizes, dtype=np.int32))
    last = np.cumsum(counts)
    elements = BytesColumn[bytes](
        format_elements(texts.source, texts.starts, texts.lengths),
        ends[last - counts],
        ends[last] - ends[last - counts],
    )
    number = IntegerColumn.from_array(counts.astype(np.int32), np.ones(len(counts), bool))
    return concat_rows([pack("!iii", 1, 0, _TEXT), pack("!i", 1), b""], [number, elements])


class TextArrayDumper(Dumper):
    format = Format.BINARY
    oid = psycopg.adapters.types["text"].array_oid

    def dump(self, array: TextArray) -> bytes:
        return array


def _as_column(type_: str, values: AnyColumn) -> BytesColumn[Any]:
    if isinstance(values, BytesColumn):
        return values
    if type_ in _NUMBERS or isinstance(values, np.ndarray):
        return _number_column(values, _NUMBERS[type_])
    return StringColumn.from_values(values) if type_ == "text" else BytesColumn.from_values(values)


def _number_column(
    values: Sequence[int | None] | npt.NDArray[np.integer], format_: str
) -> BytesColumn[bytes]:
    lengths = np.full(len(values), np.dtype(format_).itemsize, np.int32)
    if isinstance(values, range):
        return BytesColumn.from_buffer(
            np.arange(values.start, values.stop).astype(format_).tobytes(), lengths
        )
    try:
        return BytesColumn.from_buffer(np.array(values, format_).tobytes(), lengths)
    except TypeError:
        column = BytesColumn[bytes].from_buffer(
            np.array([value or 0 for value in values], format_).tobytes(), lengths
        )
        column.lengths[[value is None for value in values]] = -1
        return column
