"""Columns of values, one value at a time, by regular expressions and the standard library's calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np

from contactory.columns.jit import Bytes, Ints, Table
from contactory.columns.kinds import ABSENT, ARRAY, DAY, INTEGER, NONE, ODD, OTHER, TEXT
from contactory.columns.plain import lexer

_ISO: Final = re.compile(rb"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SLASHES: Final = re.compile(rb"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_EPOCH: Final = date(2000, 1, 1)
_LONGEST: Final = 60
_BLANKS: Final = bytes(byte for byte in range(0x80) if chr(byte).isspace())
_LABEL: Final = rb"[a-z0-9]+(?:-+[a-z0-9]+)*"
# The reserved names, localhost and localdomain, begin with an l: whether it is one of them, others judge.
_LAST_LABEL: Final = rb"(?!l(?:.{8}|.{10})$)[a-z]{2,}"
_EMAIL: Final = re.compile(
    rb"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:%s\.)+%s" % (_LABEL, _LAST_LABEL), re.IGNORECASE
)


def read_values(source: Bytes, starts: Ints, lengths: Ints) -> Iterator[bytes | None]:
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        yield None if length < 0 else bytes(source.data[start : start + length])


def number_alike(source: Bytes, starts: Table, lengths: Table, seed: int) -> tuple[Ints, Ints]:  # noqa: ARG001
    """Number rows so that equal ones have the same number. Return the numbers, and the first row of each."""
    fields = [read_values(source, *field) for field in zip(starts, lengths, strict=True)]
    first_of: dict[tuple[bytes | None, ...], int] = {}
    rows = [tuple(map(next, fields)) for _ in range(starts.shape[1])]
    for index, row in enumerate(rows):
        first_of.setdefault(row, index)
    numbers = {row: number for number, row in enumerate(first_of)}
    return np.array([numbers[row] for row in rows], np.int32), np.array([*first_of.values()], np.int32)


def read_letters(source: Bytes, starts: Ints, lengths: Ints, size: int, allowed: Bytes) -> Bytes:
    """Return texts of `size` letters as capitals, one after the other, zeros for None and "".

    Returns nothing if a text has another size, or others than the `allowed` letters.
    """
    texts = [text.upper() if text else bytes(size) for text in read_values(source, starts, lengths)]
    for text in texts:
        if len(text) != size or (any(text) and not {*text} <= {*allowed.tolist()}):
            texts = []
            break
    return np.frombuffer(b"".join(texts), np.uint8).copy()


def read_days(source: Bytes, starts: Ints, lengths: Ints, cleared: int) -> Ints:
    """Return dates in days since 2000-01-01, of texts as YYYY-MM-DD or DD/MM/YYYY.

    ABSENT stands for None, `cleared` for "", and ODD for a text that is no such date.
    """
    special = {None: ABSENT, b"": cleared}
    values = read_values(source, starts, lengths)
    return np.array([special[v] if not v else _day(v) for v in values], np.int32)


def _day(text: bytes) -> int:
    if iso := _ISO.fullmatch(text):
        parts = iso.groups()
    elif slashes := _SLASHES.fullmatch(text):
        parts = slashes.groups()[::-1]
    else:
        return ODD
    try:
        return (date(*map(int, parts)) - _EPOCH).days
    except ValueError:
        return ODD


def kinds_of(source: Bytes, starts: Ints, lengths: Ints) -> Bytes:
    """Return the kinds of JSON values. DAY is a text as YYYY-MM-DD."""
    return np.array([_kind(value) for value in read_values(source, starts, lengths)], np.uint8)


def _kind(value: bytes | None) -> int:
    if value is None:
        return NONE
    if value.startswith(b'"'):
        is_day = len(value) == 12 and value[5:6] == b"-" and _day(value[1:11]) != ODD
        return DAY if is_day else TEXT
    if value.startswith(b"["):
        return ARRAY
    return INTEGER if re.fullmatch(lexer.INTEGER, value) else OTHER


def find_odd(source: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """Return the rows whose texts have other characters than the visible ones of ASCII."""
    values = read_values(source, starts, lengths)
    return np.array(
        [row for row, value in enumerate(values) if value and re.search(rb"[^!-~]", value)], np.int32
    )


def find_unusual_emails(source: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """Return the rows whose texts are neither None, nor "", nor addresses of the usual form."""
    values = enumerate(read_values(source, starts, lengths))
    unusual = [row for row, v in values if v and (len(v) > _LONGEST or not _EMAIL.fullmatch(v))]
    return np.array(unusual, np.int32)


def strip(source: Bytes, starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """Return the starts and lengths of texts without the blanks of ASCII at their ends."""
    new_starts, new_lengths = starts.copy(), lengths.copy()
    for row, value in enumerate(read_values(source, starts, lengths)):
        if value:
            new_starts[row] += len(value) - len(value.lstrip(_BLANKS))
            new_lengths[row] = len(value.strip(_BLANKS))
    return new_starts, new_lengths


def read_digits(source: Bytes, starts: Ints, lengths: Ints) -> tuple[Bytes, Ints, Ints, Bytes]:
    """Return the digits of texts: their buffer, starts and lengths, -1 for None and for a text beyond ASCII,
    and whether there is a plus before them."""
    values = [*read_values(source, starts, lengths)]
    digits = [re.sub(rb"[^0-9]", b"", value or b"") for value in values]
    sizes = np.array([*map(len, digits)], np.int32)
    are_ascii = np.array([value is not None and value.isascii() for value in values], bool)
    has_plus = [re.match(rb"[^0-9]*?\+", value or b"") is not None for value in values]
    return (
        np.frombuffer(b"".join(digits), np.uint8).copy(),
        np.cumsum(sizes, dtype=np.int32) - sizes,
        np.where(are_ascii, sizes, np.int32(-1)),
        np.array(has_plus, np.uint8),
    )
