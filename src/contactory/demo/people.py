"""Rows for the Propeller API as real systems send them. All values follow from a person's number."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from hashlib import blake2b
from typing import Any, Final

from contactory.demo.names import LOCALES, Locale

SOURCE: Final = "DEMO-ERP"
LANGUAGE: Final = "NL"

_COMPANIES: Final = 50
_TITLES: Final = ["Mr.", "Mrs.", "Ms.", "Dr.", "Prof. dr. ir.", "", "Mr. drs.", "Dipl.-Ing."]
_LONG_TITLE: Final = " ".join(f"Dr. h.c. ({number})" for number in range(20))[:200]
_MIDDLE_NAMES: Final = ["", "", "A.", "J. M.", "Maria", "Désiré", "Ann-Sophie"]
_GENDERS: Final = {"men": ["m", "M", "M", "U"], "women": ["f", "F", "F", "u"]}
_SEGMENTS: Final = ["A: key account", "B: regular", "C: incidental", "Prospect", "Público", "卸売", "Groß"]
_DOMAINS: Final = ["example.com", "example.org", "example.net", "mail.example.com", "Sales.Example.org"]
_PRICELISTS: Final = ["", "", "WHOLESALE-2024", "NL-STAFFEL-07", "SPRING"]
_FIRST_BIRTHDAY: Final = date(1938, 1, 1).toordinal()
_FIRST_ORDER: Final = date(2009, 1, 1).toordinal()

Draw = Callable[[], int]
"""A number from 0 to 255 that looks random."""


def contacts(
    count: int, *, first: int = 0, revision: int = 0, everyone: bool = False
) -> list[dict[str, Any]]:
    """Return rows of persons, from the number `first` on.

    A revision above 0 has other last names, phones and attribute values for every tenth person, or everyone.
    """
    return [
        _contact(number, revision if everyone or number % 10 == 0 else 0)
        for number in range(first, first + count)
    ]


def _contact(number: int, revision: int) -> dict[str, Any]:
    # Seeding a generator of the standard library takes longer than the rest of a row.
    draw = iter(blake2b(b"%d" % number).digest()).__next__
    locale = LOCALES[draw() % len(LOCALES)]
    row: dict[str, Any] = {
        "source": SOURCE,
        "sourceId": 1_000_000 + number if draw() % 9 == 0 else f"P{number:07}",
        "language": LANGUAGE,
    }
    _add_name(row, draw, locale, revision)
    _add_person(row, draw, locale, number)
    _add_reach(row, draw, locale, number, revision)
    if draw() % 5 == 0:
        row["parent"] = {"source": SOURCE, "sourceId": _company_key(draw() % _COMPANIES)}
    if draw() % 3 == 0:
        row["attributes"] = _attributes(draw, number, revision)
    return row


def _add_name(row: dict[str, Any], draw: Draw, locale: Locale, revision: int) -> None:
    sex = "women" if draw() % 2 else "men"
    first_names = locale.women if sex == "women" else locale.men
    family = draw()
    row["firstName"] = first_names[draw() % len(first_names)]
    if middle := draw() % 8:
        row["middleName"] = _MIDDLE_NAMES[middle - 1]
    row["lastName"] = locale.families[family % len(locale.families)]
    if revision:
        row["lastName"] += f"-{locale.families[(family + revision) % len(locale.families)]}"
    if draw() % 12:
        row["gender"] = _GENDERS[sex][draw() % 4]


def _add_person(row: dict[str, Any], draw: Draw, locale: Locale, number: int) -> None:
    row["primaryLanguage"] = locale.language
    if title := draw() % 64:
        row["title"] = _TITLES[title % len(_TITLES)] if title > 1 else _LONG_TITLE
    if initial := draw() % 24:
        row["abbreviation"] = f"{'ABCDEFGHIJKLMNOPRSTUVWXZ'[initial]}.{'EJMV'[draw() % 4]}."
    born = date.fromordinal(_FIRST_BIRTHDAY + number * 7919 % 24_000)
    if form := draw() % 8:
        day_first = f"{born.day:02}/{born.month:02}/{born.year}"
        row["dateOfBirth"] = "" if form == 1 else day_first if form < 5 else born.isoformat()
    if form := draw() % 5:
        debtor = 10_000 + number * 31 % 90_000
        row["debtorId"] = debtor if form > 1 else f"D-{debtor}"
    if pricelist := draw() % 9:
        row["pricelistPercentage"] = _PRICELISTS[pricelist % len(_PRICELISTS)]
        row["pricelistAmount"] = ""


def _add_reach(row: dict[str, Any], draw: Draw, locale: Locale, number: int, revision: int) -> None:
    if extra := draw() % 16:
        plus = "+erp" if extra == 1 else ""
        row["email"] = f"{_LATIN[row['firstName']]}.{number}{plus}@{_DOMAINS[draw() % len(_DOMAINS)]}"
    elif draw() % 2:
        row["email"] = ""
    form, line = draw(), 1_000_000 + (number * 104_729 + revision * 7919) % 9_000_000
    if form % 8 or revision:
        row["phone"] = _phone(locale, "20", line, form)
    if form := draw() % 9:
        row["mobile"] = _phone(locale, "6", 10_000_000 + number * 15_485_863 % 90_000_000, form)


def _phone(locale: Locale, area: str, line: int, form: int) -> str:
    """Write a phone number in one of several common forms."""
    match form % 5:
        case 0:
            return f"+{locale.calling_code} {area} {line}"
        case 1:
            return f"+{locale.calling_code} (0){area}-{line}"
        case 2:
            return f"00{locale.calling_code}{area}{line}"
        case 3:
            return f"0{area}-{line}"
        case _:
            return f"(0{area}) {line // 10_000} {line % 10_000:04}"


def _attributes(draw: Draw, number: int, revision: int) -> list[dict[str, Any]]:
    values = [
        _SEGMENTS[draw() % len(_SEGMENTS)] + (f" ({revision})" if revision else ""),
        number % 1_000 + revision,
        date.fromordinal(_FIRST_ORDER + number * 7919 % 5_000 + revision).isoformat(),
    ]
    chosen = draw() % 3
    return [
        {**_ATTRIBUTES[index], "value": values[index]}
        for index in ([chosen, (chosen + 1) % 3] if draw() % 2 else [chosen])
    ]


def companies() -> list[dict[str, Any]]:
    """Return the rows of the companies that are the persons' parents."""
    names = ["Zilvermeer", "Oosterlicht", "Kastanjehof", "Ærøvik", "Niebla Azul", "Ştefăneşti", "Čisté Pole"]
    forms = ["Handel B.V.", "Logistics & Co.", "Technik GmbH", "S.à r.l.", "株式会社", "АД", '"Groep" N.V.']
    return [
        {
            "source": SOURCE,
            "sourceId": _company_key(number),
            "language": LANGUAGE,
            "name": f"{names[number % 7]} {forms[number // 7 % 7]} {number + 1}",
            "email": f"office.{number}@example.com",
            "phone": f"+31 10 {2_000_000 + number * 7919}",
            "debtorId": 50_000 + number,
            "taxNumber": f"NL{number:09}B01",
            "cocNumber": f"{24_000_000 + number}",
        }
        for number in range(_COMPANIES)
    ]


def attribute_definitions() -> list[dict[str, Any]]:
    """Return the definitions of the attributes that rows have."""
    descriptions = ["Segment", "Score", "Customer since"]
    return [
        {**attribute, "descriptions": [{"language": "EN", "value": description}], "group": "Demo"}
        for attribute, description in zip(_ATTRIBUTES, descriptions, strict=True)
    ]


def _company_key(number: int) -> str:
    return f"C{number:04}"


_ATTRIBUTES: Final = [
    {"class": "user", "name": "DEMO_SEGMENT", "type": "text"},
    {"class": "user", "name": "DEMO_SCORE", "type": "integer"},
    {"class": "user", "name": "DEMO_SINCE", "type": "date"},
]


def _latin(name: str) -> str:
    """Return the letters of a name that can be part of an e-mail address."""
    decomposed = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(filter(str.isalnum, decomposed)) or "contact"


_LATIN: Final = {name: _latin(name) for locale in LOCALES for name in locale.men + locale.women}
