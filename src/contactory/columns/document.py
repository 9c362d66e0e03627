"""A reader of nested JSON: the members of objects and the items of arrays, level by level, as columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from contactory.columns import plain
from contactory.columns.bounds import check_ranges
from contactory.columns.jit import Bytes, Ints, OutBuffer, Table, entry_point, inline
from contactory.columns.kinds import ValueKind as ValueKind
from contactory.columns.lexer import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    MINUS,
    NINE,
    OPEN_ARRAY,
    OPEN_OBJECT,
    QUOTE,
    ZERO,
    byte_at,
    skip_blanks,
    skip_integer,
    skip_nested,
    skip_plain,
    unescape,
)


def are_kinds(kinds: npt.NDArray[Any], *wanted: ValueKind) -> npt.NDArray[np.bool_]:
    """Tell for each kind whether it is one of those wanted. A comparison of a column with an enumeration is
    ten times slower."""
    are: npt.NDArray[np.bool_] = _table_of(wanted)[kinds]
    return are


@cache
def _table_of(wanted: tuple[ValueKind, ...]) -> npt.NDArray[np.bool_]:
    return np.isin(range(len(ValueKind)), wanted)


_TEXT: Final = int(ValueKind.TEXT)
_INTEGER: Final = int(ValueKind.INTEGER)
_NUMBER: Final = int(ValueKind.NUMBER)
_TRUE: Final = int(ValueKind.TRUE)
_FALSE: Final = int(ValueKind.FALSE)
_NULL: Final = int(ValueKind.NULL)
_OBJECT: Final = int(ValueKind.OBJECT)
_ARRAY: Final = int(ValueKind.ARRAY)

_MOST_NAMES: Final = 256  # of a level; objects with further ones are odd
_LETTER_E: Final = ord("e")
_LETTER_F: Final = ord("f")
_LETTER_N: Final = ord("n")
_LETTER_T: Final = ord("t")
_PLUS: Final = ord("+")
_DOT: Final = ord(".")


class Fields(NamedTuple):
    """Values by field and object. `starts` and `lengths` [field, object] are ranges of `source`, those of
    texts without quotes and escapes; an absent value has the length -1. `kinds` [field, object]: ValueKind.
    `repeated`: whether an object gives a field more than once; the last value counts."""

    source: Bytes
    starts: Table
    lengths: Table
    kinds: npt.NDArray[np.uint8]
    repeated: npt.NDArray[np.bool_]


class Children(NamedTuple):
    """Members of objects, or items of arrays, in the order of the document.

    parents: the index of the object or array of each. name_of: the index in `names` of a member's key, -1 for
    an item. starts, lengths, kinds: as in Fields. odd: whether an object or array is in an unusual form, such
    as a text with half of a surrogate pair; such a one has no children here.
    """

    source: Bytes
    parents: Ints
    name_of: Ints
    starts: Ints
    lengths: Ints
    kinds: Ints
    names: list[str]
    odd: npt.NDArray[np.bool_]

    def fields(self, field_of: Callable[[str], int], count: int) -> Fields:
        """Return the values of `count` fields. `field_of` maps a key to a field, or to -1 for one that is
        ignored."""
        fields = np.array([*map(field_of, self.names), -1], np.int32)
        members = self.parents, self.name_of, self.starts, self.lengths, self.kinds
        placed = np.empty((3, count * len(self.odd)), np.int32)
        repeated = np.zeros(len(self.odd), np.uint8)
        _place_fields(fields, *members, placed, repeated)
        starts, lengths, kinds = placed.reshape(3, count, len(self.odd))
        return Fields(self.source, starts, lengths, kinds.astype(np.uint8), repeated.astype(bool))


class Document:
    """A body that is known to be JSON, as it was decoded before. Texts without their escapes are kept behind
    the body, which has room for each of them twice; what does not fit is odd."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._end = len(body)
        self.source = np.frombuffer(body, np.uint8)
        self._unescaped = np.empty(0, np.uint8)
        self._used = np.zeros(1, np.int32)
        self._children = np.empty((5, 0), np.int32)  # room that is used again by each call
        if b"\\" in body:
            whole = np.empty(3 * self._end, np.uint8)
            whole[: self._end] = self.source
            self.source, self._unescaped = whole, whole[self._end :]

    def children(self, starts: Ints, lengths: Ints) -> Children:
        """Return the children of objects and arrays, given their ranges; one with another value, or none, is
        odd."""
        capacity = int(np.maximum(lengths, 0).sum(dtype=np.int64)) // 2 + len(lengths)
        if capacity > self._children.shape[1]:
            self._children = np.empty((5, capacity), np.int32)
        children = self._children
        names = np.empty((2, _MOST_NAMES), np.int32)
        odd = np.zeros(len(lengths), np.uint8)
        following = (np.arange(_MOST_NAMES + 1, dtype=np.int32) + 1) % (_MOST_NAMES + 1)
        count, known = _scan_children(
            self.source,
            self._end,
            starts,
            lengths,
            self._unescaped,
            self._used,
            names,
            following,
            children,
            odd,
        )
        parents, name_of, child_starts, child_lengths, kinds = children[:, :count].copy()
        keys = [
            self.source[start : start + length].tobytes().decode()
            for start, length in names[:, :known].T.tolist()
        ]
        return Children(
            self.source, parents, name_of, child_starts, child_lengths, kinds, keys, odd.astype(bool)
        )


