"""The sizes of a JSON document, before anything is made of it."""

from __future__ import annotations

import numpy as np

from contactory.columns import plain
from contactory.columns.jit import Bytes, Table, entry_point, inline
from contactory.columns.kinds import DEPTH, ITEMS, KEYS, LONGEST, MEASURES, NESTED, ROWS, VALUES
from contactory.columns.lexer import (
    BACKSLASH,
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    OPEN_ARRAY,
    OPEN_OBJECT,
    QUOTE,
    byte_at,
    skip_blanks,
)
from contactory.columns.words import skip_inside


@inline
def _note(found: Table, measure: int, size: int, row: int) -> None:
    if size > found[measure, 0]:
        found[measure, 0] = size
        found[measure, 1] = row


@inline
def _skip_token(source: Bytes, at: int, end: int) -> int:
    """Return the position behind a number or a word, given that of its first byte."""
    at += 1
    while at < end:
        byte = byte_at(source, at)
        if byte in (COMMA, COLON, QUOTE, OPEN_OBJECT, OPEN_ARRAY, CLOSE_OBJECT, CLOSE_ARRAY) or byte <= 0x20:
            return at
        at += 1
    return at


@entry_point(plain.measure.measure)
def measure(source: Bytes, rows_depth: int, deepest: int) -> Table:
    """Return each measure of the document, and the row in which it is so large (-1: outside of rows).

    Rows are the items of arrays at `rows_depth`, which is 1 for the document itself. Measuring ends beyond
    the `deepest` nesting. A document that is not JSON is measured as far as it is.

    Bounds: each position is compared with `end` before it is read. `depth` is from 0 to `deepest`, since what
    would make it less or more ends the function, and `rows_depth` is used where `depth` is no less.
    """
    found = np.zeros((MEASURES, 2), np.int32)
    found[:, 1] = -1
    commas, is_object = np.zeros(deepest + 2, np.int32), np.zeros(deepest + 2, np.bool_)
    at, end, depth, values, nested, is_empty = 0, len(source), 0, 0, 0, True
    while at < end:
        at = skip_blanks(source, at, end)
        if at >= end:
            break
        byte = byte_at(source, at)
        row = commas[rows_depth] if 0 < rows_depth <= depth else -1
        if byte == COMMA:
            commas[depth] += 1
            at += 1
        elif byte == COLON:
            at += 1
        elif byte in (OPEN_OBJECT, OPEN_ARRAY):
            depth, nested = depth + 1, nested + 1
            _note(found, DEPTH, depth, row)
            if depth > deepest:
                return found
            commas[depth], is_object[depth], is_empty = 0, byte == OPEN_OBJECT, True
            at += 1
        elif byte in (CLOSE_OBJECT, CLOSE_ARRAY):
            if depth == 0:
                return found
            members = 0 if is_empty else commas[depth] + 1
            values += members
            if is_object[depth]:
                _note(found, KEYS, members, row)
            else:
                _note(
                    found, ROWS if depth == rows_depth else ITEMS, members, -1 if depth == rows_depth else row
                )
            depth, is_empty = depth - 1, False
            at += 1
        elif byte == QUOTE:
            start = at + 1
            at = skip_inside(source, start, end)
            while at < end and byte_at(source, at) != QUOTE:
                at = skip_inside(source, at + 2 if byte_at(source, at) == BACKSLASH else at + 1, end)
            _note(found, LONGEST, min(at, end) - start, row)
            at, is_empty = at + 1, False
        else:
            at, is_empty = _skip_token(source, at, end), False
    for left in range(1, depth + 1):
        members = commas[left] + 1
        values += members
        if is_object[left]:
            _note(found, KEYS, members, -1)
        else:
            _note(found, ROWS if left == rows_depth else ITEMS, members, -1)
    _note(found, VALUES, values, -1)
    _note(found, NESTED, nested, -1)
    return found
