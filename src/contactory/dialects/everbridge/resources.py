"""The resources that are entries of the directory, each described once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from contactory.dialects.everbridge.bodies import wrong_type
from contactory.dialects.everbridge.definitions import (
    NO_PARENT,
    read_attribute,
    read_group,
    read_id,
    read_record_type,
    show_attribute,
    show_group,
    show_record_type,
)
from contactory.dialects.everbridge.methods import complete, read_method, remove, show_method
from contactory.dialects.everbridge.names import ATTRIBUTE, GROUP, RECORD_TYPE
from contactory.dialects.everbridge.problems import bad
from contactory.dialects.everbridge.values import ItemError, as_document, text
from contactory.model.characters import find_invisible_in_name, trim
from contactory.model.commands import Chain, Command, RemoveFromSet, Return
from contactory.model.directory import PATH, DeleteEntry, Directory, Entry, FindEntries, SaveEntry
from contactory.model.fields import CONTACTS
from contactory.model.limits import LONGEST_KEY


class Resource(NamedTuple):
    """A kind of entry.

    `read` reads the details of a body, without the name; `complete` checks them against stored entries;
    `remove` deletes the entry with a number. `start` is that of the first page in the vendor's examples.
    `name_key` is the key of the name in a body.
    """

    kind: str
    path: str
    label: str
    show: Callable[[Entry, int], dict[str, Any]]
    read: Callable[[dict[str, Any]], dict[str, Any]]
    complete: Callable[[SaveEntry], Command]
    remove: Callable[[int], Command]
    start: int = 1
    most: int = LONGEST_KEY  # characters of a name
    name_key: str = "name"


def _check_parent(save: SaveEntry) -> Command:
    """Check that the parent of a group exists. Raises Refusal (BAD_VALUE)."""
    parent = save.details.get("parentId", NO_PARENT)
    if parent == NO_PARENT:
        return save

    def check(directory: Directory) -> Command:
        if parent == save.number or directory.numbered(GROUP, parent) is None:
            raise bad(f"parentId [{parent}] is not another group of the organization.")
        return save

    return Chain(FindEntries(numbers=[(GROUP, parent)]), check)


def _remove_group(number: int) -> Command:
    """Delete a group, and remove all its members from it."""
    remove_members = RemoveFromSet(kind=CONTACTS, field="group_ids", value=number)
    return Chain(
        DeleteEntry(kind=GROUP, number=number), lambda entry: Chain(remove_members, lambda _: Return(entry))
    )


def _save_unchecked(save: SaveEntry) -> Command:
    return save


GROUPS = Resource(GROUP, "groups", "group", show_group, read_group, _check_parent, _remove_group, start=0)
RECORD_TYPES = Resource(
    RECORD_TYPE,
    "recordTypes",
    "record type",
    show_record_type,
    read_record_type,
    _save_unchecked,
    lambda number: DeleteEntry(kind=RECORD_TYPE, number=number),
)
ATTRIBUTES = Resource(
    ATTRIBUTE,
    "contactAttributes",
    "contact attribute",
    show_attribute,
    read_attribute,
    _save_unchecked,
    lambda number: DeleteEntry(kind=ATTRIBUTE, number=number),
    most=40,
)
PATHS = Resource(
    PATH, "contactPaths", "contact path", show_method, read_method, complete, remove, name_key="prompt"
)
RESOURCES = (GROUPS, RECORD_TYPES, ATTRIBUTES, PATHS)


def read_save(resource: Resource, document: dict[str, Any], number: int | None = None) -> SaveEntry:
    """Read a body that creates an entry, or changes the one with a number. Raises Refusal (BAD_VALUE,
    INVALID).

    An id in the body is that of the new entry; in a change it is ignored, as in the vendor's other updates.
    The id of a contact path is its pathId. A change of a contact path without a prompt keeps the stored one.
    """
    name_key = resource.name_key if document.get(resource.name_key) is not None else "name"
    value = document.get(name_key)
    if value is not None and not isinstance(value, str):
        raise wrong_type(name_key, "is not text")
    try:
        name = trim(text(value, name_key, resource.most))
        details = resource.read(document)
        as_document(details, "The body")
        as_number = _read_id(resource, document) if number is None else None
    except ItemError as error:
        raise bad(str(error)) from error
    keeps_name = resource is PATHS and number is not None and value is None
    if not name and not keeps_name:
        raise bad(f"{resource.name_key} is required.")
    if invisible := find_invisible_in_name(name):
        raise bad(f"{name_key} contains the character {invisible}.")
    return SaveEntry(kind=resource.kind, number=number, as_number=as_number, name=name, details=details)


def _read_id(resource: Resource, document: dict[str, Any]) -> int | None:
    """Read the id for a new entry. The vendor shows two ids of a contact path, of which contacts refer to the
    pathId; here both are the same."""
    return (read_id(document, "pathId") if resource is PATHS else None) or read_id(document)
