"""Values between the wire and the store."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from contactory.compiled.values import are_plain_emails
from contactory.dialects.propeller.everit import is_email
from contactory.model.packed import Texts

_EPOCH: Final = date(2000, 1, 1).toordinal()
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY_MONTH_YEAR: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


def read_day(text: str) -> int:
    """A date as the store counts it. Raises ValueError for a text that is none.

    Takes DD/MM/YYYY, as the vendor's samples, and ISO 8601 dates and times.
    """
    match = _DAY_MONTH_YEAR.fullmatch(text)
    if not match and not _DAY.match(text):
        raise ValueError
    iso = "{2}-{1:0>2}-{0:0>2}".format(*match.groups()) if match else text
    return datetime.fromisoformat(iso).toordinal() - _EPOCH


def are_emails(texts: Texts) -> bool:
    """Whether all are "" or addresses."""
    if are_plain_emails(texts.source, texts.starts, texts.lengths):
        return True
    return all(not email or is_email(email) for email in set(texts))
