"""Readers of columns: values of the usual form as they are in the body, and the rows with values of another
form, which are odd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from contactory.columns.column import BytesColumn, StringColumn
from contactory.columns.document import Fields, ValueKind
from contactory.columns.jit import Bytes, Ints
from contactory.columns.usual import find_odd_objects, find_odd_texts
from contactory.columns.values import SEED, find_unusual_emails, number_alike
from contactory.dialects.datananas.profiles import find_names

_DIGITS: Final = 15  # of an integer that is the same for every reader

_EMPTY_LENGTHS: Final = np.full(len(ValueKind), -2, np.int32)  # no length: such a value is never empty
_EMPTY_LENGTHS[[ValueKind.ABSENT, ValueKind.TEXT]] = -1, 0
_EMPTY_LENGTHS[[ValueKind.NULL, ValueKind.OBJECT, ValueKind.ARRAY]] = len("null"), len("{}"), len("[]")

IsOdd = npt.NDArray[np.bool_]


class Given(NamedTuple):
    """Values of a field, one for each row: ranges of `source`, with their kinds."""

    source: Bytes
    starts: Ints
    lengths: Ints
    kinds: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, fields: Fields, places: Any) -> Given:
        """Return the values at some places of [field, object]."""
        return cls(fields.source, fields.starts[places], fields.lengths[places], fields.kinds[places])

    def of_kinds(self, *kinds: ValueKind) -> tuple[StringColumn, IsOdd]:
        """Return the values of some kinds, without empty ones, and the rows with values of other kinds."""
        are_empty = _EMPTY_LENGTHS[self.kinds] == self.lengths
        is_odd = np.ones(len(ValueKind), bool)
        is_odd[[*kinds]] = False
        is_odd = is_odd[self.kinds] & ~are_empty
        lengths = np.where(are_empty | is_odd, np.int32(-1), self.lengths)
        return StringColumn(self.source, self.starts, lengths), is_odd


ColumnReader = Callable[[Given], tuple[Sequence[Any], IsOdd]]


def texts(most: int) -> ColumnReader:
    """Make the reader of texts of up to so many characters."""

    def read(given: Given) -> tuple[StringColumn, IsOdd]:
        column, is_odd = given.of_kinds(ValueKind.TEXT, ValueKind.INTEGER)
        is_odd |= (given.kinds == ValueKind.INTEGER) & (column.lengths > _DIGITS)
        # The lengths are in bytes, so no fewer than characters.
        is_odd[find_odd_texts(column.source, column.starts, column.lengths, most)] = True
        return column, is_odd

    return read


def emails(given: Given) -> tuple[StringColumn, IsOdd]:
    column, is_odd = given.of_kinds(ValueKind.TEXT)
    is_odd[find_unusual_emails(column.source, column.starts, column.lengths)] = True
    return column, is_odd


def profiles(given: Given) -> tuple[StringColumn, IsOdd]:
    column, is_odd = given.of_kinds(ValueKind.TEXT)
    return column, is_odd | ((column.lengths >= 0) & (find_names(column).lengths < 0))


def objects(most: int) -> ColumnReader:
    """Make the reader of objects of up to so many bytes, which are stored as they are written."""

    def read(given: Given) -> tuple[BytesColumn[bytes], IsOdd]:
        column, is_odd = given.of_kinds(ValueKind.OBJECT)
        is_odd[find_odd_objects(column.source, column.starts, column.lengths, most)] = True
        return BytesColumn(column.source, column.starts, column.lengths), is_odd

    return read


def distinct(read_one: Callable[[Any], Any]) -> ColumnReader:
    """Make the reader of a field in which few values are distinct. Each is read once, by the exact reader."""

    def read(given: Given) -> tuple[list[Any], IsOdd]:
        column, is_odd = given.of_kinds(ValueKind.TEXT)
        numbers, firsts = number_alike(column.source, column.starts[None], column.lengths[None], SEED)
        known: list[Any] = []
        are_wrong = np.zeros(len(firsts), bool)
        for number, text in enumerate(column.take(firsts)):
            try:
                known.append(read_one(text) if text and not text.isspace() else None)
            except ValueError:
                known.append(None)
                are_wrong[number] = True
        return [known[number] for number in numbers.tolist()], is_odd | are_wrong[numbers]

    return read
