"""JSON, byte by byte.

Functions take and return positions in `source`. A returned position of -1 says that the bytes are not JSON,
or not in the plain form that is expected here. Other returned positions are `end` at the most, which no
function reads. Those that read a byte before they compare `at` with `end` say so.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from contactory.columns.jit import Bytes, Ints, OutBuffer, inline
from contactory.columns.words import skip_inside, skip_outside, skip_visible

QUOTE: Final = ord('"')
BACKSLASH: Final = ord("\\")
COMMA: Final = ord(",")
COLON: Final = ord(":")
ZERO: Final = ord("0")
NINE: Final = ord("9")
MINUS: Final = ord("-")
DOT: Final = ord(".")
OPEN_OBJECT: Final = ord("{")
CLOSE_OBJECT: Final = ord("}")
OPEN_ARRAY: Final = ord("[")
CLOSE_ARRAY: Final = ord("]")

_SPACE: Final = ord(" ")
_TAB: Final = ord("\t")
_NEWLINE: Final = ord("\n")
_RETURN: Final = ord("\r")
_UNICODE: Final = ord("u")
_IS_PLAIN: Final = np.array([_SPACE <= byte < 0x80 and byte not in b'"\\' for byte in range(256)])
_SHORT: Final = np.frombuffer(b'"\\/bfnrt', np.uint8)
_UNESCAPED: Final = np.frombuffer(b'"\\/\b\f\n\r\t', np.uint8)
_MOST_DIGITS: Final = 4300  # that Python reads
_MOST_KEPT: Final = 15


@inline
def byte_at(source: Bytes, at: int) -> int:
    """Return source[at]. The unsigned index spares Numba's test for negative ones; `at` is never negative,
    and less than the `end` of the caller, which is len(source) at the most."""
    byte: int = source[np.uint64(at)]
    return byte


@inline
def skip_blanks(source: Bytes, at: int, end: int) -> int:
    while at < end and (
        byte_at(source, at) == _SPACE
        or byte_at(source, at) == _NEWLINE
        or byte_at(source, at) == _RETURN
        or byte_at(source, at) == _TAB
    ):
        at += 1
    return at


@inline
def skip_nested(source: Bytes, at: int, end: int) -> int:
    """Skip an object or array, from its opening bracket to behind the closing one, without checking it."""
    depth = 0
    while at < end:
        at = skip_outside(source, at, end)
        if at >= end:
            break
        byte = byte_at(source, at)
        at += 1
        if byte == QUOTE:
            at = skip_inside(source, at, end)
            while at < end and byte_at(source, at) != QUOTE:
                at = skip_inside(source, at + 2 if byte_at(source, at) == BACKSLASH else at + 1, end)
            at += 1
        elif byte in (OPEN_OBJECT, OPEN_ARRAY):
            depth += 1
        elif byte in (CLOSE_OBJECT, CLOSE_ARRAY):
            depth -= 1
            if depth == 0:
                return at
    return -1


@inline
def skip_integer(source: Bytes, at: int, end: int) -> int:
    """Skip an integer in canonical form: no plus sign, no leading zeros, no -0. `at` is before `end`."""
    is_negative = byte_at(source, at) == MINUS
    first = at + 1 if is_negative else at
    at = first
    while at < end and ZERO <= byte_at(source, at) <= NINE:
        at += 1
    digits = at - first
    if (
        digits == 0  # Otherwise the byte at `first` is one of them.
        or digits > _MOST_DIGITS
        or (byte_at(source, first) == ZERO and (digits > 1 or is_negative))
    ):
        return -1
    return at


@inline
def skip_decimal(source: Bytes, at: int, end: int) -> int:
    """Skip a number with a fraction that has no more digits than a float keeps. `at` is before `end`."""
    start = at
    if byte_at(source, at) == MINUS:
        at += 1
    if at >= end or byte_at(source, at) == MINUS:
        return -1
    at = skip_integer(source, at, end)
    if at < 0 or at >= end or byte_at(source, at) != DOT:
        return -1
    at += 1
    first = at
    while at < end and ZERO <= byte_at(source, at) <= NINE:
        at += 1
    return at if at > first and at - start <= _MOST_KEPT else -1


@inline
def _character_size(source: Bytes, at: int, end: int) -> int:
    """Return the bytes of a character beyond ASCII, 0 where it is not UTF-8. `at` is before `end`."""
    lead = byte_at(source, at)
    if lead < 0xC2 or lead > 0xF4:
        return 0
    size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if at + size > end:
        return 0
    least = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
    most = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
    if byte_at(source, at + 1) < least or byte_at(source, at + 1) > most:
        return 0
    for index in range(at + 2, at + size):
        if byte_at(source, index) < 0x80 or byte_at(source, index) > 0xBF:
            return 0
    return size


@inline
def skip_plain(source: Bytes, at: int, end: int) -> int:
    """Skip to the next quote or backslash inside a text."""
    at = skip_visible(source, at, end)
    while at < end:
        if _IS_PLAIN[byte_at(source, at)]:  # It has an entry for each of the 256 bytes.
            at += 1
        elif byte_at(source, at) < 0x80:
            return at if byte_at(source, at) >= _SPACE else -1
        else:
            size = _character_size(source, at, end)
            if size == 0:
                return -1
            at = skip_visible(source, at + size, end)
    return -1


@inline
def _read_unit(source: Bytes, at: int, end: int) -> int:
    """Return the value of four hexadecimal digits."""
    if at + 4 > end:
        return -1
    unit = 0
    for index in range(at, at + 4):
        byte = byte_at(source, index)
        letter = byte | 0x20
        if ZERO <= byte <= NINE:
            unit = unit * 16 + (byte - ZERO)
        elif 0x61 <= letter <= 0x66:
            unit = unit * 16 + (letter - 0x57)
        else:
            return -1
    return unit


@inline
def _write_character(out: OutBuffer, at: int, code: int) -> int:
    """Write a character as UTF-8 at `at` and return the position behind it. `out` has room (see unescape):
    an escape of six bytes becomes three at the most, and a pair of twelve becomes four."""
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | code >> 6
        out[at + 1] = 0x80 | code & 0x3F
        return at + 2
    if code < 0x10000:
        out[at] = 0xE0 | code >> 12
        out[at + 1] = 0x80 | code >> 6 & 0x3F
        out[at + 2] = 0x80 | code & 0x3F
        return at + 3
    out[at] = 0xF0 | code >> 18
    out[at + 1] = 0x80 | code >> 12 & 0x3F
    out[at + 2] = 0x80 | code >> 6 & 0x3F
    out[at + 3] = 0x80 | code & 0x3F
    return at + 4


@inline
def _unescape_unicode(source: Bytes, at: int, end: int, out: OutBuffer, used: Ints) -> int:
    """Unescape a \\u escape, given the position of its digits, with the other half of a surrogate pair."""
    code = _read_unit(source, at, end)
    at += 4
    if 0xD800 <= code < 0xDC00:
        is_pair = at + 1 < end and byte_at(source, at) == BACKSLASH and byte_at(source, at + 1) == _UNICODE
        low = _read_unit(source, at + 2, end) if is_pair else -1
        if not 0xDC00 <= low < 0xE000:
            return -1
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        at += 6
    elif code <= 0 or 0xDC00 <= code < 0xE000:
        return -1
    used[0] = _write_character(out, used[0], code)
    return at


@inline
def _unescape_character(source: Bytes, at: int, end: int, out: OutBuffer, used: Ints) -> int:
    """Unescape one character, given the position behind the backslash."""
    byte = byte_at(source, at) if at < end else 0
    if byte == _UNICODE:
        return _unescape_unicode(source, at + 1, end, out, used)
    for index in range(len(_SHORT)):
        if byte == _SHORT[index]:
            out[used[0]] = _UNESCAPED[index]
            used[0] += 1
            return at + 1
    return -1


@inline
def unescape(source: Bytes, at: int, end: int, out: OutBuffer, used: Ints) -> int:
    """Append a text without its escapes to `out`, from `at` to the closing quote, whose position is returned.

    `used[0]` is how much of `out` is used. `out` must have room for `end - at` bytes behind that: no more are
    written than are read.
    """
    while at < end and byte_at(source, at) != QUOTE:
        plain = at if byte_at(source, at) == BACKSLASH else skip_plain(source, at, end)
        for index in range(at, plain):
            out[used[0]] = byte_at(source, index)
            used[0] += 1
        at = plain
        if at >= 0 and byte_at(source, at) == BACKSLASH:
            at = _unescape_character(source, at + 1, end, out, used)
        if at < 0:
            return -1
    return at if at < end else -1
