"""Columns of values in `source`: equal rows, dates, letters, kinds of JSON values, usual e-mail addresses."""

from __future__ import annotations

from secrets import randbits
from typing import Final

import numpy as np

from contactory.columns import plain
from contactory.columns.bounds import check_ranges
from contactory.columns.jit import Bytes, Ints, Table, entry_point, inline
from contactory.columns.kinds import ABSENT, ARRAY, DAY, INTEGER, NONE, ODD, OTHER, TEXT
from contactory.columns.lexer import DOT, MINUS, NINE, OPEN_ARRAY, QUOTE, ZERO, byte_at, skip_integer

__all__ = [
    "ABSENT",
    "ARRAY",
    "DAY",
    "INTEGER",
    "NONE",
    "ODD",
    "OTHER",
    "SEED",
    "TEXT",
    "find_odd",
    "find_unusual_emails",
    "kinds_of",
    "number_alike",
    "read_days",
    "read_digits",
    "read_letters",
    "strip",
]

SEED: Final = randbits(63)  # of this process, for number_alike

_SLASH: Final = ord("/")
_AT: Final = ord("@")
_PLUS: Final = ord("+")
_UNDERSCORE: Final = ord("_")
_L: Final = ord("L")
_LONGEST: Final = 60
_IS_BLANK: Final = np.array([chr(byte).isspace() and byte < 0x80 for byte in range(256)])
_MULTIPLIER: Final = 0x9E3779B97F4A7C15


@inline
def _are_same(source: Bytes, starts: Table, lengths: Table, one: int, other: int) -> bool:
    for field in range(len(starts)):
        length = lengths[field, one]
        if length != lengths[field, other]:
            return False
        here, there = starts[field, one], starts[field, other]
        for index in range(length):
            if byte_at(source, here + index) != byte_at(source, there + index):
                return False
    return True


@inline
def _number(source: Bytes, at: int, digits: int) -> int:
    """Return the number of so many digits, which must be there, -1 where one is not a digit."""
    number = 0
    for byte in source[at : at + digits]:
        if byte < ZERO or byte > NINE:
            return -1
        number = number * 10 + (byte - ZERO)
    return number


@inline
def _day(year: int, month: int, day: int) -> int:
    if year < 1 or month < 1 or month > 12 or day < 1:
        return ODD
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 30 if month in (4, 6, 9, 11) else 31 if month != 2 else 29 if is_leap else 28
    if day > last:
        return ODD
    # Years begin in March here, so that the day that some of them have more is the last.
    years, months = (year, month - 3) if month > 2 else (year - 1, month + 9)
    return years * 365 + years // 4 - years // 100 + years // 400 + (months * 153 + 2) // 5 + day - 730426


@inline
def _is_day(source: Bytes, at: int) -> bool:
    """Tell whether ten bytes, which must be there, are a date."""
    if byte_at(source, at + 4) != MINUS or byte_at(source, at + 7) != MINUS:
        return False
    return _day(_number(source, at, 4), _number(source, at + 5, 2), _number(source, at + 8, 2)) != ODD


@inline
def _upper(byte: int) -> int:
    return byte - 0x20 if 0x61 <= byte <= 0x7A else byte


@inline
def _is_alphanumeric(byte: int) -> bool:
    return ZERO <= byte <= NINE or 0x61 <= byte | 0x20 <= 0x7A


@inline
def _is_plain_email(source: Bytes, start: int, length: int) -> bool:
    end, at, last = start + length, start, DOT
    while at < end and byte_at(source, at) != _AT:
        byte = byte_at(source, at)
        if byte == DOT:
            if last == DOT:
                return False
        elif not (_is_alphanumeric(byte) or byte in (_UNDERSCORE, _PLUS, MINUS)):
            return False
        last = byte
        at += 1
    if last == DOT or length > _LONGEST:
        return False
    dots, letters, last, at = 0, 0, DOT, at + 1
    while at < end:
        byte = byte_at(source, at)
        if byte in (DOT, MINUS):
            if last == DOT or (byte == DOT and last == MINUS):
                return False
            dots += byte == DOT
            letters = 0 if byte == DOT else -length
        elif _is_alphanumeric(byte):
            letters += 1 if byte > NINE else -length
        else:
            return False
        last = byte
        at += 1
    # The reserved names, localhost and localdomain, begin with an l: whether it is one of them, others judge.
    if letters in (9, 11) and _upper(byte_at(source, end - letters)) == _L:
        return False
    return dots > 0 and letters >= 2


