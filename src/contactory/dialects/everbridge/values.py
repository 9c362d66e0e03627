"""Single values: what clients write, and what is kept."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from msgspec import UNSET

from contactory.model.characters import find_invisible, trim_key
from contactory.model.fields import LARGEST_ID
from contactory.model.problems import Code, Problem

MOST_DIGITS: Final = 19  # of a number, before it is looked at
_TRUE: Final = frozenset({"true", "1", "yes", "y"})
_FALSE: Final = frozenset({"false", "0", "no", "n", ""})


class ItemError(Exception):
    """One contact of a call cannot be taken."""

    def __init__(self, text: str, code: Code = Code.BAD_VALUE) -> None:
        super().__init__(text)
        self.problem = Problem(code=code, kind="Contact", texts=(text,))


def given(value: Any) -> bool:
    return value is not None and value is not UNSET


def text(value: Any, name: str, most: int = 0) -> str:
    """ "" for what is not given; `most` characters, where that is limited."""
    if not given(value):
        return ""
    written = value if isinstance(value, str) else str(value)
    if most and len(written) > most:
        wrong(name, f"has {len(written)} characters, more than {most}")
    if "\0" in written:
        wrong(name, "contains the character U+0000")
    return written


def key(value: Any, name: str, most: int = 0) -> str:
    """A text that something is known by: what nobody sees is left out at its ends, and wrong inside."""
    written = trim_key(text(value, name))
    if most and len(written) > most:
        wrong(name, f"has {len(written)} characters, more than {most}")
    if invisible := find_invisible(written):
        wrong(name, f"contains the character {invisible}")
    return written


def number(value: Any, name: str, least: int = 0, most: int = LARGEST_ID) -> int:
    """A whole number, also one written as text."""
    if isinstance(value, str):
        digits = value.strip()
        if not (digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) <= MOST_DIGITS):
            wrong(name, f"[{value[:40]}] is not a whole number")
        value = int(digits)
    if not least <= value <= most:
        wrong(name, f"[{value}] is not between {least} and {most}")
    return int(value)


def flag(value: Any, name: str, default: bool = False) -> bool:
    if not given(value):
        return default
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        wrong(name, f"[{str(value)[:40]}] is not true or false")
    return word in _TRUE


def wrong(name: str, reason: str) -> NoReturn:
    raise ItemError(f"{name} {reason}.")
