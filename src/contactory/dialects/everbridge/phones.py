"""Phone numbers by Google's rules (libphonenumber), as the vendor's "create contact" page requires.

Only digits are read, and a plus before them. A number with a plus needs no country, any other needs one of
two letters. The national number is stored, with the country that was sent if the number has its calling code
(which several countries may share), else with its own. A number of no country, such as a satellite phone's,
is stored with its plus, and so is one that would not be read back as the same from its national form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata

from contactory.dialects.everbridge.values import ItemError, wrong
from contactory.model.limits import MOST_PHONE_DIGITS

INVALID: Final = "Phone number format invalid for selected country."
_NO_OTHERS: Final = {code: None for code in range(128) if not chr(code).isdecimal()}
LONGEST_CODE: Final = 3  # digits of a calling code
_NO_COUNTRY: Final = "001"
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


def read_phone(value: str, country: str, field: str, *, validated: bool) -> tuple[str, str]:
    """Return the number and the country as they are stored. `validated`: the number must be valid. Raises
    ItemError."""
    digits = _digits(value)
    if len(digits) > MOST_PHONE_DIGITS:
        wrong(field, f"has {len(digits)} digits, more than {MOST_PHONE_DIGITS}")
    before, plus, _ = value.replace("\uff0b", "+").partition("+")
    is_international = bool(plus) and not has_digits(before)
    number, country = f"+{digits}" if is_international else digits, country.strip().upper()
    if not digits:
        raise ItemError(INVALID)
    if not validated:
        return number, country
    quick = _match_international(digits) if is_international else _match_national(digits, country)
    found = quick or _parse(number, country or None)
    if found is None:
        raise ItemError(INVALID)
    return found


def _digits(value: str) -> str:
    if value.isascii():
        return value.translate(_NO_OTHERS)
    return "".join(str(int(character)) for character in value if character.isdecimal())


def has_digits(value: str) -> bool:
    return any(character.isdecimal() for character in value)


@lru_cache(maxsize=10_000)
def _parse(number: str, country: str | None) -> tuple[str, str] | None:
    """Parse a number with libphonenumber. With a plus, an unknown country is ignored."""
    plus, calling_code = number[0] == "+", _calling_code(country)
    if not plus and not calling_code:
        return (number, _NO_COUNTRY) if country == _NO_COUNTRY and _is_of_no_country(number) else None
    parsed = _try(number, None if plus else country)
    if parsed is None or not (plus or parsed.country_code == calling_code):
        return None
    shown = country if parsed.country_code == calling_code else phonenumbers.region_code_for_number(parsed)
    national = phonenumbers.national_significant_number(parsed)
    if shown and shown != _NO_COUNTRY and _try(national, shown) == parsed:
        return national, shown
    return f"+{parsed.country_code}{national}", ""


def _try(number: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    """Parse a number; None if it is not valid."""
    try:
        parsed = phonenumbers.parse(number, country)
    except NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def _calling_code(country: str | None) -> int:
    return phonenumbers.country_code_for_region(country) if country in phonenumbers.SUPPORTED_REGIONS else 0


def _is_of_no_country(number: str) -> bool:
    """Tell whether a number belongs to no country. Earlier versions stored such numbers without their calling
    code, which is lost."""
    codes = (
        code
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        if regions == (_NO_COUNTRY,)
    )
    return any(_try(f"+{code}{number}", None) for code in codes)


def _match_national(digits: str, country: str) -> tuple[str, str] | None:
    return (digits, country) if _is_plainly_valid(digits, country) else None


def _match_international(digits: str) -> tuple[str, str] | None:
    """Match a number that begins with a calling code of one country only."""
    country, length = find_country(digits[:LONGEST_CODE])
    return _match_national(digits[length:], country)


def _is_plainly_valid(digits: str, country: str) -> bool:
    """Tell whether digits are a valid national number without a prefix. libphonenumber would try the patterns
    of all kinds of numbers one by one, which takes ten times as long; it parses all other numbers."""
    pattern = plain_numbers(country)
    return pattern is not None and pattern.fullmatch(digits) is not None


@lru_cache(maxsize=1000)
def find_country(digits: str) -> tuple[str, int]:
    """Return the country that alone has the calling code at the beginning of some digits, or "", and the
    length of the code."""
    for length in range(1, len(digits) + 1) if digits[:1] != "0" else ():
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length]))
        if regions:
            return regions[0] if len(regions) == 1 else "", length
    return "", 0


def plain_numbers(country: str) -> re.Pattern[str] | None:
    """Return a pattern of the valid national numbers of a country that are written without a prefix."""
    return _plain_numbers(country) if country in phonenumbers.SUPPORTED_REGIONS else None


@lru_cache(maxsize=300)
def _plain_numbers(country: str) -> re.Pattern[str] | None:
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
    prefixes = [str(metadata.country_code), metadata.international_prefix or "00"]
    if metadata.national_prefix_for_parsing:
        prefixes.append(metadata.national_prefix_for_parsing)
    return re.compile(rf"(?!{_any(prefixes)})(?=(?:{general})\Z){_any(patterns)}")


def _any(patterns: Sequence[str]) -> str:
    return f"(?:{'|'.join(f'(?:{pattern})' for pattern in patterns)})"