@entry_point(plain.document.place_fields)
def _place_fields(
    fields: Ints,
    parents: Ints,
    name_of: Ints,
    starts: Ints,
    lengths: Ints,
    kinds: Ints,
    placed: Table,
    repeated: OutBuffer,
) -> None:
    """Write the starts, lengths and kinds of members to `placed` [3, field * object]. `fields`: the field of
    each name, and of no name at the end.

    Bounds: `name_of` and `parents` were written by _scan_children, for the names and objects that are counted
    here, and the dialect gives fields that there are.
    """
    placed[0], placed[1], placed[2] = 0, -1, 0
    for child in range(len(parents)):
        field = fields[name_of[child]]
        if field >= 0:
            place = field * len(repeated) + parents[child]
            if placed[2, place]:
                repeated[parents[child]] = 1
            placed[0, place], placed[1, place] = starts[child], lengths[child]
            placed[2, place] = kinds[child]


@inline
def _is_name(source: Bytes, start: int, end: int, names: Table, name: int) -> bool:
    """Tell whether a name is at `start`, with a quote behind it and before `end`. It was read at `first`."""
    first, length = names[0, name], names[1, name]
    if start + length >= end or byte_at(source, start + length) != QUOTE:
        return False
    for index in range(length):  # noqa: SIM110 (Numba)
        if byte_at(source, start + index) != byte_at(source, first + index):
            return False
    return True


@inline
def _skip_number(source: Bytes, at: int, end: int) -> int:
    while at < end:
        byte = byte_at(source, at)
        if not (ZERO <= byte <= NINE or byte in (MINUS, _PLUS, _DOT) or byte | 0x20 == _LETTER_E):
            break
        at += 1
    return at


@entry_point(plain.document.scan_children)
def _scan_children(
    source: Bytes,
    base: int,
    starts: Ints,
    lengths: Ints,
    out: OutBuffer,
    used: Ints,
    names: Table,
    following: Ints,
    children: Table,
    odd: OutBuffer,
) -> tuple[int, int]:
    """Write the children of objects and arrays to `children` [5, capacity]: parent, name, start, length and
    kind. Return how many there are, and how many distinct names.

    `out` is `source` from `base` on, and `used[0]` how much of it is used. `following[name]` is the name that
    came after each last time. This is one function on purpose: Numba counts references at each call.

    Bounds: each position is compared with the end of its object before it is read. `name` is less than
    `known`, which `most` bounds, the size of `names`; `following` has one more. A child takes two bytes at
    least, so half of the bytes have room for all; `count` is compared with that all the same.
    """
    check_ranges(source, starts, lengths)
    count, known, most = 0, 0, names.shape[1]
    for parent in range(len(starts)):
        before, used_before = count, used[0]
        end = int(starts[parent]) + max(lengths[parent], 0)
        at = skip_blanks(source, int(starts[parent]), end)
        opening = byte_at(source, at) if at < end else 0
        is_object, is_whole = opening == OPEN_OBJECT, False
        closing = CLOSE_OBJECT if is_object else CLOSE_ARRAY
        if is_object or opening == OPEN_ARRAY:
            at = skip_blanks(source, at + 1, end)
            is_whole = at < end and byte_at(source, at) == closing
        else:
            at = end
        last = most
        while at < end and not is_whole:
            name = -1
            if is_object:
                if byte_at(source, at) != QUOTE:
                    break
                start = at + 1
                name = int(following[last])
                if name >= known or not _is_name(source, start, end, names, name):
                    name = 0
                    while name < known and not _is_name(source, start, end, names, name):
                        name += 1
                    if name == known:
                        at = skip_plain(source, start, end)
                        if at < 0 or known == most or byte_at(source, at) != QUOTE:
                            break
                        names[0, known], names[1, known] = start, at - start
                        known += 1
                    following[last] = name
                last = name
                at = skip_blanks(source, start + names[1, name] + 1, end)
                if at >= end or byte_at(source, at) != COLON:
                    break
                at = skip_blanks(source, at + 1, end)
                if at >= end:
                    break
            start, byte, kind, after = at, byte_at(source, at), 0, -1
            if byte == QUOTE:
                start, kind = at + 1, _TEXT
                at = skip_plain(source, start, end)
                if at < 0:
                    break
                if byte_at(source, at) == QUOTE:
                    length, after = at - start, at + 1
                elif used[0] + (end - start) <= len(out):
                    at, start = start, base + used[0]
                    after = unescape(source, at, end, out, used) + 1
                    length = base + used[0] - start
            else:
                if byte in (OPEN_OBJECT, OPEN_ARRAY):
                    kind, after = _OBJECT if byte == OPEN_OBJECT else _ARRAY, skip_nested(source, at, end)
                elif byte == MINUS or ZERO <= byte <= NINE:
                    kind, after = _INTEGER, skip_integer(source, at, end)
                    whole = _skip_number(source, at, end)
                    if after != whole:
                        kind, after = _NUMBER, whole
                elif byte == _LETTER_T:
                    kind, after = _TRUE, at + 4
                elif byte == _LETTER_F:
                    kind, after = _FALSE, at + 5
                elif byte == _LETTER_N:
                    kind, after = _NULL, at + 4
                length = after - start
            if after <= 0 or after > end or count == children.shape[1]:
                break
            children[0, count], children[1, count] = parent, name
            children[2, count], children[3, count], children[4, count] = start, length, kind
            count += 1
            at = skip_blanks(source, after, end)
            if at >= end:
                break
            if byte_at(source, at) == closing:
                is_whole = True
            elif byte_at(source, at) == COMMA:
                at = skip_blanks(source, at + 1, end)
            else:
                break
        if not is_whole:
            odd[parent], count, used[0] = 1, before, used_before
    return count, known
