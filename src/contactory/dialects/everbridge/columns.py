"""Contacts of a request, read into columns of the store by the rules of a replacement for each field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import UNSET

from contactory.dialects.everbridge.addresses import read_addresses
from contactory.dialects.everbridge.attributes import read_attributes
from contactory.dialects.everbridge.fields import FlagField, NumberField, TextField, fields_of
from contactory.dialects.everbridge.items import Contact
from contactory.dialects.everbridge.names import find_groups, find_record_type
from contactory.dialects.everbridge.paths import read_paths
from contactory.dialects.everbridge.quiet import is_time_zone
from contactory.dialects.everbridge.values import (
    ItemError,
    as_document,
    at_most,
    flag,
    gives_id,
    key,
    many,
    number,
    text,
    wrong,
)
from contactory.model.directory import Directory
from contactory.model.limits import MOST_ADDRESSES, MOST_ATTRIBUTES, MOST_PATHS
from contactory.model.problems import Problem

TEXTS: Final = fields_of(Contact, TextField)
FLAGS: Final = fields_of(Contact, FlagField)
NUMBERS: Final = fields_of(Contact, NumberField)

Row = dict[str, Any]


def read_rows(
    contacts: Sequence[Contact],
    directory: Directory,
    *,
    full: bool,
    mark: Callable[[Contact], None],
    check: Callable[[Contact, Row], None],
) -> tuple[dict[str, Sequence[Any]], dict[int, Problem]]:
    """Return columns, and a problem for each contact that fails. `mark` checks a contact before it is read,
    and `check` its row afterwards; both raise ItemError."""
    rows: list[Row] = []
    refused: dict[int, Problem] = {}
    for index, contact in enumerate(contacts):
        try:
            mark(contact)
            row = _read_row(contact, directory, full=full)
            check(contact, row)
            rows.append(row)
        except ItemError as error:
            refused[index] = error.problem
            rows.append({})
    fields = dict.fromkeys(field for row in rows for field in row)
    return {field: [row.get(field) for row in rows] for field in fields}, refused


def _read_row(contact: Contact, directory: Directory, *, full: bool) -> Row:
    """Read the values of all fields for a full update, and of those that are present for a partial one.
    Raises ItemError."""
    row: Row = {}
    for name, field in TEXTS.items():
        value = getattr(contact, name)
        if full or value is not UNSET:
            row[field.stored] = (key if field.is_key else text)(value, name, field.most)
        if field.is_required and field.stored in row and not row[field.stored].strip():
            wrong(name, "is required")
    row |= read_flags(contact, full=full) | read_numbers(contact, full=full)
    check_zone(contact)
    row |= read_record_type(contact, directory, full=full) | read_groups(contact, directory)
    return row | _read_lists(contact, directory, full=full)


def read_flags(contact: Contact, *, full: bool) -> Row:
    values = {name: getattr(contact, name) for name in FLAGS}
    return {
        FLAGS[name].stored: flag(value, name) for name, value in values.items() if full or value is not UNSET
    }


def read_numbers(contact: Contact, *, full: bool) -> Row:
    """Read numbers that are stored as texts, "" for none."""
    values = {name: getattr(contact, name) for name in NUMBERS}
    return {
        NUMBERS[name].stored: str(number(value, name)) if gives_id(value) else ""
        for name, value in values.items()
        if full or value is not UNSET
    }


def check_zone(contact: Contact) -> None:
    zone = text(contact.timezoneId, "timezoneId")
    if zone and not is_time_zone(zone):
        wrong("timezoneId", f"[{zone[:40]}] is not a time zone of the IANA database")


def read_record_type(contact: Contact, directory: Directory, *, full: bool) -> Row:
    record_type = find_record_type(contact, directory)
    if record_type is None and full:
        wrong("recordTypeId or recordTypeName", "is required")
    return {} if record_type is None else {"record_type_id": record_type}


def read_groups(contact: Contact, directory: Directory) -> Row:
    groups = find_groups(contact, directory)
    return {} if groups is None else {"group_ids": groups}


def read_topics(contact: Contact, *, full: bool) -> Row:
    if not full and contact.topics is UNSET:
        return {}
    topics = {number(topic, "topics") for topic in many(contact.topics) if gives_id(topic)}
    return {"topic_ids": as_document(sorted(topics), "topics")}


def _read_lists(contact: Contact, directory: Directory, *, full: bool) -> Row:
    at_most(MOST_PATHS, contact.paths, "paths")
    at_most(MOST_ADDRESSES, contact.address, "address")
    at_most(MOST_ATTRIBUTES, contact.contactAttributes, "contactAttributes")
    row = read_topics(contact, full=full)
    if full or contact.contactAttributes is not UNSET:
        attributes = read_attributes(many(contact.contactAttributes), directory)
        row["contact_attributes"] = as_document(attributes, "contactAttributes")
    if full or contact.address is not UNSET:
        row["addresses"] = as_document(read_addresses(many(contact.address)), "address")
    if full or contact.paths is not UNSET:
        row["paths"] = as_document(read_paths(many(contact.paths), directory), "paths")
    return row
