"""Values between the wire and the store: dates, genders, numbers that may be texts."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from contactory.dialects.propeller.everit import is_email
from contactory.model.fields import CLEARED_DATE

_EPOCH: Final = date(2000, 1, 1).toordinal()
_DAY_MONTH_YEAR: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)

# What nearly all addresses look like, one to a line. The rest are looked at one by one.
_PLAIN_EMAILS: Final = re.compile(
    r"(?:(?:[\w+-]+(?:\.[\w+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,})?\n)*", re.ASCII
)
_PLAIN_LENGTH: Final = 60

GENDERS: Final = {"m": "M", "f": "F", "u": "U", "M": "M", "F": "F", "U": "U"}


@lru_cache(maxsize=100_000)
def days(text: str | None) -> int | ValueError | None:
    """A date as the store counts it; a ValueError (not raised) for a text that is no date.

    Takes DD/MM/YYYY, as the vendor's samples, and ISO 8601 dates and times; "" empties the field.
    """
    if text is None:
        return None
    if not text:
        return CLEARED_DATE
    try:
        match = _DAY_MONTH_YEAR.fullmatch(text)
        found = date(*map(int, match.groups()[::-1])) if match else datetime.fromisoformat(text).date()
    except ValueError as error:
        return error
    return found.toordinal() - _EPOCH


def are_emails(emails: list[str]) -> bool:
    """Whether all are "" or addresses."""
    if max(map(len, emails), default=0) <= _PLAIN_LENGTH:
        lines = "\n".join(emails) + "\n"
        if lines.count("\n") == len(emails) and _PLAIN_EMAILS.fullmatch(lines):
            return True
    return all(not email or is_email(email) for email in set(emails))


def as_text(value: int | str | None) -> str | None:
    return value if value is None or type(value) is str else str(value)
