"""Values that lie here and there, put beside each other."""

from __future__ import annotations

from typing import Final

import numpy as np

from contactory.compiled import Bytes, Ints, Room, Table, compiled, part
from contactory.compiled.lexer import CLOSE_OBJECT, COMMA, OPEN_OBJECT

_NULL: Final = np.frombuffer(b"null", np.uint8)


@part
def _copy(source: Bytes, start: int, length: int, room: Room, at: int) -> int:
    """What follows it."""
    for place in range(length):
        room[np.uint64(at + place)] = source[np.uint64(start + place)]
    return at + max(length, 0)


@compiled
def join(source: Bytes, starts: Ints, lengths: Ints, separator: int) -> Bytes:
    """With the separator between values."""
    size = max(len(lengths) - 1, 0)
    for length in lengths:
        size += max(length, 0)
    joined, at = np.empty(size, np.uint8), 0
    for row in range(len(starts)):
        if row:
            joined[at] = separator
            at += 1
        at = _copy(source, starts[row], lengths[row], joined, at)
    return joined


@part
def _put_size(size: int, room: Room, at: int) -> int:
    """As the database takes it; what follows it."""
    for shift in (24, 16, 8, 0):
        room[np.uint64(at)] = size >> shift & 0xFF
        at += 1
    return at


@compiled
def format_elements(source: Bytes, starts: Ints, lengths: Ints) -> Bytes:
    """Values as the elements of an array in PostgreSQL's binary form. None may be missing."""
    size = 4 * len(lengths)
    for length in lengths:
        size += length
    formatted, at = np.empty(size, np.uint8), 0
    for row in range(len(starts)):
        at = _put_size(lengths[row], formatted, at)
        at = _copy(source, starts[row], lengths[row], formatted, at)
    return formatted


@compiled
def format_rows(source: Bytes, extra: Bytes, is_extra: Bytes, starts: Table, lengths: Table) -> Bytes:
    """Columns to rows as PostgreSQL takes them by binary COPY. `starts` and `lengths` (-1: null) are by
    column, then row; the values of a column are in `source`, or in `extra`."""
    columns, rows = lengths.shape
    size = rows * (2 + 4 * columns)
    for column in range(columns):
        for row in range(rows):
            size += max(lengths[column, row], 0)
    formatted, at = np.empty(size, np.uint8), 0
    for row in range(rows):
        formatted[at], formatted[at + 1] = columns >> 8, columns & 0xFF
        at += 2
        for column in range(columns):
            start, length = starts[column, row], lengths[column, row]
            at = _put_size(length, formatted, at)
            at = _copy(extra if is_extra[column] else source, start, length, formatted, at)
    return formatted


@compiled
def weave(
    pieces: Bytes, ends: Ints, source: Bytes, extra: Bytes, is_extra: Bytes, starts: Table, lengths: Table
) -> tuple[Bytes, Ints, Ints]:
    """Texts, one for each row: a piece before each of its values and one behind the last. Each piece ends in
    `pieces` where `ends` says. No value may be missing."""
    columns, rows = lengths.shape
    size = rows * ends[-1]
    for column in range(columns):
        for row in range(rows):
            size += lengths[column, row]
    room, at = np.empty(size, np.uint8), 0
    row_starts, row_lengths = np.empty(rows, np.int32), np.empty(rows, np.int32)
    for row in range(rows):
        row_starts[row] = at
        first = 0
        for column in range(columns):
            at = _copy(pieces, first, ends[column] - first, room, at)
            start, length = starts[column, row], lengths[column, row]
            at = _copy(extra if is_extra[column] else source, start, length, room, at)
            first = ends[column]
        at = _copy(pieces, first, ends[-1] - first, room, at)
        row_lengths[row] = at - row_starts[row]
    return room, row_starts, row_lengths


@compiled
def write_objects(
    source: Bytes,
    starts: Ints,
    lengths: Ints,
    rows: Ints,
    names: Bytes,
    ends: Ints,
    name_of: Ints,
    count: int,
) -> tuple[Bytes, Ints, Ints]:
    """JSON objects, one for each of `count` rows that has values, of these (-1: null) behind their names, of
    which each ends in `names` where `ends` says. `rows` are in order."""
    size = 0
    for place in range(len(rows)):
        name = name_of[place]
        size += ends[name] - (ends[name - 1] if name else 0) + max(lengths[place], len(_NULL)) + 2
    room, at = np.empty(size, np.uint8), 0
    object_starts, object_lengths = np.zeros(count, np.int32), np.full(count, -1, np.int32)
    for place in range(len(rows)):
        row, name = rows[place], name_of[place]
        if object_lengths[row] < 0:
            object_starts[row] = at
            room[at] = OPEN_OBJECT
        else:
            at -= 1
            room[at] = COMMA
        first = ends[name - 1] if name else 0
        at = _copy(names, first, ends[name] - first, room, at + 1)
        if lengths[place] < 0:
            at = _copy(_NULL, 0, len(_NULL), room, at)
        else:
            at = _copy(source, starts[place], lengths[place], room, at)
        room[at] = CLOSE_OBJECT
        at += 1
        object_lengths[row] = at - object_starts[row]
    return room, object_starts, object_lengths
