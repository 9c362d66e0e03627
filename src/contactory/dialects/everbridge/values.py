"""Readers of single values. They raise ItemError with the name of the field and the reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from msgspec import UNSET

from contactory.dialects.base import json_encode
from contactory.dialects.sizes import shorten
from contactory.model.characters import find_invisible, trim_key
from contactory.model.fields import LARGEST_ID
from contactory.model.limits import LARGEST_DOCUMENT, LONGEST_NAME
from contactory.model.problems import Code, Problem

MOST_DIGITS: Final = 19  # of a number; a longer one is not parsed
DECIMAL: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EXACT: Final = 2**53  # up to which a double can hold every integer
_MARKS: Final = 4  # characters that one letter with its accents may have
_TRUE: Final = frozenset({"true", "1", "yes", "y"})
_FALSE: Final = frozenset({"false", "0", "no", "n", ""})


class ItemError(Exception):
    """An error in one contact of a call, which fails for it."""

    def __init__(self, text: str, code: Code = Code.BAD_VALUE) -> None:
        super().__init__(text)
        self.problem = Problem(code=code, kind="Contact", texts=(text,))


def given(value: Any) -> bool:
    return value is not None and value is not UNSET


def gives_id(value: Any) -> bool:
    """Tell whether a value is an id. Clients with typed records send 0 or "" for none."""
    if isinstance(value, str):
        return value.strip().strip("0") != ""
    return given(value) and value != 0


def many(value: Any) -> Sequence[Any]:
    """Return the items of an array. A single item may be sent without the array, as PowerShell does."""
    if isinstance(value, list):
        return value
    return (value,) if given(value) else ()


def text(value: Any, name: str, most: int = LONGEST_NAME) -> str:
    """Read a text; "" if there is none. It may have `most` letters."""
    if value is UNSET or value is None:
        return ""
    written = value if isinstance(value, str) else str(_whole(value, name))
    if len(written) > most and (letters := _count_letters(written, most)) > most:
        wrong(name, f"has {letters} characters, more than {most}")
    if "\0" in written:
        wrong(name, "contains the character U+0000")
    return written


def key(value: Any, name: str, most: int = 0) -> str:
    """Read a key. Invisible characters are removed from its ends, and refused inside."""
    written = trim_key(text(value, name))
    if most and len(written) > most:
        wrong(name, f"has {len(written)} characters, more than {most}")
    if invisible := find_invisible(written):
        wrong(name, f"contains the character {invisible}")
    return written


def number(value: Any, name: str, least: int = 0, most: int = LARGEST_ID) -> int:
    """Read a whole number, which may be written as a text."""
    if isinstance(value, str):
        digits = value.strip()
        if not (digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) <= MOST_DIGITS):
            wrong(name, f"[{value[:40]}] is not a whole number")
        value = int(digits)
    value = _whole(value, name)
    if not least <= value <= most:
        wrong(name, f"[{str(value)[:40]}] is not between {least} and {most}")
    return int(value)


def flag(value: Any, name: str, default: bool = False) -> bool:
    if not given(value):
        return default
    if isinstance(value, bool):
        return value
    word = (value if isinstance(value, str) else str(_whole(value, name))).strip().lower()
    if word not in _TRUE | _FALSE:
        wrong(name, f"[{str(value)[:40]}] is not true or false")
    return word in _TRUE


def as_document(value: Any, name: str) -> bytes:
    """Encode a value that is stored as one document."""
    encoded = json_encode(value)
    if len(encoded) > LARGEST_DOCUMENT:
        wrong(name, f"has {len(encoded)} bytes, more than {LARGEST_DOCUMENT}")
    return encoded


def at_most(most: int, items: Any, name: str) -> None:
    """Raise ItemError for an array with too many items."""
    if (found := len(many(items))) > most:
        wrong(name, f"has {found} items, more than {most}")


def wrong(name: str, reason: str) -> NoReturn:
    """Raise the ItemError of a field."""
    raise ItemError(f"{name} {shorten(reason)}.")


def _whole(value: int | float, name: str) -> int:
    """Read a whole number, also as 1001.0: data frames write that for a column with empty cells."""
    if isinstance(value, float) and not (value.is_integer() and abs(value) <= _EXACT):
        wrong(name, f"[{value}] is neither a text nor a whole number")
    return int(value)


def _count_letters(written: str, most: int) -> int:
    """Count letters; one with its accents counts once, in however many characters it is written."""
    if len(written) > most * _MARKS:
        return len(written)
    return sum(not unicodedata.category(character).startswith("M") for character in written)
