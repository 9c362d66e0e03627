"""Columns to JSON: an array of objects, or of texts, for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from contactory.columns import plain
from contactory.columns.bounds import check_ranges
from contactory.columns.column import BytesColumn, ColumnSet
from contactory.columns.jit import Bytes, Ints, OutBuffer, Table, entry_point, inline
from contactory.columns.lexer import (
    BACKSLASH,
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COMMA,
    OPEN_ARRAY,
    OPEN_OBJECT,
    QUOTE,
    byte_at,
)

_SPACE: Final = ord(" ")
_ESCAPED: Final = np.zeros(128, np.uint8)
"""The letter behind the backslash for each byte that is escaped, or else 0."""
_ESCAPED[:_SPACE] = ord("u")
_ESCAPED[np.frombuffer(b'"\\\b\f\n\r\t', np.uint8)] = np.frombuffer(b'"\\bfnrt', np.uint8)
_DIGITS: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_LONGEST_ESCAPE: Final = 6


class Member(NamedTuple):
    """The values of one member, one for each object, absent where the column has None. `opening`: its key
    with the colon, and `closing`: what follows. A text is written with quotes and escapes, any other value
    as it is."""

    opening: bytes
    values: BytesColumn[Any]
    is_text: bool = False
    closing: bytes = b""


def write_arrays(
    members: Sequence[Member], parents: npt.NDArray[np.integer], count: int, *, are_objects: bool = True
) -> BytesColumn[bytes]:
    """Return an array for each of `count` rows, as msgspec writes it. `parents`: the row of each object,
    ascending. Without `are_objects`, the members are the items of the array themselves."""
    pieces = [piece for member in members for piece in (member.opening, member.closing)]
    return BytesColumn(
        *_write_arrays(
            np.frombuffer(b"".join(pieces), np.uint8),
            np.cumsum([0, *map(len, pieces)], dtype=np.int32),
            *ColumnSet.of([member.values for member in members]),
            np.array([member.is_text for member in members], np.uint8),
            parents.astype(np.int32),
            count,
            int(are_objects),
        )
    )


@inline
def _put(source: Bytes, start: int, end: int, out: OutBuffer, at: int) -> int:
    for index in range(start, end):
        out[np.uint64(at)] = byte_at(source, index)
        at += 1
    return at


@inline
def _put_text(source: Bytes, start: int, end: int, out: OutBuffer, at: int) -> int:
    out[at] = QUOTE
    at += 1
    for index in range(start, end):
        byte = byte_at(source, index)
        escaped = _ESCAPED[byte] if byte < 0x80 else 0
        if escaped:
            out[at], out[at + 1] = BACKSLASH, escaped
            at += 2
            if escaped == ord("u"):
                out[at], out[at + 1] = ord("0"), ord("0")
                out[at + 2], out[at + 3] = _DIGITS[byte >> 4], _DIGITS[byte & 15]
                at += 4
        else:
            out[np.uint64(at)] = byte
            at += 1
    out[at] = QUOTE
    return at + 1


@entry_point(plain.json_arrays.write_arrays)
def _write_arrays(
    pieces: Bytes,
    ends: Ints,
    source: Bytes,
    extra: Bytes,
    is_extra: Bytes,
    starts: Table,
    lengths: Table,
    are_texts: Bytes,
    parents: Ints,
    count: int,
    are_objects: int,
) -> tuple[Bytes, Ints, Ints]:
    """Return the buffer, starts and lengths. Piece n is from ends[n] to ends[n + 1]; there are two for each
    member. `starts` and `lengths` are [member, object].

    Bounds: the buffer has room for each text as if all its bytes were escaped, and for a bracket or comma
    around each row, object, member and text.
    """
    members, objects = lengths.shape
    size = 2 * count + objects * (2 + members + ends[-1])
    for member in range(members):
        check_ranges(extra if is_extra[member] else source, starts[member], lengths[member])
        for item in range(objects):
            size += max(lengths[member, item], 0) * (_LONGEST_ESCAPE if are_texts[member] else 1) + 2
    out, at, item = np.empty(size, np.uint8), 0, 0
    row_starts, row_lengths = np.empty(count, np.int32), np.empty(count, np.int32)
    for row in range(count):
        row_starts[row] = at
        out[at] = OPEN_ARRAY
        at += 1
        while item < objects and parents[item] <= row:
            if are_objects:
                out[at] = OPEN_OBJECT
                at += 1
            first = at
            for member in range(members):
                start, length = starts[member, item], lengths[member, item]
                if length < 0:
                    continue
                if at > first:
                    out[at] = COMMA
                    at += 1
                at = _put(pieces, ends[2 * member], ends[2 * member + 1], out, at)
                values = extra if is_extra[member] else source
                if are_texts[member]:
                    at = _put_text(values, start, start + length, out, at)
                else:
                    at = _put(values, start, start + length, out, at)
                at = _put(pieces, ends[2 * member + 1], ends[2 * member + 2], out, at)
            if are_objects:
                out[at] = CLOSE_OBJECT
                at += 1
            out[at] = COMMA
            at += 1
            item += 1
        if out[at - 1] == COMMA:
            at -= 1
        out[at] = CLOSE_ARRAY
        at += 1
        row_lengths[row] = at - row_starts[row]
    return out[:at], row_starts, row_lengths
