"""Names and ids of what contacts refer to. The id wins, names are exact (the vendor's page, "Using Name to
Identify ID")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import UNSET

from contactory.dialects.everbridge.items import AttributeValues, Contact, Path
from contactory.dialects.everbridge.values import ItemError, given, number, text, wrong
from contactory.model.characters import trim
from contactory.model.directory import Directory, Entry, FindEntries
from contactory.model.problems import Code

RECORD_TYPE: Final = "record_type"
GROUP: Final = "group"
ATTRIBUTE: Final = "attribute"
PATH: Final = "path"


def needed(contacts: Iterable[Contact]) -> FindEntries:
    """Everything that some contacts name, to be looked up at once. All paths: there are a dozen."""
    numbers: set[tuple[str, int]] = set()
    names: set[tuple[str, str]] = set()
    for kind, id_, name in _named(contacts):
        if given(id_):
            numbers |= {(kind, number_) for number_ in _as_number(id_)}
        elif given(name) and "\0" not in (trimmed := trim(str(name))):
            names.add((kind, trimmed))
    return FindEntries(numbers=numbers, names=names, kinds=(PATH,))


def find_record_type(contact: Contact, directory: Directory) -> int | None:
    """None where the contact gives none."""
    if not given(contact.recordTypeId) and not given(contact.recordTypeName):
        return None
    entry = _find(directory, RECORD_TYPE, contact.recordTypeId, contact.recordTypeName, "recordTypeId")
    if entry is None:
        external_id = text(contact.externalId, "externalId")
        raise ItemError(f"The {external_id} recordType not found in org.", Code.REFERENCE_NOT_FOUND)
    return entry.number


def find_groups(contact: Contact, directory: Directory) -> tuple[int, ...] | None:
    """`groupsName` counts only where `groups` is not there at all."""
    if contact.groups is not UNSET and contact.groups is not None:
        wanted: list[tuple[Any, Any]] = [(id_, None) for id_ in contact.groups]
    elif contact.groupsName is not UNSET and contact.groupsName is not None:
        wanted = [(None, name) for name in contact.groupsName]
    else:
        return None
    found = set()
    for place, (id_, name) in enumerate(wanted):
        entry = _find(directory, GROUP, id_, name, f"groups[{place}]")
        if entry is None:
            wrong(f"groups[{place}]", f"[{name if id_ is None else id_}] is not a group of the organization")
        found.add(entry.number)
    return tuple(sorted(found))


def find_attribute(values: AttributeValues, place: str, directory: Directory) -> Entry:
    entry = _find(directory, ATTRIBUTE, values.orgAttrId, values.name, f"{place}.orgAttrId")
    if entry is None:
        shown = values.orgAttrId if given(values.orgAttrId) else values.name
        wrong(place, f"[{shown if given(shown) else ''}] is not a contact attribute of the organization")
    return entry


def find_path(path: Path, place: str, directory: Directory) -> Entry:
    entry = _find(directory, PATH, path.pathId, path.prompt, f"{place}.pathId")
    if entry is None:
        shown = path.pathId if given(path.pathId) else path.prompt
        wrong(place, f"[{shown if given(shown) else ''}] is not a contact path of the organization")
    return entry


def _find(directory: Directory, kind: str, id_: Any, name: Any, place: str) -> Entry | None:
    if given(id_):
        return directory.numbered(kind, number(id_, place))
    return directory.named(kind, trim(str(name))) if given(name) else None


def _named(contacts: Iterable[Contact]) -> Iterator[tuple[str, Any, Any]]:
    for contact in contacts:
        yield RECORD_TYPE, contact.recordTypeId, contact.recordTypeName
        for id_ in contact.groups or ():
            yield GROUP, id_, None
        for name in contact.groupsName or ():
            yield GROUP, None, name
        for values in contact.contactAttributes or ():
            yield ATTRIBUTE, values.orgAttrId, values.name


def _as_number(value: Any) -> tuple[int, ...]:
    """Nothing for what is no number, of which the contact is told when it is read."""
    try:
        return (number(value, ""),)
    except ItemError:
        return ()
