"""A scanner of JSON arrays of objects: it finds where the values of each object are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from contactory.columns import plain
from contactory.columns.jit import Bytes, Ints, OutBuffer, Table, entry_point, inline
from contactory.columns.kinds import ValueType as ValueType
from contactory.columns.lexer import (
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

_TEXT, _INTEGER, _OBJECT, _ARRAY, _DECIMAL, _RAW = map(int, ValueType)


class ObjectSchema:
    """The keys that an object may have, and the types of their values."""

    def __init__(self, types: Mapping[str, ValueType]) -> None:
        names = [key.encode() for key in types]
        self.fields = {key: index for index, key in enumerate(types)}
        self.names = np.frombuffer(b"".join(names), np.uint8)
        self.ends = np.cumsum([len(name) for name in names], dtype=np.int32)
        self.types = np.array([*types.values()], np.uint8)


class Scanned(NamedTuple):
    """Positions of values. `starts` and `lengths` [field, row] are ranges of `source`, which has the bytes of
    the body and texts without their escapes. `objects` [row, start or end]: the rows in the body."""

    source: Bytes
    objects: Table
    starts: Table
    lengths: Table


class NotFastPath(Exception):
    """A row does not match the schema, or is JSON in an unusual form, such as one key twice."""


class Scanner:
    """Scan the rows of a body from the opening bracket at `start`.

    `at` is the position of what is to be read next, in the end behind the closing bracket. Texts are checked:
    valid UTF-8 without U+0000, escapes resolved. Of nested objects and arrays only the ends are found.
    """

    def __init__(self, body: bytes, start: int, schema: ObjectSchema) -> None:
        self.at = start
        self._schema = schema
        self._end = len(body)
        self._source = np.frombuffer(body, np.uint8)
        self._unescaped = np.empty(0, np.uint8)
        if b"\\" in body:
            both = np.empty(2 * self._end, np.uint8)
            both[: self._end] = self._source
            self._source, self._unescaped = both, both[self._end :]
        self._used = np.zeros(1, np.int32)
        self._following = (np.arange(len(schema.fields) + 1, dtype=np.int32) + 1) % len(schema.fields)

    def slices(self, most: int) -> Iterator[Scanned]:
        """Yield the rows, `most` at a time at the most. Raises NotFastPath."""
        if self.at >= self._end or self._source[self.at] != OPEN_ARRAY:
            raise NotFastPath
        yield self._read(most)
        while self._source[self.at - 1] != CLOSE_ARRAY:
            yield self._read(most)

    def _read(self, most: int) -> Scanned:
        schema, source = self._schema, self._source
        objects, starts = np.empty((most, 2), np.int32), np.empty((len(schema.fields), most), np.int32)
        lengths = np.full_like(starts, -1)
        count, self.at = _scan(
            source,
            self.at,
            self._end,
            self._unescaped,
            self._used,
            schema.names,
            schema.ends,
            schema.types,
            self._following,
            objects,
            starts,
            lengths,
        )
        if count < 0:
            raise NotFastPath
        return Scanned(source, objects[:count], starts[:, :count], lengths[:, :count])


@inline
def _match(source: Bytes, start: int, end: int, names: Bytes, ends: Ints, field: int) -> int:
    """Return the length of a field's name if it is at `start` with a quote behind it, else 0.

    The bytes of the name come before the quote, which is before `end`; `names` ends at ends[-1].
    """
    first = ends[field - 1] if field else 0
    length: int = ends[field] - first
    if start + length >= end or byte_at(source, start + length) != QUOTE:
        return 0
    for index in range(length):
        if byte_at(source, start + index) != byte_at(names, first + index):
            return 0
    return length


@inline
def _find(source: Bytes, start: int, end: int, names: Bytes, ends: Ints) -> tuple[int, int]:
    """Return the field whose name is at `start`, or -1, and the length of the name."""
    for field in range(len(ends)):
        length = _match(source, start, end, names, ends, field)
        if length:
            return field, length
    return -1, 0


@entry_point(plain.scanner.scan)
def _scan(
    source: Bytes,
    at: int,
    end: int,
    out: OutBuffer,
    used: Ints,
    names: Bytes,
    ends: Ints,
    types: Bytes,
    following: Ints,
    objects: Table,
    starts: Table,
    lengths: Table,
) -> tuple[int, int]:
    """Scan rows from the bracket before all of them, or from the comma before the next ones.

    Returns how many there are (-1: one is not in the usual form), and the position of the comma before the
    next ones, or behind the closing bracket. `following[field]` is the field that came after each one last
    time (the last entry: the first field). `lengths` must be -1 everywhere. This is one function on purpose:
    Numba counts references at each call, so that helpers double the time.

    Bounds: each position is compared with `end` before it is read. `field` is an entry of `following` or
    found by _find, so it is one of `ends` and `types`; `count` is less than len(objects), which is the number
    of columns of `starts` and `lengths`. `out` is as large as the body, of which no byte is unescaped twice.
    """
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
            byte, type_ = byte_at(source, start) if start < end else 0, types[field]
            if byte == QUOTE and type_ & _TEXT:
                opening, start = start, start + 1
                at = skip_plain(source, start, end)
                length, after = at - start, at + 1
                if at >= 0 and byte_at(source, at) == BACKSLASH:
                    at, start = start, end + used[0]
                    after = unescape(source, at, end, out, used) + 1
                    length = end + used[0] - start
                if type_ & _RAW:
                    start, length = opening, after - opening
            else:
                if (byte == OPEN_OBJECT and type_ & _OBJECT) or (byte == OPEN_ARRAY and type_ & _ARRAY):
                    after = skip_nested(source, start, end)
                elif type_ & _INTEGER and (byte == MINUS or ZERO <= byte <= NINE):
                    after = skip_integer(source, start, end)
                    if type_ & _DECIMAL and (after < 0 or (after < end and byte_at(source, after) == DOT)):
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
