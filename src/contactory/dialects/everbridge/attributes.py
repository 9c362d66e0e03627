"""Values of contact attributes, as their definitions allow them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from contactory.dialects.everbridge.items import AttributeValues
from contactory.dialects.everbridge.names import find_attribute
from contactory.dialects.everbridge.values import DECIMAL, at_most, many, text, wrong
from contactory.model.directory import Directory, Entry
from contactory.model.limits import LONGEST_TEXT, MOST_ATTRIBUTE_ITEMS


def read_attributes(attributes: Sequence[AttributeValues], directory: Directory) -> list[dict[str, Any]]:
    """Values are kept as texts. One without values is left out, as is one that is not sent at all."""
    kept: dict[int, dict[str, Any]] = {}
    for position, attribute in enumerate(attributes):
        place = f"contactAttributes[{position}]"
        entry = find_attribute(attribute, place, directory)
        values = [_as_text(value) for value in many(attribute.values)]
        if not values:
            continue
        at_most(MOST_ATTRIBUTE_ITEMS, values, f"{place}.values")
        values = [text(value, f"{place}.values", LONGEST_TEXT) for value in values]
        _check(entry, directory, values, f"{place}.values")
        kept[entry.number] = {"orgAttrId": entry.number, "values": values}
    return list(kept.values())


def _check(entry: Entry, directory: Directory, values: list[str], place: str) -> None:
    """displayFormat F and L take one value, L and S one of those that are defined."""
    display = entry.details.get("displayFormat", "F")
    if display in ("F", "L") and len(values) > 1:
        wrong(place, f"has {len(values)} values, and [{entry.name}] takes one")
    if display in ("L", "S"):
        defined = directory.listed(entry, "definedValues")
        for value in values:
            if value not in defined:
                wrong(place, f"[{value[:40]}] is not one of the values defined for [{entry.name}]")
    for value in values:
        if not _fits(entry.details.get("dataType", "STRING"), value):
            wrong(place, f"[{value[:40]}] is not a {entry.details['dataType'].lower()} for [{entry.name}]")


def _fits(data_type: str, value: str) -> bool:
    try:
        if data_type == "NUMBER":
            return DECIMAL.fullmatch(value.strip()) is not None
        if data_type == "DATE":
            date.fromisoformat(value)
    except ValueError:
        return False
    return data_type != "BOOLEAN" or value.lower() in ("true", "false")


def _as_text(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
