"""Texts and documents of the usual form, among columns of values in `source`. The functions find the rows
with others, which are read one by one."""

from __future__ import annotations

from typing import Final

import numpy as np

from contactory.columns import plain
from contactory.columns.bounds import check_ranges
from contactory.columns.jit import Bytes, Ints, Table, entry_point, inline
from contactory.columns.lexer import (
    BACKSLASH,
    CLOSE_OBJECT,
    DOT,
    MINUS,
    NINE,
    QUOTE,
    ZERO,
    byte_at,
    skip_blanks,
    skip_decimal,
    skip_integer,
)

_SPACE: Final = 0x20
_LETTER_N: Final = ord("n")
_LETTER_U: Final = ord("u")
_SURROGATES: Final = ord("d")
_DIGITS: Final = 18  # of an integer that every reader reads exactly


@inline
def _may_be_space(source: Bytes, at: int, end: int) -> bool:
    """Tell whether there may be a space of Unicode at `at`; dashes and quotation marks may be."""
    byte = byte_at(source, at)
    if byte <= _SPACE:
        return True
    if byte < 0xC2 or at + 1 >= end:
        return False
    following = byte_at(source, at + 1)
    return (
        (byte == 0xC2 and following <= 0xA0)
        or (byte == 0xE1 and following == 0x9A)
        or (byte == 0xE2 and following <= 0x81)
        or (byte == 0xE3 and following == 0x80)
    )


@inline
def _is_plain_number(source: Bytes, at: int, end: int) -> bool:
    """Tell whether a number ends before `end` and is written as every program writes it again."""
    after = skip_integer(source, at, end)
    if after >= 0 and (after == end or byte_at(source, after) != DOT):
        following = byte_at(source, after) | 0x20 if after < end else 0
        return after - at <= _DIGITS and following != ord("e")
    after = skip_decimal(source, at, end)
    if after < 0 or byte_at(source, after - 1) == ZERO:
        return False
    return after == end or byte_at(source, after) | 0x20 != ord("e")


@inline
def _is_plain_object(source: Bytes, start: int, end: int) -> bool:
    at = skip_blanks(source, start + 1, end)
    if at >= end or byte_at(source, at) == CLOSE_OBJECT:
        return False
    while at < end:
        byte = byte_at(source, at)
        if byte == QUOTE:
            at += 1
            while at < end and byte_at(source, at) != QUOTE:
                if byte_at(source, at) == BACKSLASH:
                    at += 1
                    if at + 4 >= end:
                        return False
                    if byte_at(source, at) == _LETTER_U:
                        high, low = byte_at(source, at + 1), byte_at(source, at + 2)
                        if (high == ZERO and low == ZERO) or high | 0x20 == _SURROGATES:
                            return False
                at += 1
        elif byte == _LETTER_N:
            return False
        elif byte == MINUS or ZERO <= byte <= NINE:
            if not _is_plain_number(source, at, end):
                return False
            while at + 1 < end and (
                byte_at(source, at + 1) == DOT or ZERO <= byte_at(source, at + 1) <= NINE
            ):
                at += 1
        at += 1
    return True


@entry_point(plain.usual.find_odd_texts)
def find_odd_texts(source: Bytes, starts: Ints, lengths: Ints, most: int) -> Ints:
    """Return the rows whose texts have more than `most` bytes, or may begin with a space."""
    check_ranges(source, starts, lengths)
    rows, found = np.empty(len(starts), np.int32), 0
    for row in range(len(starts)):
        start, length = starts[row], lengths[row]
        if length > most or (length > 0 and _may_be_space(source, start, start + length)):
            rows[found] = row
            found += 1
    return rows[:found]


@entry_point(plain.usual.find_odd_objects)
def find_odd_objects(source: Bytes, starts: Ints, lengths: Ints, most: int) -> Ints:
    """Return the rows whose JSON objects may be stored otherwise when they are decoded and encoded again:
    those that are empty, or longer than `most` bytes, or have a null, a number in an unusual form, U+0000 or
    surrogates. They must be valid JSON."""
    check_ranges(source, starts, lengths)
    rows, found = np.empty(len(starts), np.int32), 0
    for row in range(len(starts)):
        start, length = starts[row], lengths[row]
        if length > most or (length >= 0 and not _is_plain_object(source, start, start + length)):
            rows[found] = row
            found += 1
    return rows[:found]


@entry_point(plain.usual.match_names)
def match_names(
    source: Bytes,
    starts: Ints,
    lengths: Ints,
    openings: Bytes,
    ends: Ints,
    allowed: Bytes,
    least: int,
    most: int,
) -> Table:
    """Return the start and the length of the name in each text that is one of the openings, a name of `least`
    to `most` allowed characters, and perhaps a slash; the length -1 for any other text.

    `ends`: where each opening ends in `openings`; `allowed` has an entry for each of the 256 bytes, 1
    where that is allowed.
    """
    check_ranges(source, starts, lengths)
    names = np.full((2, len(starts)), -1, np.int32)
    for row in range(len(starts)):
        start, length = starts[row], lengths[row]
        first = 0
        for index in range(len(ends)):
            size = ends[index] - first
            if length > size:
                same = 0
                while same < size and byte_at(source, start + same) == byte_at(openings, first + same):
                    same += 1
                if same == size:
                    at, end = start + size, start + length
                    if byte_at(source, end - 1) == ord("/"):
                        end -= 1
                    while at < end and byte_at(allowed, byte_at(source, at)):
                        at += 1
                    if at == end and least <= end - start - size <= most:
                        names[0, row], names[1, row] = start + size, end - start - size
                    break
            first = ends[index]
    return names