@entry_point(plain.values.number_alike)
def number_alike(source: Bytes, starts: Table, lengths: Table, seed: int) -> tuple[Ints, Ints]:
    """Number rows so that equal ones have the same number. Return the numbers, and the first row of each.

    `starts` and `lengths` are [field, row]. `seed` must be unknown to the sender of the rows, who could
    choose values with equal hashes otherwise.
    """
    fields, count = starts.shape
    numbers, firsts, known = np.empty(count, np.int32), np.empty(count, np.int32), 0
    size = 16
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, np.int32)
    for field in range(fields):
        check_ranges(source, starts[field], lengths[field])
    for row in range(count):
        if row and _are_same(source, starts, lengths, row, row - 1):
            numbers[row] = numbers[row - 1]
            continue
        mixed = np.uint64(seed)
        for field in range(fields):
            start, length = starts[field, row], lengths[field, row]
            mixed = (mixed ^ np.uint64(length + 1)) * np.uint64(_MULTIPLIER)
            for byte in source[start : start + max(length, 0)]:
                mixed = (mixed ^ np.uint64(byte)) * np.uint64(_MULTIPLIER)
                mixed ^= mixed >> np.uint64(29)
        slot = np.int64(mixed >> np.uint64(32)) & (
            size - 1
        )  # Half of the table stays free, so the search ends.
        while table[slot] >= 0 and not _are_same(source, starts, lengths, row, firsts[table[slot]]):
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = known
            firsts[known] = row
            known += 1
        numbers[row] = table[slot]
    return numbers, firsts[:known]


@entry_point(plain.values.read_letters)
def read_letters(source: Bytes, starts: Ints, lengths: Ints, size: int, allowed: Bytes) -> Bytes:
    """Return texts of `size` letters as capitals, one after the other, zeros for None and "".

    Returns nothing if a text has another size, or others than the `allowed` letters.
    """
    check_ranges(source, starts, lengths)
    letters = np.zeros(len(starts) * size, np.uint8)
    for row in range(len(starts)):
        if lengths[row] <= 0:
            continue
        if lengths[row] != size:
            return letters[:0]
        for index in range(size):
            letter = _upper(byte_at(source, starts[row] + index))
            if letter not in allowed:
                return letters[:0]
            letters[row * size + index] = letter
    return letters


@entry_point(plain.values.read_days)
def read_days(source: Bytes, starts: Ints, lengths: Ints, cleared: int) -> Ints:
    """Return dates in days since 2000-01-01, of texts as YYYY-MM-DD or DD/MM/YYYY.

    ABSENT stands for None, `cleared` for "", and ODD for a text that is no such date.
    """
    check_ranges(source, starts, lengths)
    days = np.empty(len(starts), np.int32)
    for row in range(len(starts)):
        at = starts[row]
        if lengths[row] < 0:
            days[row] = ABSENT
        elif lengths[row] == 0:
            days[row] = cleared
        elif lengths[row] != 10:
            days[row] = ODD  # All others have ten bytes.
        elif byte_at(source, at + 4) == MINUS and byte_at(source, at + 7) == MINUS:
            days[row] = _day(_number(source, at, 4), _number(source, at + 5, 2), _number(source, at + 8, 2))
        elif byte_at(source, at + 2) == _SLASH and byte_at(source, at + 5) == _SLASH:
            days[row] = _day(_number(source, at + 6, 4), _number(source, at + 3, 2), _number(source, at, 2))
        else:
            days[row] = ODD
    return days


