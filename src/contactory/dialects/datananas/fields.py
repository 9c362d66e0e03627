"""The readers of fields: for each an exact one, of single values, and one of the usual values of a column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from contactory.dialects.datananas import usual, values
from contactory.dialects.datananas.names import FIELDS, SOURCES
from contactory.dialects.datananas.profiles import read_linkedin
from contactory.model.limits import LARGEST_MAP


class Reader(NamedTuple):
    """Reader of a field. `read_usual` finds the rows with values of another form, which `read` reads."""

    read: Callable[[Any], Any]
    read_usual: usual.ColumnReader


def _read_email(value: Any) -> str:
    return values.read_email(values.read_text(value))


def _read_owner(value: Any) -> str:
    return values.email_key(_read_email(value))


def _read_language(value: Any) -> str:
    text = values.read_text(value)
    if len(text) > values.MAX_LANGUAGE_LENGTH:
        raise ValueError(f"has more than {values.MAX_LANGUAGE_LENGTH} characters")
    return text


def _read_source(value: Any) -> str:
    """Return a known source in its one spelling, since a quota depends on it, and any other as it was sent,
    since the vendor's page does not list them."""
    text = values.read_text(value)
    word = text.strip().lower()
    return word if word in SOURCES else text


def _read_collected(value: Any) -> int:
    return values.to_shown(values.read_moment(value))


_TEXT: Final = Reader(values.read_text, usual.texts(values.MAX_LENGTH))
_READERS: Final = {
    "collectedAt": Reader(_read_collected, usual.distinct(_read_collected)),
    "email": Reader(_read_email, usual.emails),
    "language": Reader(_read_language, usual.texts(values.MAX_LANGUAGE_LENGTH)),
    "linkedin": Reader(lambda value: read_linkedin(values.read_text(value)), usual.profiles),
    "owner": Reader(_read_owner, usual.distinct(_read_owner)),
    "source": Reader(_read_source, usual.distinct(_read_source)),
    "vars": Reader(values.read_vars, usual.objects(LARGEST_MAP)),
}
READERS: Final = {name: _READERS.get(name, _TEXT) for name in FIELDS}
