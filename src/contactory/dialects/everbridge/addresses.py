"""Reader of the addresses of a contact."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from contactory.dialects.everbridge.fields import NumberField, TextField, fields_of
from contactory.dialects.everbridge.items import Address, GisLocation
from contactory.dialects.everbridge.regions import is_region
from contactory.dialects.everbridge.values import DECIMAL, given, number, text, wrong

TEXTS: Final = fields_of(Address, TextField)
NUMBERS: Final = fields_of(Address, NumberField)
MOST_LATITUDE: Final = 90
MOST_LONGITUDE: Final = 180
DEFAULT_SOURCE: Final = "MANUAL"
POSTAL_CODES: Final = {"US": re.compile(r"\d{5}(-?\d{4})?", re.ASCII)}


def read_addresses(addresses: Sequence[Address]) -> list[dict[str, Any]]:
    """Read addresses. Raises ItemError, also for two with the same name, which could not be distinguished."""
    kept = [_read_address(address, f"address[{index}]") for index, address in enumerate(addresses)]
    names = [address["locationName"] for address in kept]
    if len(set(names)) < len(names):
        wrong("address", "has two of the same locationName")
    return kept


def _read_address(address: Address, field: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, described in TEXTS.items():
        if written := text(getattr(address, name), f"{field}.{name}", described.most):
            kept[name] = written
    for name, described in TEXTS.items():
        if described.is_required and name not in kept:
            wrong(f"{field}.{name}", "is required")
    kept["country"] = read_country(address, field)
    check_state(address, field)
    code, codes = kept.get("postalCode"), POSTAL_CODES.get(kept["country"])
    if code and codes and not codes.fullmatch(code):
        wrong(f"{field}.postalCode", f"[{code}] is not a postal code of the USA")
    kept |= read_numbers(address, field)
    location = address.gisLocation
    if isinstance(location, GisLocation) and (given(location.lat) or given(location.lon)):
        kept["gisLocation"] = _read_location(location, f"{field}.gisLocation")
    kept.setdefault("source", DEFAULT_SOURCE)
    return kept


def read_country(address: Address, field: str) -> str:
    country = text(address.country, f"{field}.country").upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        wrong(f"{field}.country", f"[{country}] is not a country of two letters (ISO 3166)")
    return country


def check_state(address: Address, field: str) -> None:
    """Check the state, by name or by two letters, for the USA and Canada. Raises ItemError."""
    country, state = read_country(address, field), text(address.state, f"{field}.state")
    if state and not is_region(country, state):
        wrong(f"{field}.state", f"[{state}] is not a state of {country}")


def read_numbers(address: Address, field: str) -> dict[str, int]:
    values = {name: getattr(address, name) for name in NUMBERS}
    return {name: number(value, f"{field}.{name}") for name, value in values.items() if given(value)}


def _read_location(location: GisLocation, field: str) -> dict[str, float]:
    return {
        "lat": _degrees(location.lat, f"{field}.lat", MOST_LATITUDE),
        "lon": _degrees(location.lon, f"{field}.lon", MOST_LONGITUDE),
    }


def _degrees(value: Any, field: str, most: int) -> float:
    if not given(value) or (isinstance(value, str) and not DECIMAL.fullmatch(value.strip())):
        wrong(field, "is not a number")
    degrees = float(value)
    if not -most <= degrees <= most:
        wrong(field, f"is not between -{most} and {most}")
    return degrees