@entry_point(plain.values.kinds_of)
def kinds_of(source: Bytes, starts: Ints, lengths: Ints) -> Bytes:
    """Return the kinds of JSON values. DAY is a text as YYYY-MM-DD."""
    check_ranges(source, starts, lengths)
    kinds = np.full(len(starts), OTHER, np.uint8)
    for row in range(len(starts)):
        at, end = starts[row], starts[row] + lengths[row]
        byte = byte_at(source, at) if lengths[row] > 0 else 0
        if lengths[row] < 0:
            kinds[row] = NONE
        elif byte == QUOTE:
            kinds[row] = DAY if lengths[row] == 12 and _is_day(source, at + 1) else TEXT
        elif byte == OPEN_ARRAY:
            kinds[row] = ARRAY
        elif (byte == MINUS or ZERO <= byte <= NINE) and skip_integer(source, at, end) == end:
            kinds[row] = INTEGER
    return kinds


@entry_point(plain.values.find_odd)
def find_odd(source: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """Return the rows whose texts have other characters than the visible ones of ASCII."""
    check_ranges(source, starts, lengths)
    rows, found = np.empty(len(starts), np.int32), 0
    for row in range(len(starts)):
        for at in range(starts[row], starts[row] + max(lengths[row], 0)):
            byte = byte_at(source, at)
            if byte <= 0x20 or byte >= 0x7F:
                rows[found] = row
                found += 1
                break
    return rows[:found]


@entry_point(plain.values.find_unusual_emails)
def find_unusual_emails(source: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """Return the rows whose texts are neither None, nor "", nor addresses of the usual form."""
    check_ranges(source, starts, lengths)
    rows, found = np.empty(len(starts), np.int32), 0
    for row in range(len(starts)):
        if lengths[row] > 0 and not _is_plain_email(source, starts[row], lengths[row]):
            rows[found] = row
            found += 1
    return rows[:found]


@entry_point(plain.values.strip)
def strip(source: Bytes, starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """Return the starts and lengths of texts without the blanks of ASCII at their ends."""
    check_ranges(source, starts, lengths)
    new_starts, new_lengths = starts.copy(), lengths.copy()
    for row in range(len(starts)):
        at, end = starts[row], starts[row] + max(lengths[row], 0)
        while at < end and _IS_BLANK[byte_at(source, at)]:
            at += 1
        while at < end and _IS_BLANK[byte_at(source, end - 1)]:
            end -= 1
        if lengths[row] > 0:
            new_starts[row], new_lengths[row] = at, end - at
    return new_starts, new_lengths


@entry_point(plain.values.read_digits)
def read_digits(source: Bytes, starts: Ints, lengths: Ints) -> tuple[Bytes, Ints, Ints, Bytes]:
    """Return the digits of texts: their buffer, starts and lengths, -1 for None and for a text beyond ASCII,
    and whether there is a plus before them."""
    check_ranges(source, starts, lengths)
    size = 0
    for length in lengths:
        size += max(length, 0)
    digits, at = np.empty(size, np.uint8), 0
    digit_starts, digit_lengths = np.empty(len(starts), np.int32), np.full(len(starts), -1, np.int32)
    has_plus = np.zeros(len(starts), np.uint8)
    for row in range(len(starts)):
        digit_starts[row], is_ascii = at, lengths[row] >= 0
        for place in range(starts[row], starts[row] + max(lengths[row], 0)):
            byte = byte_at(source, place)
            is_ascii = is_ascii and byte < 0x80
            if ZERO <= byte <= NINE:
                digits[at] = byte
                at += 1
            elif byte == _PLUS and at == digit_starts[row]:
                has_plus[row] = 1
        if is_ascii:
            digit_lengths[row] = at - digit_starts[row]
    return digits[:at], digit_starts, digit_lengths, has_plus
