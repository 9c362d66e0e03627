"""Readers of single values."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from contactory.columns.column import StringColumn
from contactory.columns.values import find_unusual_emails
from contactory.dialects.propeller.everit import is_email

_EPOCH: Final = date(2000, 1, 1).toordinal()
_DAY_MONTH_YEAR: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?", re.ASCII)
# English names of months, whatever the locale of the machine.
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SHOWN: Final = re.compile(rf"({'|'.join(MONTHS)}), (\d{{2}}) (\d{{4}}) 00:00:00 \+0000", re.ASCII)


def read_day(text: str) -> int:
    """Read a date, in days since 2000-01-01. Raises ValueError for any other text.

    Accepts DD/MM/YYYY, as in the vendor's samples; ISO 8601 dates and times with hyphens; and the format in
    which v1 shows a date of birth (`August, 28 1993 00:00:00 +0000`), so that a date can be written back.
    """
    if match := _DAY_MONTH_YEAR.fullmatch(text):
        day, month, year = map(int, match.groups())
    elif match := _SHOWN.fullmatch(text):
        month, day, year = MONTHS.index(match[1]) + 1, int(match[2]), int(match[3])
    elif _ISO.fullmatch(text):
        return datetime.fromisoformat(text).toordinal() - _EPOCH
    else:
        raise ValueError(text)
    return date(year, month, day).toordinal() - _EPOCH


def are_emails(texts: StringColumn) -> bool:
    """Tell whether all texts are "" or addresses."""
    if not len(find_unusual_emails(texts.source, texts.starts, texts.lengths)):
        return True
    return all(not email or is_email(email) for email in set(texts))
