"""Readers of single fields: they check a value, and return it as it is stored. A ValueError has the
reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, Final

import msgspec

from contactory.dialects.datananas.addresses import plain_address
from contactory.model.characters import composed, find_invisible, has_half_a_pair, trim
from contactory.model.limits import LARGEST_MAP

MAX_LENGTH: Final = 1000
MAX_EMAIL_LENGTH: Final = 254
MAX_LANGUAGE_LENGTH: Final = 35

_MICROSECOND: Final = datetime.resolution
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,12})?)?([Zz]|[+-]\d{2}:\d{2})?)?", re.ASCII
)
_NO_MOMENT: Final = "is neither a date nor a moment of RFC 3339"
_EXACT: Final = 2.0**53  # from here on, a double cannot hold every integer


def read_text(value: Any) -> str:
    if isinstance(value, str):
        text = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        text = _digits(value)
    else:
        raise ValueError("is not a text")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"has {len(text)} characters, more than {MAX_LENGTH}")
    if "\0" in text:
        raise ValueError("contains the character U+0000")
    if has_half_a_pair(text):
        raise ValueError("contains half of a surrogate pair")
    return text


def _digits(number: float) -> str:
    """Write a number, as an integer if it is one: programs that have only floats send 75001.0."""
    if isinstance(number, int):
        return str(number)
    if not isfinite(number):
        raise ValueError("is a number out of range")
    if not number.is_integer():
        return str(number)
    if abs(number) >= _EXACT:
        raise ValueError("is a number that has lost digits: send it as a text")
    return str(int(number))


def read_email(text: str) -> str:
    email = plain_address(text)
    if len(email) > MAX_EMAIL_LENGTH:
        raise ValueError("is not an e-mail address")
    if invisible := find_invisible(email):
        raise ValueError(f"contains the character {invisible}")
    return email


def email_key(email: str) -> str:
    """Return the key of an address: in lower case, and in one Unicode form."""
    return composed(trim(email).lower())


def read_moment(value: Any) -> int:
    """Read a date as YYYY-MM-DD or a moment of RFC 3339, in UTC if it has no offset. Returns microseconds
    since 2000, as the store has them. Numbers are refused: their unit is not known."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is not a text")
    if not isinstance(value, str):
        raise ValueError("is a number, and not a date as YYYY-MM-DD or a moment of RFC 3339")
    text = value.strip()
    if not _MOMENT.fullmatch(text):
        raise ValueError(_NO_MOMENT)
    return _microseconds(text.upper())


@lru_cache(maxsize=2000)
def _microseconds(text: str) -> int:
    """Read a text that matches _MOMENT, and so has a bounded length."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_NO_MOMENT) from error
    try:
        aware = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError("is out of range: in UTC it is not in the years 1 to 9999") from error
    return (aware - _EPOCH) // _MICROSECOND


def now() -> int:
    return to_shown((datetime.now(UTC) - _EPOCH) // _MICROSECOND)


def to_shown(microseconds: int) -> int:
    """Round down to milliseconds, in which moments are shown, so that one that is read and sent back is the
    same."""
    return microseconds // 1000 * 1000


def read_vars(value: Any) -> bytes:
    """Read variables, which are merged key by key; a null changes nothing. Returns JSON."""
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    try:
        kept = msgspec.json.encode({key: item for key, item in value.items() if item is not None})
    except UnicodeEncodeError as error:
        raise ValueError("contains half of a surrogate pair") from error
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    if len(kept) > LARGEST_MAP:
        raise ValueError(f"has {len(kept)} bytes, more than {LARGEST_MAP}")
    if b"\\u0000" in kept:
        raise ValueError("contains the character U+0000")
    if b"null" in kept and _has_infinite(value):
        raise ValueError("contains a number out of range")
    return kept


def _has_infinite(value: Any) -> bool:
    """Tell whether a value has a number beyond a double, which was read as infinite and would be encoded as
    null."""
    if isinstance(value, dict | list):
        return any(map(_has_infinite, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and not isfinite(value)
