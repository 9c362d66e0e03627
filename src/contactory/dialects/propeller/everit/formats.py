"""The formats of the `format` keyword."""

from __future__ import annotations

import calendar
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final

from contactory.model.characters import find_invisible

_ANY: Final = r"[^\n\r\x85\u2028\u2029]"
_ATOM: Final = rf"(?:\\{_ANY}|[^\x00-\x20\x7f\x85\u2028\u2029()<>@,;:\\\".\[\]])+"
_QUOTED: Final = rf"\"(?:\\\"|(?!\"){_ANY})*\""
_USER: Final = re.compile(rf"(?:{_ATOM}|{_QUOTED})(?:\.(?:{_ATOM}|{_QUOTED}))*")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP_LABEL: Final = r"[A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{0,58}[A-Za-z0-9]"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)*({_TOP_LABEL})")
_LOCAL_NAMES: Final = frozenset({"localhost", "localdomain"})
_RESERVED_NAMES: Final = _LOCAL_NAMES | {"example", "invalid", "local", "test"}

_DATE: Final = re.compile(r"([0-9]{4}|\+[0-9]{5,9}|-(?!0+-)[0-9]{4,9})-([0-9]{2})-([0-9]{2})")
# Lenient as Java: the 31st of a shorter month is its last day, and 24:00:00 is the next day's midnight.
_DATE_TIME: Final = re.compile(
    r"(?!\+?0+-)(?:[0-9]{4}|\+[0-9]{5,9})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?|24:00:00(?:\.0{1,9})?)"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-7]):[0-5][0-9]|18:00))"
)
_DATE_TIME_SHAPES: Final = ", ".join(
    f"yyyy-MM-dd'T'HH:mm:ss{fraction}{zone}"
    for zone in ("Z", "[+-]HH:mm")
    for fraction in ("", ".[0-9]{1,9}")
)


def is_email(text: str) -> bool:
    """Tell whether Apache commons-validator's EmailValidator (allowLocal false, allowTld true) accepts a
    text.

    The validator has a list of top-level domains. Here any name of two or more letters, or in punycode, is
    accepted; one that is the whole domain must not be a reserved name.
    """
    if not text.isascii() and find_invisible(text):
        return False  # The validator accepts most of them before the @; two addresses would look like one.
    user, at, domain = text.rpartition("@")
    return bool(at) and len(user) <= 64 and _USER.fullmatch(user) is not None and _is_domain(domain)


def _is_domain(domain: str) -> bool:
    if domain.startswith("[") and domain.endswith("]"):
        return _is_address(domain[1:-1])
    if len(domain) > 253:
        return False
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return False
    match = _DOMAIN.fullmatch(ascii_domain)
    if match is None or len(ascii_domain) > 253:
        return False
    refused = _LOCAL_NAMES if "." in ascii_domain else _RESERVED_NAMES
    return match[1].lower() not in refused


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_date(text: str) -> bool:
    """Tell whether java.time's ISO_LOCAL_DATE accepts a text. The day must exist."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = map(int, match.groups())
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def is_date_time(text: str) -> bool:
    return _DATE_TIME.fullmatch(text) is not None


# The test of each format, and the error of a text that fails it. "email-or-empty" is ours, not Everit's.
FORMATS: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = {
    "email": (is_email, "is not a valid email address"),
    "email-or-empty": (lambda text: not text or is_email(text), "is not a valid email address"),
    "date": (is_date, "is not a valid date. Expected [yyyy-MM-dd]"),
    "date-time": (is_date_time, f"is not a valid date-time. Expected [{_DATE_TIME_SHAPES}]"),
}
