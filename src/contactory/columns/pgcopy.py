"""Columns to rows: of COPY in PostgreSQL's binary form, of texts and of JSON objects.

Bounds: the ranges of values are checked first. Each function then adds up the sizes of what it is going to
write, and makes its buffer as large as that. Names and pieces come from the service, with the running sum of
their sizes as their ends.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from contactory.columns import plain
from contactory.columns.bounds import check_ranges
from contactory.columns.jit import Bytes, Ints, OutBuffer, Table, entry_point, inline
from contactory.columns.lexer import CLOSE_OBJECT, COMMA, OPEN_OBJECT

_NULL: Final = np.frombuffer(b"null", np.uint8)


@inline
def _copy(source: Bytes, start: int, length: int, out: OutBuffer, at: int) -> int:
    """Copy a value to `at` and return the position behind it."""
    for index in range(length):
        out[np.uint64(at + index)] = source[np.uint64(start + index)]
    return at + max(length, 0)


@entry_point(plain.pgcopy.join)
def join(source: Bytes, starts: Ints, lengths: Ints, separator: int) -> Bytes:
    """Return the values one after the other, with a separator of one byte between them."""
    check_ranges(source, starts, lengths)
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


@inline
def _put_size(size: int, out: OutBuffer, at: int) -> int:
    """Write a size in network byte order at `at` and return the position behind it."""
    for shift in (24, 16, 8, 0):
        out[np.uint64(at)] = size >> shift & 0xFF
        at += 1
    return at


@entry_point(plain.pgcopy.format_elements)
def format_elements(source: Bytes, starts: Ints, lengths: Ints) -> Bytes:
    """Return the values as elements of an array in PostgreSQL's binary form."""
    check_ranges(source, starts, lengths)
    size = 4 * len(lengths)
    for length in lengths:
        size += max(length, 0)
    formatted, at = np.empty(size, np.uint8), 0
    for row in range(len(starts)):
        at = _put_size(lengths[row], formatted, at)
        at = _copy(source, starts[row], lengths[row], formatted, at)
    return formatted


@entry_point(plain.pgcopy.format_rows)
def format_rows(source: Bytes, extra: Bytes, is_extra: Bytes, starts: Table, lengths: Table) -> Bytes:
    """Return rows in the binary form of COPY.

    `starts` and `lengths` (-1: null) are [column, row]; the values of a column are in `source`, or in `extra`
    where `is_extra` says so.
    """
    columns, rows = lengths.shape
    size = rows * (2 + 4 * columns)
    for column in range(columns):
        check_ranges(extra if is_extra[column] else source, starts[column], lengths[column])
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


@entry_point(plain.pgcopy.concat_rows)
def concat_rows(
    pieces: Bytes, ends: Ints, source: Bytes, extra: Bytes, is_extra: Bytes, starts: Table, lengths: Table
) -> tuple[Bytes, Ints, Ints]:
    """Return a text for each row: a piece before each of its values and one behind the last.

    `ends` has the end of each piece in `pieces`. No value may be None. Returns the buffer, starts and
    lengths.
    """
    columns, rows = lengths.shape
    size = rows * ends[-1]
    for column in range(columns):
        check_ranges(extra if is_extra[column] else source, starts[column], lengths[column])
        for row in range(rows):
            size += max(lengths[column, row], 0)
    out, at = np.empty(size, np.uint8), 0
    row_starts, row_lengths = np.empty(rows, np.int32), np.empty(rows, np.int32)
    for row in range(rows):
        row_starts[row] = at
        first = 0
        for column in range(columns):
            at = _copy(pieces, first, ends[column] - first, out, at)
            start, length = starts[column, row], lengths[column, row]
            at = _copy(extra if is_extra[column] else source, start, length, out, at)
            first = ends[column]
        at = _copy(pieces, first, ends[-1] - first, out, at)
        row_lengths[row] = at - row_starts[row]
    return out, row_starts, row_lengths


@entry_point(plain.pgcopy.write_objects)
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
    """Return a JSON object for each of `count` rows that has values.

    `rows`, `name_of`, `starts` and `lengths` (-1: null) have one entry per value, in the order of rows.
    `names` are encoded with their colons, and `ends` has the end of each. Returns the buffer, starts and
    lengths.
    """
    check_ranges(source, starts, lengths)
    size = 0
    for index in range(len(rows)):
        name = name_of[index]
        if not (0 <= name < len(ends) and 0 <= rows[index] < count):
            raise IndexError("a name or row is not one of those given")
        size += ends[name] - (ends[name - 1] if name else 0) + max(lengths[index], len(_NULL)) + 2
    out, at = np.empty(size, np.uint8), 0
    object_starts, object_lengths = np.zeros(count, np.int32), np.full(count, -1, np.int32)
    for index in range(len(rows)):
        row, name = rows[index], name_of[index]
        if object_lengths[row] < 0:
            object_starts[row] = at
            out[at] = OPEN_OBJECT
        else:
            at -= 1
            out[at] = COMMA
        first = ends[name - 1] if name else 0
        at = _copy(names, first, ends[name] - first, out, at + 1)
        if lengths[index] < 0:
            at = _copy(_NULL, 0, len(_NULL), out, at)
        else:
            at = _copy(source, starts[index], lengths[index], out, at)
        out[at] = CLOSE_OBJECT
        at += 1
        object_lengths[row] = at - object_starts[row]
    return out[:at], object_starts, object_lengths
