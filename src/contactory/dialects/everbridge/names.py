"""Lookups of the entries to which contacts refer, by id or name. With both, the id counts; names are compared
exactly (the vendor's page, "Using Name to Identify ID")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from contactory.dialects.everbridge.items import AttributeValues, Contact, Path, PathOutline
from contactory.dialects.everbridge.problems import bad
from contactory.dialects.everbridge.values import ItemError, given, gives_id, many, number, text, wrong
from contactory.model.characters import trim
from contactory.model.directory import PATH, Directory, Entry, FindEntries
from contactory.model.limits import MOST_NAMES
from contactory.model.problems import Code

RECORD_TYPE: Final = "record_type"
GROUP: Final = "group"
ATTRIBUTE: Final = "attribute"


def required_lookups(contacts: Iterable[Contact]) -> FindEntries:
    """Return one lookup of all entries to which contacts refer, and of all delivery methods, of which there
    are MOST_METHODS at most. Raises Refusal (BAD_VALUE) for more than MOST_NAMES."""
    numbers: set[tuple[str, int]] = set()
    names: set[tuple[str, str]] = set()
    for kind, named in _names_of(contacts):
        if isinstance(named, int):
            numbers.add((kind, named))
        else:
            names.add((kind, named))
        if len(numbers) + len(names) > MOST_NAMES:
            raise bad(f"The call names more than {MOST_NAMES} groups, attributes and record types.")
    return FindEntries(numbers=numbers, names=names, kinds=(PATH,), to_refer=True)


def find_named(contacts: Iterable[Contact]) -> set[tuple[str, int | str]]:
    """Find what some contacts name, of whatever kind, by number or by name."""
    return set(_names_of(contacts))


def find_record_type(contact: Contact, directory: Directory) -> int | None:
    """Return the number of the record type; None if the contact has none. Raises ItemError."""
    if not gives_id(contact.recordTypeId) and not text(contact.recordTypeName, "recordTypeName"):
        return None
    entry = _find(directory, RECORD_TYPE, contact.recordTypeId, contact.recordTypeName, "recordTypeId")
    if entry is None:
        external_id = text(contact.externalId, "externalId")
        raise ItemError(f"The {external_id} recordType not found in org.", Code.REFERENCE_NOT_FOUND)
    return entry.number


def find_groups(contact: Contact, directory: Directory) -> tuple[int, ...] | None:
    """Return the numbers of the groups, by `groups`, or by `groupsName` if that has none. Raises
    ItemError."""
    if not given(contact.groups) and not given(contact.groupsName):
        return None
    ids: list[tuple[Any, Any]] = [(id_, None) for id_ in many(contact.groups)]
    names: list[tuple[Any, Any]] = [(None, name) for name in many(contact.groupsName)]
    found = set()
    for place, (id_, name) in enumerate(ids if any(gives_id(id_) for id_, _ in ids) else names):
        if not gives_id(id_) and not _as_text(name):
            continue
        entry = _find(directory, GROUP, id_, name, f"groups[{place}]")
        if entry is None:
            wrong(f"groups[{place}]", f"[{name if id_ is None else id_}] is not a group of the organization")
        found.add(entry.number)
    return tuple(sorted(found))


def find_attribute(values: AttributeValues, place: str, directory: Directory) -> Entry:
    entry = _find(directory, ATTRIBUTE, values.orgAttrId, values.name, f"{place}.orgAttrId")
    if entry is None:
        shown = values.orgAttrId if gives_id(values.orgAttrId) else values.name
        wrong(place, f"[{shown if given(shown) else ''}] is not a contact attribute of the organization")
    return entry


def find_path(path: Path | PathOutline, place: str, directory: Directory) -> Entry:
    entry = _find(directory, PATH, path.pathId, path.prompt, f"{place}.pathId")
    if entry is None:
        shown = path.pathId if gives_id(path.pathId) else path.prompt
        wrong(place, f"[{shown if given(shown) else ''}] is not a contact path of the organization")
    return entry


def _find(directory: Directory, kind: str, id_: Any, name: Any, place: str) -> Entry | None:
    if gives_id(id_):
        return directory.numbered(kind, number(id_, place))
    return directory.named(kind, written) if (written := _as_text(name)) else None


def _names_of(contacts: Iterable[Contact]) -> Iterator[tuple[str, int | str]]:
    for kind, id_, name in _named(contacts):
        if gives_id(id_):
            yield from ((kind, number_) for number_ in _as_number(id_))
        elif (written := _as_text(name)) and "\0" not in written:
            yield kind, written


def _named(contacts: Iterable[Contact]) -> Iterator[tuple[str, Any, Any]]:
    for contact in contacts:
        yield RECORD_TYPE, contact.recordTypeId, contact.recordTypeName
        for id_ in many(contact.groups):
            yield GROUP, id_, None
        for name in many(contact.groupsName):
            yield GROUP, None, name
        for values in many(contact.contactAttributes):
            yield ATTRIBUTE, values.orgAttrId, values.name


def _as_number(value: Any) -> tuple[int, ...]:
    """Return a number, or nothing for any other value, which is an error when the contact is read."""
    try:
        return (number(value, ""),)
    except ItemError:
        return ()


def _as_text(name: Any) -> str:
    """Return a name trimmed, or "" for any other value, which is an error when the contact is read."""
    try:
        return trim(text(name, ""))
    except ItemError:
        return ""
