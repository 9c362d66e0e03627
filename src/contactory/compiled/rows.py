"""Bodies that are a JSON array of objects, to where the values of each lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntFlag
from typing import NamedTuple

import numpy as np

from contactory.compiled import Bytes, Ints, Room, Table, compiled, part
from contactory.compiled.lexer import (
    BACKSLASH,
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    DOT,
    MINUS,
    NINE,
    OPEN_ARRAY,
    OPEN_OBJECT,
    QUOTE,
    ZERO,
    byte_at,
    skip_blanks,
    skip_decimal,
    skip_integer,
    skip_nested,
    skip_plain,
    unescape,
)


class Shape(IntFlag):
    """What a value may look like."""

    TEXT = 1
    INTEGER = 2
    OBJECT = 4
    ARRAY = 8
    DECIMAL = 16
    WRITTEN = 32  # a text is kept as it is written, with its quotes


_TEXT, _INTEGER, _OBJECT, _ARRAY, _DECIMAL, _WRITTEN = map(int, Shape)


class Layout:
    """The keys that an object may have, and the shapes of their values."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        names = [key.encode() for key in shapes]
        self.fields = {key: place for place, key in enumerate(shapes)}
        self.names = np.frombuffer(b"".join(names), np.uint8)
        self.ends = np.cumsum([len(name) for name in names], dtype=np.int32)
        self.shapes = np.array([*shapes.values()], np.uint8)


class Scanned(NamedTuple):
    """`source` has the bytes that `starts` and `lengths` [field, row] are of: those of the body, and texts
    without their escapes. `objects` [row, start or end] is where each row is in the body."""

    source: Bytes
    objects: Table
    starts: Table
    lengths: Table


class Unusual(Exception):
    """A row is not of the layout, or says something in an unusual way, such as one key twice."""


class Scanner:
    """The rows of a body from the bracket at `start`. `at` is what is to be read next; when all rows are
    read, what follows them. Texts are whole, without U+0000, and in UTF-8. Of objects and arrays only their
    ends are known."""

    def __init__(self, body: bytes, start: int, layout: Layout) -> None:
        self.at = start
        self._layout = layout
        self._end = len(body)
        self._source = np.frombuffer(body, np.uint8)
        self._room = np.empty(0, np.uint8)
        if b"\\" in body:
            both = np.empty(2 * self._end, np.uint8)
            both[: self._end] = self._source
            self._source, self._room = both, both[self._end :]
        self._used = np.zeros(1, np.int32)
        self._following = (np.arange(len(layout.fields) + 1, dtype=np.int32) + 1) % len(layout.fields)

    def slices(self, most: int) -> Iterator[Scanned]:
        """At most so many rows at a time. Raises Unusual."""
        if self.at >= self._end or self._source[self.at] != OPEN_ARRAY:
            raise Unusual
        while self._source[self.at - 1] != CLOSE_ARRAY:
            yield self._read(most)

    def _read(self, most: int) -> Scanned:
        layout, source = self._layout, self._source
        objects, starts = np.empty((most, 2), np.int32), np.empty((len(layout.fields), most), np.int32)
        lengths = np.full_like(starts, -1)
        count, self.at = _scan(
            source,
            self.at,
            self._end,
            self._room,
            self._used,
            layout.names,
            layout.ends,
            layout.shapes,
            self._following,
            objects,
            starts,
            lengths,
        )
        if count < 0:
            raise Unusual
        return Scanned(source, objects[:count], starts[:, :count], lengths[:, :count])


@part
def _match(source: Bytes, start: int, end: int, names: Bytes, ends: Ints, field: int) -> int:
    """The length of a field's name where that stands at `start` and ends with a quote, else 0."""
    first = ends[field - 1] if field else 0
    length: int = ends[field] - first
    if start + length >= end or byte_at(source, start + length) != QUOTE:
        return 0
    for place in range(length):
        if byte_at(source, start + place) != byte_at(names, first + place):
            return 0
    return length


@part
def _find(source: Bytes, start: int, end: int, names: Bytes, ends: Ints) -> tuple[int, int]:
    """The field whose name stands at `start`, -1 where there is none, and its length."""
    for field in range(len(ends)):
        length = _match(source, start, end, names, ends, field)
        if length:
            return field, length
    return -1, 0


@compiled
def _scan(
    source: Bytes,
    at: int,
    end: int,
    room: Room,
    used: Ints,
    names: Bytes,
    ends: Ints,
    shapes: Bytes,
    following: Ints,
    objects: Table,
    starts: Table,
    lengths: Table,
) -> tuple[int, int]:
    """From the bracket before all rows, or the comma before others: how many there are, -1 for one that is
    not as it should be, and the comma that stands before more, or what follows all. `following` is the field
    that last came after each, or at first; `lengths` are -1 all over. In one piece: apart it takes twice
    as long."""
    count, fields, is_first = 0, len(ends), at < end and byte_at(source, at) == OPEN_ARRAY
    if at >= end or (not is_first and byte_at(source, at) != COMMA):
        return -1, at
    while count < len(objects):
        at = skip_blanks(source, at + 1, end)
        if is_first and at < end and byte_at(source, at) == CLOSE_ARRAY:
            return 0, at + 1
        if at >= end or byte_at(source, at) != OPEN_OBJECT:
            return -1, at
        is_first = False
        objects[count, 0] = at
        last, at = fields, skip_blanks(source, at + 1, end)
        while at < end and byte_at(source, at) == QUOTE:
            field = following[last]
            start, length = at + 1, _match(source, at + 1, end, names, ends, field)
            if length == 0:
                field, length = _find(source, start, end, names, ends)
            if field < 0 or lengths[field, count] >= 0:
                return -1, at
            following[last] = field
            last = field
            at = skip_blanks(source, start + length + 1, end)
            if at >= end or byte_at(source, at) != COLON:
                return -1, at
            start = skip_blanks(source, at + 1, end)
            byte, shape = byte_at(source, start) if start < end else 0, shapes[field]
            if byte == QUOTE and shape & _TEXT:
                opening, start = start, start + 1
                at = skip_plain(source, start, end)
                length, after = at - start, at + 1
                if at >= 0 and byte_at(source, at) == BACKSLASH:
                    at, start = start, end + used[0]
                    after = unescape(source, at, end, room, used) + 1
                    length = end + used[0] - start
                if shape & _WRITTEN:
                    start, length = opening, after - opening
            else:
                if (byte == OPEN_OBJECT and shape & _OBJECT) or (byte == OPEN_ARRAY and shape & _ARRAY):
                    after = skip_nested(source, start, end)
                elif shape & _INTEGER and (byte == MINUS or ZERO <= byte <= NINE):
                    after = skip_integer(source, start, end)
                    if shape & _DECIMAL and (after < 0 or (after < end and byte_at(source, after) == DOT)):
                        after = skip_decimal(source, start, end)
                else:
                    after = -1
                length = after - start
            if after <= 0:
                return -1, start
            starts[field, count], lengths[field, count] = start, length
            at = skip_blanks(source, after, end)
            if at >= end or byte_at(source, at) != COMMA:
                break
            at = skip_blanks(source, at + 1, end)
            if at < end and byte_at(source, at) == CLOSE_OBJECT:
                return -1, at
        if at >= end or byte_at(source, at) != CLOSE_OBJECT:
            return -1, at
        objects[count, 1] = at + 1
        count += 1
        at = skip_blanks(source, at + 1, end)
        if at >= end or byte_at(source, at) != COMMA:
            return (count, at + 1) if at < end and byte_at(source, at) == CLOSE_ARRAY else (-1, at)
    return count, at
