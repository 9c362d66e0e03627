"""Values of single fields: checked, and as they are kept. A ValueError says what is wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from contactory.model.characters import composed, find_invisible, trim

MAX_LENGTH: Final = 1000
MAX_EMAIL_LENGTH: Final = 254
MAX_LANGUAGE_LENGTH: Final = 35
MAX_VARS_BYTES: Final = 64 << 10

_MICROSECOND: Final = datetime.resolution
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


def read_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is not a text")
    text = value if isinstance(value, str) else str(value)
    if len(text) > MAX_LENGTH:
        raise ValueError(f"has {len(text)} characters, more than {MAX_LENGTH}")
    if "\0" in text:
        raise ValueError("contains the character U+0000")
    return text


def read_email(text: str) -> str:
    email = trim(text)
    if len(email) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise ValueError("is not an e-mail address")
    if invisible := find_invisible(email):
        raise ValueError(f"contains the character {invisible}")
    return email


def email_key(email: str) -> str:
    """What an address is known by: capitals do not count, nor how Unicode spells a letter."""
    return composed(trim(email).lower())


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
    return (datetime.now(UTC) - _EPOCH) // _MICROSECOND


def read_vars(value: Any) -> bytes:
    """Merged key by key; a null in it changes nothing."""
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    kept = msgspec.json.encode({key: item for key, item in value.items() if item is not None})
    if len(kept) > MAX_VARS_BYTES:
        raise ValueError(f"has {len(kept)} bytes, more than {MAX_VARS_BYTES}")
    if b"\\u0000" in kept:
        raise ValueError("contains the character U+0000")
    return kept
