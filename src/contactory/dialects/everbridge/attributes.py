"""Reader of the values of contact attributes, which are checked by their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from contactory.dialects.everbridge.items import AttributeValues
from contactory.dialects.everbridge.names import find_attribute
from contactory.dialects.everbridge.values import DECIMAL, at_most, many, text, wrong
from contactory.model.directory import Directory, Entry
from contactory.model.limits import LONGEST_TEXT, MOST_ATTRIBUTE_ITEMS

_STRING: Final = "STRING"
_LISTED: Final = ("L", "S")  # display formats of attributes that have only defined values


def read_attributes(attributes: Sequence[AttributeValues], directory: Directory) -> list[dict[str, Any]]:
    """Read attributes; values are stored as texts. An attribute without values is left out. Raises
    ItemError."""
    kept: dict[int, dict[str, Any]] = {}
    for index, attribute in enumerate(attributes):
        field = f"contactAttributes[{index}]"
        entry = find_attribute(attribute, field, directory)
        values = [as_text(value) for value in many(attribute.values)]
        if not values:
            continue
        at_most(MOST_ATTRIBUTE_ITEMS, values, f"{field}.values")
        values = [text(value, f"{field}.values", LONGEST_TEXT) for value in values]
        check_values(entry, directory, values, f"{field}.values")
        kept[entry.number] = {"orgAttrId": entry.number, "values": values}
    return list(kept.values())


def takes_one(entry: Entry) -> bool:
    return entry.details.get("displayFormat", "F") in ("F", "L")


def takes_any(entry: Entry) -> bool:
    """Tell whether each text is a value of an attribute."""
    is_listed = entry.details.get("displayFormat") in _LISTED
    return not is_listed and entry.details.get("dataType", _STRING) == _STRING


def check_values(entry: Entry, directory: Directory, values: list[str], field: str) -> None:
    """Check values: displayFormat F and L allow one, L and S only those that are defined. Raises
    ItemError."""
    if takes_one(entry) and len(values) > 1:
        wrong(field, f"has {len(values)} values, and [{entry.name}] takes one")
    if entry.details.get("displayFormat") in _LISTED:
        defined = directory.listed(entry, "definedValues")
        for value in values:
            if value not in defined:
                wrong(field, f"[{value[:40]}] is not one of the values defined for [{entry.name}]")
    for value in values:
        if not _fits(entry.details.get("dataType", _STRING), value):
            wrong(field, f"[{value[:40]}] is not a {entry.details['dataType'].lower()} for [{entry.name}]")


def _fits(data_type: str, value: str) -> bool:
    try:
        if data_type == "NUMBER":
            return DECIMAL.fullmatch(value.strip()) is not None
        if data_type == "DATE":
            date.fromisoformat(value)
    except ValueError:
        return False
    return data_type != "BOOLEAN" or value.lower() in ("true", "false")


def as_text(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
