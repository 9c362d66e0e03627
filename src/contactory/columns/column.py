"""Columns of byte ranges in a buffer, such as a request body. Values become Python objects on access.

The model is that of Arrow's binary view: a start and a length for each value, and -1 for null.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self, TypeAlias, TypeVar, cast, overload

import numpy as np
import numpy.typing as npt

from contactory.columns import pgcopy
from contactory.columns.jit import Bytes, Ints, Table, Words

Value = TypeVar("Value")
Scalar = TypeVar("Scalar", bound=np.generic)

Ids: TypeAlias = npt.NDArray[np.int64]
RowNumbers: TypeAlias = npt.NDArray[np.intp]
RowSelection: TypeAlias = Sequence[int] | RowNumbers
"""Rows of a column. Taking a range of them copies nothing."""


class BytesColumn(Sequence[Value | None]):
    """Values in `source`: each begins at its start and has its length in bytes, which is -1 for None."""

    __slots__ = ("lengths", "source", "starts")

    def __init__(self, source: Bytes, starts: Ints, lengths: Ints) -> None:
        self.source = source
        self.starts = starts
        self.lengths = lengths

    @classmethod
    def from_buffer(cls, joined: bytes, lengths: Ints, gap: int = 0) -> Self:
        """Make a column of values that follow each other in a buffer, with `gap` bytes after each."""
        sizes = np.where(lengths < 0, np.int32(0), lengths + np.int32(gap))
        return cls(np.frombuffer(joined, np.uint8), np.cumsum(sizes, dtype=np.int32) - sizes, lengths)

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Return the values of all parts, one part after the other."""
        source, lengths = parts[0].source, np.concatenate([part.lengths for part in parts])
        if all(part.source is source for part in parts):
            return cls(source, np.concatenate([part.starts for part in parts]), lengths)
        return cls.from_buffer(
            b"".join([part.join(b"\0") + b"\0" for part in parts if part.has_any()]), lengths, gap=1
        )

    @classmethod
    def from_values(cls, values: Sequence[bytes | None]) -> Self:
        try:
            lengths = np.fromiter(map(len, cast("Sequence[bytes]", values)), np.int32, len(values))
        except TypeError:
            lengths = np.array([-1 if value is None else len(value) for value in values], np.int32)
        return cls.from_buffer(b"".join(filter(None, values)), lengths)

    @classmethod
    def from_separated(cls, joined: bytes, count: int, separator: bytes = b"\0") -> Self:
        """Make a column of `count` values that have a separator of one byte between them."""
        separators = np.flatnonzero(np.frombuffer(joined, np.uint8) == separator[0])
        ends = np.append(separators, len(joined))[:count]
        starts = np.append(0, ends[:-1] + 1)[:count]
        return cls.from_buffer(joined, (ends - starts).astype(np.int32), gap=1)

    @staticmethod
    def read(value: bytes) -> Any:
        """Make a value of its bytes."""
        return value

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Value | None]:
        view, read = self.source.data, self.read
        for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True):
            yield None if length < 0 else read(bytes(view[start : start + length]))

    @overload
    def __getitem__(self, row: int) -> Value | None: ...
    @overload
    def __getitem__(self, row: slice) -> Self: ...
    def __getitem__(self, row: int | slice) -> Value | Self | None:
        if isinstance(row, slice):
            return self._with(self.starts[row], self.lengths[row])
        start, length = int(self.starts[row]), int(self.lengths[row])
        return None if length < 0 else self.read(self.source[start : start + length].tobytes())

    def take(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> Self:
        return self._with(self.starts[rows], self.lengths[rows])

    def has_any(self, *, more_than_empty: bool = False) -> bool:
        return bool(self.lengths.max(initial=-1) >= more_than_empty)

    def compact(self) -> Self:
        """Copy the values into one buffer without gaps."""
        return self.from_buffer(self.join(b"\0"), self.lengths, gap=1)

    def fill_null(self, value: bytes = b"") -> Self:
        """Replace None by a value."""
        if not value or self.lengths.min(initial=0) >= 0:
            return self._with(self.starts, np.maximum(self.lengths, 0))
        lacks = np.flatnonzero(self.lengths < 0).tolist()
        one = self.from_buffer(value, np.full(1, len(value), np.int32))
        return self.compact().replace_rows(lacks, one)

    def null_if(self, value: bytes) -> Self:
        """Replace a value by None."""
        same = self.lengths == len(value)
        for index, byte in enumerate(value):
            same[same] = self.source[self.starts[same] + index] == byte
        return self._with(self.starts, np.where(same, np.int32(-1), self.lengths))

    def spread(self, rows: RowNumbers, count: int) -> Self:
        """Return a column of `count` values: these in some rows, None in the others."""
        starts, lengths = np.zeros(count, np.int32), np.full(count, -1, np.int32)
        starts[rows], lengths[rows] = self.starts, self.lengths
        return self._with(starts, lengths)

    def null_where(self, rows: npt.NDArray[np.bool_]) -> Self:
        """Replace the values of some rows by None."""
        return self._with(self.starts, np.where(rows, np.int32(-1), self.lengths))

    def prefix(self, byte: bytes) -> Self:
        """Put one byte before each value that is not None."""
        placed = self.from_buffer(byte + self.join(byte), self.lengths, gap=1)
        return placed._with(placed.starts, self.lengths + (self.lengths >= 0))

    def replace_rows(self, rows: Sequence[int] | npt.NDArray[np.integer], others: Self) -> Self:
        """Replace the values of some rows."""
        starts, lengths = self.starts.copy(), self.lengths.copy()
        starts[rows], lengths[rows] = others.starts + np.int32(len(self.source)), others.lengths
        return type(self)(np.concatenate([self.source, others.source]), starts, lengths)

    def join(self, separator: bytes) -> bytes:
        """Return all values that are not None, with a separator of one byte between them."""
        given = self.lengths >= 0
        return pgcopy.join(self.source, self.starts[given], self.lengths[given], separator[0]).tobytes()

    def _with(self, starts: Ints, lengths: Ints) -> Self:
        return type(self)(self.source, starts, lengths)


class StringColumn(BytesColumn[str]):
    """A column of texts in UTF-8 without U+0000."""

    @classmethod
    def from_values(cls, values: Sequence[str | None]) -> Self:  # type: ignore[override]
        absent = list[bool]()
        try:
            joined = "\0".join(cast("Sequence[str]", values)).encode()
        except TypeError:
            absent = [value is None for value in values]
            joined = "\0".join([value or "" for value in values]).encode()
        if joined.count(b"\0") != len(values) - 1:  # A text has one, which PostgreSQL is going to refuse.
            return super().from_values([None if value is None else value.encode() for value in values])
        column = cls.from_separated(joined, len(values))
        if absent:
            column.lengths[absent] = -1
        return column

    @staticmethod
    def read(value: bytes) -> str:
        return value.decode()

    def __iter__(self) -> Iterator[str | None]:
        if not self.has_any():
            return iter([None] * len(self))
        given = iter(self.join(b"\0").decode().split("\0"))
        if self.lengths.min() >= 0:
            return given
        return (next(given) if is_given else None for is_given in (self.lengths >= 0).tolist())

    def strings(self) -> list[str]:
        """Return the texts as a list. No row may be None."""
        return self.join(b"\0").decode().split("\0") if len(self) else []


class IntegerColumn(BytesColumn[int]):
    """A column of integers of four or eight bytes in network byte order."""

    @classmethod
    def from_array(cls, values: Ints | Ids, are_given: npt.NDArray[np.bool_]) -> IntegerColumn:
        lengths = np.full(len(values), values.itemsize, np.int32)
        column = cls.from_buffer(values.astype(values.dtype.newbyteorder(">")).tobytes(), lengths)
        lengths[~are_given] = -1
        return column

    @staticmethod
    def read(value: bytes) -> int:
        return int.from_bytes(value, signed=True)


@overload
def take(column: npt.NDArray[Scalar], rows: RowSelection) -> npt.NDArray[Scalar]: ...
@overload
def take(column: Sequence[Value], rows: RowSelection) -> Sequence[Value]: ...
def take(column: Any, rows: RowSelection) -> Any:
    """Return some rows of a column, which may be of any type."""
    if isinstance(rows, range):
        return column[rows.start : rows.stop]
    if isinstance(column, BytesColumn):
        return column.take(rows)
    if isinstance(column, np.ndarray):
        return column[rows]
    return [column[row] for row in (rows.tolist() if isinstance(rows, np.ndarray) else rows)]


def as_words(digests: bytes) -> Words:
    """Return digests of 16 bytes as two words each."""
    return np.frombuffer(digests, np.uint64).reshape(-1, 2)


class ColumnSet(NamedTuple):
    """Columns of the same rows. The values of each are in `source`, or else in `extra`."""

    source: Bytes
    extra: Bytes
    is_extra: Bytes
    starts: Table
    lengths: Table

    @classmethod
    def of(cls, columns: Sequence[BytesColumn[Any]]) -> ColumnSet:
        source = max((column.source for column in columns), key=len)
        starts, lengths = np.empty((2, len(columns), len(columns[0])), np.int32)
        extra, size, is_extra = [np.empty(0, np.uint8)], 0, np.zeros(len(columns), np.uint8)
        for index, column in enumerate(columns):
            starts[index], lengths[index] = column.starts, column.lengths
            if column.source is not source:
                starts[index] += size
                size += len(column.source)
                extra.append(column.source)
                is_extra[index] = 1
        return cls(source, np.concatenate(extra), is_extra, starts, lengths)


def concat_rows(pieces: Sequence[bytes], columns: Sequence[BytesColumn[Any]]) -> BytesColumn[bytes]:
    """Return pieces[0] + columns[0] + pieces[1] + ... + pieces[-1] for each row. No value may be None."""
    ends = np.cumsum([*map(len, pieces)], dtype=np.int32)
    return BytesColumn(
        *pgcopy.concat_rows(np.frombuffer(b"".join(pieces), np.uint8), ends, *ColumnSet.of(columns))
    )
