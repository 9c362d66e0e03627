"""Bodies that are a JSON array of objects, to where the values of each lie."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag
from typing import NamedTuple

import numpy as np

from contactory.compiled import Bytes, Ints, Room, Spans, Table, compiled, part
from contactory.compiled.lexer import (
    BACKSLASH,
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
    skip_blanks,
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


class Layout:
    """The keys that an object may have, and the shapes of their values."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        names = [key.encode() for key in shapes]
        self.fields = {key: place for place, key in enumerate(shapes)}
        self.names = np.frombuffer(b"".join(names), np.uint8)
        self.ends = np.cumsum([len(name) for name in names], dtype=np.int32)
        self.shapes = np.array([*shapes.values()], np.uint8)


class Scanned(NamedTuple):
    """`source` has the bytes that `spans` [row, field, start or length] are of: those of the body, and texts
    without their escapes. `objects` [row, start or end] is where each row is in the body."""

    source: Room
    objects: Table
    spans: Spans


def scan(body: bytes, start: int, layout: Layout) -> tuple[Scanned, int] | None:
    """Rows from the bracket at `start`, and what follows the last; None where a row is not of the layout, or
    says something in an unusual way, such as one key twice. Texts are whole, without U+0000, and in UTF-8.
    Of objects and arrays only their ends are known."""
    size = len(body)
    source = np.empty(2 * size if b"\\" in body else size, np.uint8)
    source[:size] = np.frombuffer(body, np.uint8)
    most = int(np.count_nonzero(source[:size] == OPEN_OBJECT))
    objects, spans = np.empty((most, 2), np.int32), np.empty((most, len(layout.fields), 2), np.int32)
    count, end = _scan(source, start, size, layout.names, layout.ends, layout.shapes, objects, spans)
    return (Scanned(source, objects[:count], spans[:count]), end) if end >= 0 else None


@part
def _match(source: Bytes, start: int, end: int, names: Bytes, ends: Ints, field: int) -> int:
    """The length of a field's name where that stands at `start` and ends with a quote, else 0."""
    first = ends[field - 1] if field else 0
    length: int = ends[field] - first
    if start + length >= end or source[start + length] != QUOTE:
        return 0
    for place in range(length):
        if source[start + place] != names[first + place]:
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
    source: Room, at: int, end: int, names: Bytes, ends: Ints, shapes: Bytes, objects: Table, spans: Spans
) -> tuple[int, int]:
    """How many rows there are, and what follows them. In one piece: taken apart it takes twice as long."""
    count, fields, free = 0, len(ends), np.full(1, end, np.int32)
    following = np.arange(1, fields + 2) % fields  # the field that last came after each, or at first
    if at >= end or source[at] != OPEN_ARRAY:
        return 0, -1
    at = skip_blanks(source, at + 1, end)
    while at < end and source[at] == OPEN_OBJECT:
        objects[count, 0] = at
        for field in range(fields):
            spans[count, field, 1] = -1
        last, at = fields, skip_blanks(source, at + 1, end)
        while at < end and source[at] == QUOTE:
            field = following[last]
            start, length = at + 1, _match(source, at + 1, end, names, ends, field)
            if length == 0:
                field, length = _find(source, start, end, names, ends)
            if field < 0 or spans[count, field, 1] >= 0:
                return 0, -1
            following[last] = field
            last = field
            at = skip_blanks(source, start + length + 1, end)
            if at >= end or source[at] != COLON:
                return 0, -1
            start = skip_blanks(source, at + 1, end)
            byte, shape = source[start] if start < end else 0, shapes[field]
            if byte == QUOTE and shape & 1:
                start += 1
                at = skip_plain(source, start, end)
                length, after = at - start, at + 1
                if at >= 0 and source[at] == BACKSLASH:
                    at, start = start, free[0]
                    after = unescape(source, at, end, free) + 1
                    length = free[0] - start
            else:
                if (byte == OPEN_OBJECT and shape & 4) or (byte == OPEN_ARRAY and shape & 8):
                    after = skip_nested(source, start, end)
                elif shape & 2 and (byte == MINUS or ZERO <= byte <= NINE):
                    after = skip_integer(source, start, end)
                else:
                    after = -1
                length = after - start
            if after <= 0:
                return 0, -1
            spans[count, field, 0] = start
            spans[count, field, 1] = length
            at = skip_blanks(source, after, end)
            if at >= end or source[at] != COMMA:
                break
            at = skip_blanks(source, at + 1, end)
            if at < end and source[at] == CLOSE_OBJECT:
                return 0, -1
        if at >= end or source[at] != CLOSE_OBJECT:
            return 0, -1
        objects[count, 1] = at + 1
        count += 1
        at = skip_blanks(source, at + 1, end)
        if at >= end or source[at] != COMMA:
            break
        at = skip_blanks(source, at + 1, end)
        if at < end and source[at] == CLOSE_ARRAY:
            return 0, -1
    if at >= end or source[at] != CLOSE_ARRAY:
        return 0, -1
    return count, at + 1
