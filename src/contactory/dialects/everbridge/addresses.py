"""Addresses of a contact: exactly those that are sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec import UNSET

from contactory.dialects.everbridge.items import Address, GisLocation
from contactory.dialects.everbridge.places import is_region
from contactory.dialects.everbridge.values import DECIMAL, given, number, text, wrong
from contactory.model.limits import LONGEST_NAME

_TEXTS: Final = {
    "locationName": 200,
    "streetAddress": 100,
    "suite": 100,
    "city": 40,
    "state": 40,
    "postalCode": 10,
    "country": 2,
    "source": LONGEST_NAME,
    "locationSource": LONGEST_NAME,
    "assetExternalId": LONGEST_NAME,
    "newAssetId": LONGEST_NAME,
    "iata": LONGEST_NAME,
    "arriveDate": LONGEST_NAME,
    "expireDate": LONGEST_NAME,
}
_REQUIRED: Final = ("locationName", "streetAddress", "country")
_NUMBERS: Final = ("locationId", "locationSourceId")
_US_POSTAL_CODE: Final = re.compile(r"\d{5}(-?\d{4})?", re.ASCII)


def read_addresses(addresses: Sequence[Address]) -> list[dict[str, Any]]:
    """Raises ItemError; two of one name cannot be told apart."""
    kept = [_read_address(address, f"address[{place}]") for place, address in enumerate(addresses)]
    names = [address["locationName"] for address in kept]
    if len(set(names)) < len(names):
        wrong("address", "has two of the same locationName")
    return kept


def _read_address(address: Address, place: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, most in _TEXTS.items():
        value = getattr(address, name)
        if value is not UNSET and (written := text(value, f"{place}.{name}", most)):
            kept[name] = written
    for name in _REQUIRED:
        if name not in kept:
            wrong(f"{place}.{name}", "is required")
    kept["country"] = kept["country"].upper()
    if not (len(kept["country"]) == 2 and kept["country"].isascii() and kept["country"].isalpha()):
        wrong(f"{place}.country", f"[{kept['country']}] is not a country of two letters (ISO 3166)")
    _check_region(kept, place)
    for name in _NUMBERS:
        if given(getattr(address, name)):
            kept[name] = number(getattr(address, name), f"{place}.{name}")
    location = address.gisLocation
    if isinstance(location, GisLocation) and (given(location.lat) or given(location.lon)):
        kept["gisLocation"] = _read_location(location, f"{place}.gisLocation")
    kept.setdefault("source", "MANUAL")
    return kept


def _check_region(kept: dict[str, Any], place: str) -> None:
    """States of the USA and provinces of Canada come by name or by two letters."""
    state = kept.get("state", "")
    if state and not is_region(kept["country"], state):
        wrong(f"{place}.state", f"[{kept['state']}] is not a state of {kept['country']}")
    code = kept.get("postalCode")
    if kept["country"] == "US" and code and not _US_POSTAL_CODE.fullmatch(code):
        wrong(f"{place}.postalCode", f"[{code}] is not a postal code of the USA")


def _read_location(location: GisLocation, place: str) -> dict[str, float]:
    return {
        "lat": _degrees(location.lat, f"{place}.lat", 90),
        "lon": _degrees(location.lon, f"{place}.lon", 180),
    }


def _degrees(value: Any, place: str, most: int) -> float:
    if not given(value) or (isinstance(value, str) and not DECIMAL.fullmatch(value.strip())):
        wrong(place, "is not a number")
    degrees = float(value)
    if not -most <= degrees <= most:
        wrong(place, f"is not between -{most} and {most}")
    return degrees
