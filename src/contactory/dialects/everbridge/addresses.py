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
_US_POSTAL_CODE: Final = re.compile(r"\d{5}(-?\d{4})?", re.ASCII)


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
    kept["country"] = kept["country"].upper()
    if not (len(kept["country"]) == 2 and kept["country"].isascii() and kept["country"].isalpha()):
        wrong(f"{field}.country", f"[{kept['country']}] is not a country of two letters (ISO 3166)")
    _check_region(kept, field)
    for name in NUMBERS:
        if given(getattr(address, name)):
            kept[name] = number(getattr(address, name), f"{field}.{name}")
    location = address.gisLocation
    if isinstance(location, GisLocation) and (given(location.lat) or given(location.lon)):
        kept["gisLocation"] = _read_location(location, f"{field}.gisLocation")
    kept.setdefault("source", "MANUAL")
    return kept


def _check_region(kept: dict[str, Any], field: str) -> None:
    """Check the state, by name or by two letters, for the USA and Canada, and the postal code for the USA.
    Raises ItemError."""
    state = kept.get("state", "")
    if state and not is_region(kept["country"], state):
        wrong(f"{field}.state", f"[{kept['state']}] is not a state of {kept['country']}")
    code = kept.get("postalCode")
    if kept["country"] == "US" and code and not _US_POSTAL_CODE.fullmatch(code):
        wrong(f"{field}.postalCode", f"[{code}] is not a postal code of the USA")


def _read_location(location: GisLocation, field: str) -> dict[str, float]:
    return {
        "lat": _degrees(location.lat, f"{field}.lat", 90),
        "lon": _degrees(location.lon, f"{field}.lon", 180),
    }


def _degrees(value: Any, field: str, most: int) -> float:
    if not given(value) or (isinstance(value, str) and not DECIMAL.fullmatch(value.strip())):
        wrong(field, "is not a number")
    degrees = float(value)
    if not -most <= degrees <= most:
        wrong(field, f"is not between -{most} and {most}")
    return degrees
