"""The JSON of groups, record types and contact attributes (spec, section 5)."""

from __future__ import annotations

from typing import Any, Final

from contactory.dialects.everbridge.records import milliseconds, show_authors
from contactory.dialects.everbridge.values import at_most, flag, given, gives_id, number, text, wrong
from contactory.model.directory import Entry
from contactory.model.limits import LARGEST_GIVEN_ID, LONGEST_TEXT, MOST_ATTRIBUTE_ITEMS

NO_PARENT: Final = -1
_DISPLAYS: Final = ("F", "L", "S")
_TYPES: Final = ("STRING", "DATE", "NUMBER", "BOOLEAN", "POLYGON")
_FLAGS: Final = ("expose", "editable", "mandatory")


def read_id(body: dict[str, Any], name: str = "id") -> int | None:
    """Read the id for a new entry; None if the body has none. Raises ItemError."""
    id_ = body.get(name)
    if isinstance(id_, dict | list | bool):
        wrong(name, "is neither a text nor a whole number")
    return number(id_, name, 1, LARGEST_GIVEN_ID) if gives_id(id_) else None


def read_group(body: dict[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    parent = scalar(body.get("parentId"), "parentId")
    if given(parent):
        details["parentId"] = number(parent, "parentId", NO_PARENT) if gives_id(parent) else NO_PARENT
    for name in ("calendarId", "description"):
        if given(body.get(name)):
            details[name] = text(scalar(body[name], name), name, LONGEST_TEXT)
    return details


def read_record_type(body: dict[str, Any]) -> dict[str, Any]:
    details = {"recordType": "CUSTOMIZE"}
    if given(body.get("fillColor")):
        details["fillColor"] = text(scalar(body["fillColor"], "fillColor"), "fillColor")
    return details


def read_attribute(body: dict[str, Any]) -> dict[str, Any]:
    """Read a contact attribute. Its displayFormat is F (text), L (one of a list) or S (several of a list);
    lists need definedValues. Raises ItemError."""
    display, type_ = body.get("displayFormat"), body.get("dataType")
    if display not in _DISPLAYS:
        wrong("displayFormat", f"is not one of {', '.join(_DISPLAYS)}")
    if type_ not in _TYPES:
        wrong("dataType", f"is not one of {', '.join(_TYPES)}")
    defined = body.get("definedValues") or []
    if not isinstance(defined, list) or not all(isinstance(value, str | int | float) for value in defined):
        wrong("definedValues", "is not an array of texts")
    at_most(MOST_ATTRIBUTE_ITEMS, defined, "definedValues")
    if display != "F" and not defined:
        wrong("definedValues", f"is required for displayFormat {display}")
    details: dict[str, Any] = {"displayFormat": display, "dataType": type_}
    details["definedValues"] = [text(value, "definedValues") for value in defined]
    details |= {name: flag(scalar(body.get(name), name), name) for name in _FLAGS}
    if given(body.get("seq")):
        details["seq"] = number(scalar(body["seq"], "seq"), "seq")
    return details


def show_group(entry: Entry, organization_id: int) -> dict[str, Any]:
    details = {key: value for key, value in entry.details.items() if key != "contacts"}
    shown = {"parentId": NO_PARENT, "dirty": False, "enableSequencedContact": False} | details
    return common(entry, organization_id) | shown | {"lastSynchronizedTime": milliseconds(entry.updated_at)}


def zero_group() -> dict[str, Any]:
    """Return the reply for an unknown name of a group."""
    names = ("id", "organizationId", "accountId", "resourceBundleId", "parentId", "lastModifiedTime")
    return dict.fromkeys(names, 0) | {"dirty": False, "enableSequencedContact": False}


def show_record_type(entry: Entry, organization_id: int) -> dict[str, Any]:
    return common(entry, organization_id) | entry.details


def show_attribute(entry: Entry, organization_id: int) -> dict[str, Any]:
    return common(entry, organization_id) | entry.details


def common(entry: Entry, organization_id: int) -> dict[str, Any]:
    return {
        "id": entry.number,
        "name": entry.name,
        "organizationId": organization_id,
        "accountId": 0,
        "resourceBundleId": 0,
        "status": "A",
    } | show_authors(entry)


def scalar(value: Any, name: str) -> Any:
    if isinstance(value, dict | list):
        wrong(name, "is neither a text nor a whole number")
    return value
