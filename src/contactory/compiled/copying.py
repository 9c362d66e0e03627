"""Values that lie here and there, put beside each other."""

from __future__ import annotations

import numpy as np

from contactory.compiled import Bytes, Ints, Room, Table, compiled, part


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
            for shift in (24, 16, 8, 0):
                formatted[np.uint64(at)] = length >> shift & 0xFF
                at += 1
            at = _copy(extra if is_extra[column] else source, start, length, formatted, at)
    return formatted
