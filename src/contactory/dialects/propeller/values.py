"""Values between the wire and the store: dates, genders, numbers that may be texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime
from typing import Final, TypeVar, cast

from contactory.dialects.propeller.everit import is_email
from contactory.model.fields import CLEARED_DATE

Given = TypeVar("Given", bound=Hashable)
Made = TypeVar("Made")

_EPOCH: Final = date(2000, 1, 1).toordinal()
_DAY_MONTH_YEAR: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_LENGTH: Final = 10  # of a date

# What nearly all addresses look like, one to a line. The rest are looked at one by one.
_LOCAL: Final = r"[\w+-]++(?:\.[\w+-]++)*+"
_LABEL: Final = r"[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+"
_PLAIN_EMAILS: Final = re.compile(rf"(?:{_LOCAL}@(?:{_LABEL}\.)++[A-Za-z]{{2,}}+\n|\n)*+", re.ASCII)
_PLAIN_LENGTH: Final = 60

GENDERS: Final = {"m": "M", "f": "F", "u": "U", "M": "M", "F": "F", "U": "U"}


def days(text: str | None) -> int | ValueError | None:
    """A date as the store counts it; a ValueError (not raised) for a text that is no date.

    Takes DD/MM/YYYY, as the vendor's samples, and ISO 8601 dates and times; "" empties the field.
    """
    if text is None:
        return None
    if not text:
        return CLEARED_DATE
    try:
        if "/" in text:
            text = _turned(text)
        plain = len(text) == _LENGTH and text[4] == "-" == text[7]
        found = date.fromisoformat(text) if plain else datetime.fromisoformat(text).date()
    except ValueError as error:
        return error
    return found.toordinal() - _EPOCH


def _turned(text: str) -> str:
    """DD/MM/YYYY as YYYY-MM-DD; other texts as they are."""
    if len(text) == _LENGTH and text[2] == "/" == text[5]:
        return f"{text[6:]}-{text[3:5]}-{text[:2]}"
    match = _DAY_MONTH_YEAR.fullmatch(text)
    return "{2}-{1:0>2}-{0:0>2}".format(*match.groups()) if match else text


def are_emails(emails: list[str]) -> bool:
    """Whether all are "" or addresses."""
    if max(map(len, emails), default=0) <= _PLAIN_LENGTH:
        lines = "\n" + "\n".join(emails) + "\n"
        one_each = lines.count("\n") == len(emails) + 1
        if one_each and _PLAIN_EMAILS.fullmatch(lines):
            return True
    return all(not email or is_email(email) for email in set(emails))


def are_languages(languages: Sequence[str | None]) -> bool:
    """Whether all that are given are letters of the alphabet; a pattern in their type would cost a quarter of
    the time that decoding takes."""
    return all(language.isascii() and language.isalpha() for language in set(languages) if language)


def as_texts(values: Sequence[int | str | None]) -> Sequence[str | None]:
    """Numbers as texts, as which they are compared and kept."""
    types = set(map(type, values))
    if int not in types:
        return cast("Sequence[str | None]", values)
    if type(None) not in types:
        return list(map(str, values))
    return [None if value is None else str(value) for value in values]


def translate(values: Sequence[Given], translation: Callable[[Given], Made]) -> list[Made]:
    """A column of values of which many are alike: each is translated once."""
    table = {value: translation(value) for value in set(values)}
    return list(map(table.__getitem__, values))
