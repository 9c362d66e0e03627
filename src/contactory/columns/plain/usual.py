"""Texts and documents of the usual form, by regular expressions."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import numpy as np

from contactory.columns.jit import Bytes, Ints, Table
from contactory.columns.plain.lexer import TEXT
from contactory.columns.plain.values import read_values

_MAY_BE_SPACE: Final = re.compile(
    rb"[\x00-\x20]|\xc2[\x00-\xa0]|\xe1\x9a|\xe2[\x00-\x81]|\xe3\x80", re.DOTALL
)
_TEXT: Final = re.compile(TEXT, re.DOTALL)
_EMPTY: Final = re.compile(rb".?[ \t\n\r]*(?:\}|\Z)", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_ODD_ESCAPE: Final = re.compile(rb"\\(?:u00|u[dD]|.{0,4}\Z)", re.DOTALL)  # one near the end may be
_NUMBER: Final = re.compile(rb"[-0-9][-+.0-9Ee]*")
_PLAIN_NUMBER: Final = re.compile(
    rb"(?=.{1,18}\Z)(?:0|-?[1-9][0-9]*)|(?=.{1,15}\Z)-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]"
)


def find_odd_texts(source: Bytes, starts: Ints, lengths: Ints, most: int) -> Ints:
    """Return the rows whose texts have more than `most` bytes, or may begin with a space."""
    values = enumerate(read_values(source, starts, lengths))
    return np.array([row for row, v in values if v and (len(v) > most or _MAY_BE_SPACE.match(v))], np.int32)


def find_odd_objects(source: Bytes, starts: Ints, lengths: Ints, most: int) -> Ints:
    """Return the rows whose JSON objects may be stored otherwise when they are decoded and encoded again.
    They must be valid JSON."""
    values = enumerate(read_values(source, starts, lengths))
    odd = [row for row, v in values if v is not None and (len(v) > most or not _is_plain_object(v))]
    return np.array(odd, np.int32)


def _is_plain_object(value: bytes) -> bool:
    outside = _TEXT.sub(b'""', value)
    return (
        not _EMPTY.match(value)
        and b"n" not in outside
        and all(_PLAIN_NUMBER.fullmatch(number) for number in _NUMBER.findall(outside))
        and not any(_ODD_ESCAPE.match(value, escape.start()) for escape in _ESCAPE.finditer(value))
    )


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
    to `most` allowed characters, and perhaps a slash; the length -1 for any other text."""
    known = [openings[start:end].tobytes() for start, end in pairwise([0, *ends.tolist()])]
    names = np.full((2, len(starts)), -1, np.int32)
    for row, text in enumerate(read_values(source, starts, lengths)):
        for opening in known:
            if text and len(text) > len(opening) and text.startswith(opening):
                name = text.removeprefix(opening).removesuffix(b"/")
                if least <= len(name) <= most and all(allowed[byte] for byte in name):
                    names[:, row] = starts[row] + len(opening), len(name)
                break
    return names
