"""The JSON of contacts. Empty single values are left out; moments are in milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contactory.dialects.everbridge.columns import FLAGS, NUMBERS, TEXTS
from contactory.dialects.everbridge.names import ATTRIBUTE, GROUP, RECORD_TYPE
from contactory.dialects.everbridge.targets import SYSTEM
from contactory.model.commands import Record
from contactory.model.directory import Directory, Entry, FindEntries
from contactory.model.fields import LARGEST_ID


def find_referenced(records: Iterable[Record]) -> FindEntries:
    """Return one lookup of all entries to which contacts refer."""
    numbers: set[tuple[str, int]] = set()
    for record in records:
        values = record.values
        numbers |= {(GROUP, number) for number in values["group_ids"]}
        numbers |= {(ATTRIBUTE, number) for number, _ in _attributes(record)}
        if values["record_type_id"]:
            numbers.add((RECORD_TYPE, values["record_type_id"]))
    return FindEntries(numbers=numbers)


def encode_contact(record: Record, directory: Directory, organization_id: int) -> dict[str, Any]:
    values = record.values
    shown: dict[str, Any] = {
        "id": record.id,
        "organizationId": organization_id,
        "accountId": 0,
        "resourceBundleId": 0,
        "status": "A",
    } | show_authors(record)
    shown |= {name: values[field.stored] for name, field in TEXTS.items() if values[field.stored]}
    shown |= {name: values[stored] for name, (stored,) in FLAGS.items()}
    external_ids = [identity.key for identity in record.identities if identity.system == SYSTEM]
    if external_ids:
        shown["externalId"] = external_ids[0]
    if values["record_type_id"]:
        shown["recordTypeId"] = values["record_type_id"]
        if record_type := directory.numbered(RECORD_TYPE, values["record_type_id"]):
            shown["recordTypeName"] = record_type.name
    shown |= {name: int(values[stored]) for name, (stored,) in NUMBERS.items() if values[stored].isdecimal()}
    return shown | _lists(record, directory)


def show_authors(written: Record | Entry) -> dict[str, Any]:
    """Encode when and by whom a record was created and last changed. An author without a name is left out."""
    shown: dict[str, Any] = {"createdDate": milliseconds(written.created_at)}
    if written.created_by.name:
        shown |= {"createdId": written.created_by.id, "createdName": written.created_by.name}
    shown["lastModifiedDate"] = shown["lastModifiedTime"] = milliseconds(written.updated_at)
    if written.updated_by.name:
        shown |= {"lastModifiedId": written.updated_by.id, "lastModifiedName": written.updated_by.name}
    return shown


def _lists(record: Record, directory: Directory) -> dict[str, Any]:
    """Encode the arrays of a contact, empty ones too, since clients iterate over them without a check."""
    values = record.values
    groups = [group for number in values["group_ids"] if (group := directory.numbered(GROUP, number))]
    return {
        "groups": [group.number for group in groups],
        "groupsName": [group.name for group in groups],
        "topics": [topic for topic in values["topic_ids"] if _is_number(topic)],
        "paths": [
            path for path in values["paths"] if isinstance(path, dict) and _is_number(path.get("pathId"))
        ],
        "address": [address for address in values["addresses"] if isinstance(address, dict)],
        "contactAttributes": [
            {"orgAttrId": entry.number, "name": entry.name, "values": attribute_values}
            for number, attribute_values in _attributes(record)
            if (entry := directory.numbered(ATTRIBUTE, number))
        ],
    }


def _attributes(record: Record) -> list[tuple[int, Any]]:
    """Return numbers and values. Stored data of another shape than calls write is skipped, as everywhere
    here."""
    return [
        (attribute["orgAttrId"], attribute.get("values") or [])
        for attribute in record.values["contact_attributes"]
        if isinstance(attribute, dict) and _is_number(attribute.get("orgAttrId"))
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value <= LARGEST_ID


def milliseconds(moment: datetime | None) -> int:
    return round(moment.timestamp() * 1000) if moment else 0
