"""Phone numbers by Google's rules (libphonenumber), as the vendor's "create contact" page asks for.

All but digits is dropped; a number with a plus needs no country, any other needs one of two letters; what is
kept is the national number, so that both forms of a number are equal.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata

from contactory.dialects.everbridge.values import ItemError, wrong
from contactory.model.limits import MOST_PHONE_DIGITS

INVALID: Final = "Phone number format invalid for selected country."
_KINDS: Final = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


def read_phone(value: str, country: str, place: str, *, validated: bool) -> tuple[str, str]:
    """National number and country. Raises ItemError."""
    digits = "".join(str(int(character)) for character in value if character.isdecimal())
    if len(digits) > MOST_PHONE_DIGITS:
        wrong(place, f"has {len(digits)} digits, more than {MOST_PHONE_DIGITS}")
    plus = value.strip().startswith("+")
    if not validated:
        return digits, country.upper()
    quick = _look_abroad(digits) if plus else _look_at_home(digits, country.upper())
    if quick:
        return quick
    if not plus and country.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ItemError(INVALID)
    found = _parse(f"+{digits}" if plus else digits, None if plus else country.upper())
    if found is None:
        raise ItemError(INVALID)
    return found


@lru_cache(maxsize=10_000)
def _parse(number: str, country: str | None) -> tuple[str, str] | None:
    """A number of MOST_PHONE_DIGITS at most, and a country that there is."""
    try:
        parsed = phonenumbers.parse(number, country)
    except NumberParseException:
        return None
    valid = (
        phonenumbers.is_valid_number(parsed)
        if country is None
        else phonenumbers.is_valid_number_for_region(parsed, country)
    )
    if not valid:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    return phonenumbers.national_significant_number(parsed), country or region or ""


class _Rules(NamedTuple):
    """Of one country: every valid national number, and what may stand before one."""

    valid: re.Pattern[str]
    before: re.Pattern[str]


def _look_at_home(digits: str, country: str) -> tuple[str, str] | None:
    return (digits, country) if _is_plainly_valid(digits, country) else None


def _look_abroad(digits: str) -> tuple[str, str] | None:
    """A number with its country's calling code, where no other country has that."""
    if digits.startswith("0"):
        return None
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or 0), ())
        if regions:
            national = digits[length:]
            alone = len(regions) == 1 and _is_plainly_valid(national, regions[0])
            return (national, regions[0]) if alone else None
    return None


def _is_plainly_valid(digits: str, country: str) -> bool:
    """Whether digits are a valid national number with nothing before it. To say so, parsing would go through
    the same patterns one by one, and take ten times as long; all other numbers are parsed."""
    rules = _rules(country) if country in phonenumbers.SUPPORTED_REGIONS else None
    return rules is not None and not rules.before.match(digits) and rules.valid.fullmatch(digits) is not None


@lru_cache(maxsize=300)
def _rules(country: str) -> _Rules | None:
    metadata = PhoneMetadata.metadata_for_region(country, None)
    if metadata is None:
        return None
    patterns = [
        described.national_number_pattern
        for described in (getattr(metadata, kind) for kind in _KINDS)
        if described is not None and described.national_number_pattern
    ]
    general = metadata.general_desc.national_number_pattern if metadata.general_desc else None
    if not general:
        return None
    before = [str(metadata.country_code), metadata.international_prefix or "00"]
    if metadata.national_prefix_for_parsing:
        before.append(metadata.national_prefix_for_parsing)
    return _Rules(
        re.compile(rf"(?=(?:{general})\Z)(?:{'|'.join(f'(?:{pattern})' for pattern in patterns)})"),
        re.compile("|".join(f"(?:{part})" for part in before)),
    )
