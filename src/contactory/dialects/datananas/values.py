"""Values of single fields: checked, and as they are kept. A ValueError says what is wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from contactory.dialects.datananas.addresses import plain_address

MAX_LENGTH: Final = 1000
MAX_EMAIL_LENGTH: Final = 254
MAX_LANGUAGE_LENGTH: Final = 35
MAX_VARS_BYTES: Final = 64 << 10

_MICROSECOND: Final = datetime.resolution
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HALF: Final = re.compile("[\ud800-\udfff]")
_EXACT: Final = 2.0**53  # from here on, a double does not tell integers apart
_COUNTRY_PART: Final = re.compile(r"(?:www|[a-z]{2})\.(?=linkedin\.com$)")


def read_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is not a text")
    text = value if isinstance(value, str) else _digits(value)
    if len(text) > MAX_LENGTH:
        raise ValueError(f"has {len(text)} characters, more than {MAX_LENGTH}")
    if "\0" in text:
        raise ValueError("contains the character U+0000")
    if has_half_a_pair(text):
        raise ValueError("contains half of a surrogate pair")
    return text


def has_half_a_pair(text: str) -> bool:
    """Whether it cannot be written in UTF-8, as \\ud83d without its other half."""
    return not text.isascii() and _HALF.search(text) is not None


def _digits(number: float) -> str:
    """As integers are written where it is one: programs that know only floats say 75001.0."""
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
    return email


def email_key(email: str) -> str:
    return email.strip().lower()


def linkedin_key(url: str) -> str:
    """The profile, however its address is written: no scheme, sub-domain of a country, query or end slash."""
    parts = urlsplit(url.strip())
    host = _COUNTRY_PART.sub("", (parts.hostname or "").lower())
    return f"{host}{parts.path.rstrip('/')}"[:500]


def read_linkedin(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise ValueError("is not an absolute http or https URL")
    return text.strip()


@lru_cache(maxsize=10_000)
def read_moment(text: str) -> int:
    """Microseconds, as the store counts them. A date, or a moment of RFC 3339; UTC where it does not say."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is neither a date nor a moment of RFC 3339") from error
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (aware - _EPOCH) // _MICROSECOND
    except OverflowError as error:
        raise ValueError("is out of range") from error


def now() -> int:
    return to_shown((datetime.now(UTC) - _EPOCH) // _MICROSECOND)


def to_shown(microseconds: int) -> int:
    """As exact as moments are shown, so that one that was read is the same when it is sent back."""
    return microseconds // 1000 * 1000


def read_vars(value: Any) -> bytes:
    """Merged key by key; a null in it changes nothing."""
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    try:
        kept = msgspec.json.encode({key: item for key, item in value.items() if item is not None})
    except UnicodeEncodeError as error:
        raise ValueError("contains half of a surrogate pair") from error
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    if len(kept) > MAX_VARS_BYTES:
        raise ValueError(f"has {len(kept)} bytes, more than {MAX_VARS_BYTES}")
    if b"\\u0000" in kept:
        raise ValueError("contains the character U+0000")
    if b"null" in kept and _has_infinite(value):
        raise ValueError("contains a number out of range")
    return kept


def _has_infinite(value: Any) -> bool:
    """What is beyond a double was read as infinite, and would be written as null."""
    if isinstance(value, dict | list):
        return any(map(_has_infinite, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and not isfinite(value)
