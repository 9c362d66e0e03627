"""Columns whose values still lie where they were read, as bytes that become objects only when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self, TypeAlias, TypeVar, cast, overload

import numpy as np
import numpy.typing as npt

from contactory.compiled import Bytes, Ints, Table, copying

Value = TypeVar("Value")
Scalar = TypeVar("Scalar", bound=np.generic)

Ids: TypeAlias = npt.NDArray[np.int64]
RowNumbers: TypeAlias = npt.NDArray[np.intp]
SomeRows: TypeAlias = Sequence[int] | RowNumbers
"""Some rows of a column; what is asked for a range of them copies nothing."""


class Packed(Sequence[Value | None]):
    """Values that lie in `source`, each from its start for its length, which is -1 for None."""

    __slots__ = ("lengths", "source", "starts")

    def __init__(self, source: Bytes, starts: Ints, lengths: Ints) -> None:
        self.source = source
        self.starts = starts
        self.lengths = lengths

    @classmethod
    def place(cls, joined: bytes, lengths: Ints, apart: int = 0) -> Self:
        """Values that lie one after the other, or so many bytes apart."""
        sizes = np.where(lengths < 0, np.int32(0), lengths + np.int32(apart))
        return cls(np.frombuffer(joined, np.uint8), np.cumsum(sizes, dtype=np.int32) - sizes, lengths)

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """One column after the other."""
        source, lengths = parts[0].source, np.concatenate([part.lengths for part in parts])
        if all(part.source is source for part in parts):
            return cls(source, np.concatenate([part.starts for part in parts]), lengths)
        return cls.place(
            b"".join([part.join(b"\0") + b"\0" for part in parts if part.has_any()]), lengths, apart=1
        )

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> Self:
        try:
            lengths = np.fromiter(map(len, cast("Sequence[bytes]", values)), np.int32, len(values))
        except TypeError:
            lengths = np.array([-1 if value is None else len(value) for value in values], np.int32)
        return cls.place(b"".join(filter(None, values)), lengths)

    @classmethod
    def split(cls, joined: bytes, count: int, separator: bytes = b"\0") -> Self:
        """So many, with a byte between them."""
        separators = np.flatnonzero(np.frombuffer(joined, np.uint8) == separator[0])
        ends = np.append(separators, len(joined))[:count]
        starts = np.append(0, ends[:-1] + 1)[:count]
        return cls.place(joined, (ends - starts).astype(np.int32), apart=1)

    @staticmethod
    def read(value: bytes) -> Any:
        """A value from its bytes."""
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

    def together(self) -> Self:
        """Beside each other, without what lies between."""
        return self.place(self.join(b"\0"), self.lengths, apart=1)

    def filled(self, value: bytes = b"") -> Self:
        """With a value in place of None."""
        if not value or self.lengths.min(initial=0) >= 0:
            return self._with(self.starts, np.maximum(self.lengths, 0))
        lacks = np.flatnonzero(self.lengths < 0).tolist()
        one = self.place(value, np.full(1, len(value), np.int32))
        return self.together().replaced(lacks, one)

    def without(self, value: bytes) -> Self:
        """With None in place of a value."""
        same = self.lengths == len(value)
        for place, byte in enumerate(value):
            same[same] = self.source[self.starts[same] + place] == byte
        return self._with(self.starts, np.where(same, np.int32(-1), self.lengths))

    def behind(self, byte: bytes) -> Self:
        """With a byte before each that is not None."""
        placed = self.place(byte + self.join(byte), self.lengths, apart=1)
        return placed._with(placed.starts, self.lengths + (self.lengths >= 0))

    def replaced(self, rows: Sequence[int], others: Self) -> Self:
        """With other values in some rows."""
        starts, lengths = self.starts.copy(), self.lengths.copy()
        starts[rows], lengths[rows] = others.starts + np.int32(len(self.source)), others.lengths
        return type(self)(np.concatenate([self.source, others.source]), starts, lengths)

    def join(self, separator: bytes) -> bytes:
        """All that are not None, with a byte between them."""
        given = self.lengths >= 0
        return copying.join(self.source, self.starts[given], self.lengths[given], separator[0]).tobytes()

    def _with(self, starts: Ints, lengths: Ints) -> Self:
        return type(self)(self.source, starts, lengths)


class Texts(Packed[str]):
    """Without U+0000, in UTF-8."""

    @classmethod
    def pack(cls, values: Sequence[str | None]) -> Self:
        absent = list[bool]()
        try:
            joined = "\0".join(cast("Sequence[str]", values)).encode()
        except TypeError:
            absent = [value is None for value in values]
            joined = "\0".join([value or "" for value in values]).encode()
        if joined.count(b"\0") != len(values) - 1:  # A text has one, which PostgreSQL is going to refuse.
            return cls.of([None if value is None else value.encode() for value in values])
        packed = cls.split(joined, len(values))
        if absent:
            packed.lengths[absent] = -1
        return packed

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
        """Where there is one in every row."""
        return self.join(b"\0").decode().split("\0") if len(self) else []


class Integers(Packed[int]):
    """Of four or eight bytes, in the order of networks."""

    @classmethod
    def pack(cls, values: Ints | Ids, are_given: npt.NDArray[np.bool_]) -> Integers:
        lengths = np.full(len(values), values.itemsize, np.int32)
        packed = cls.place(values.astype(values.dtype.newbyteorder(">")).tobytes(), lengths)
        lengths[~are_given] = -1
        return packed

    @staticmethod
    def read(value: bytes) -> int:
        return int.from_bytes(value, signed=True)


@overload
def take(column: npt.NDArray[Scalar], rows: SomeRows) -> npt.NDArray[Scalar]: ...
@overload
def take(column: Sequence[Value], rows: SomeRows) -> Sequence[Value]: ...
def take(column: Any, rows: SomeRows) -> Any:
    """A column of some rows."""
    if isinstance(rows, range):
        return column[rows.start : rows.stop]
    if isinstance(column, Packed):
        return column.take(rows)
    if isinstance(column, np.ndarray):
        return column[rows]
    return [column[row] for row in (rows.tolist() if isinstance(rows, np.ndarray) else rows)]


class Beside(NamedTuple):
    """Columns beside each other: the values of each lie in `source`, or else in `extra`."""

    source: Bytes
    extra: Bytes
    is_extra: Bytes
    starts: Table
    lengths: Table

    @classmethod
    def put(cls, columns: Sequence[Packed[Any]]) -> Beside:
        source = max((column.source for column in columns), key=len)
        starts, lengths = np.empty((2, len(columns), len(columns[0])), np.int32)
        extra, size, is_extra = [np.empty(0, np.uint8)], 0, np.zeros(len(columns), np.uint8)
        for place, column in enumerate(columns):
            starts[place], lengths[place] = column.starts, column.lengths
            if column.source is not source:
                starts[place] += size
                size += len(column.source)
                extra.append(column.source)
                is_extra[place] = 1
        return cls(source, np.concatenate(extra), is_extra, starts, lengths)


def weave(pieces: Sequence[bytes], columns: Sequence[Packed[Any]]) -> Packed[bytes]:
    """A text for each row: a piece before each of its values, none of them None, and one behind the last."""
    ends = np.cumsum([*map(len, pieces)], dtype=np.int32)
    return Packed(*copying.weave(np.frombuffer(b"".join(pieces), np.uint8), ends, *Beside.put(columns)))
