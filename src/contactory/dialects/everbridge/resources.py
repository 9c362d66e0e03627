"""Resources that are kept in the directory: what is kept of each, and what it is called."""

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
    """`read` makes details of a body, without a name; `complete` judges them by what there is; `remove`
    deletes the entry of a number. `start`: of the pages in the vendor's examples. `named`: what clients call
    the name."""

    kind: str
    path: str
    label: str
    show: Callable[[Entry, int], dict[str, Any]]
    read: Callable[[dict[str, Any]], dict[str, Any]]
    complete: Callable[[SaveEntry], Command]
    remove: Callable[[int], Command]
    start: int = 1
    most: int = LONGEST_KEY  # characters of a name
    named: str = "name"


def _check_parent(save: SaveEntry) -> Command:
    """A group's parent must be there."""
    parent = save.details.get("parentId", NO_PARENT)
    if parent == NO_PARENT:
        return save

    def check(directory: Directory) -> Command:
        if parent == save.number or directory.numbered(GROUP, parent) is None:
            raise bad(f"parentId [{parent}] is not another group of the organization.")
        return save

    return Chain(FindEntries(numbers=[(GROUP, parent)]), check)


def _remove_group(number: int) -> Command:
    """Whoever was in a group is in it no more."""
    everybody = RemoveFromSet(kind=CONTACTS, field="group_ids", value=number)
    return Chain(
        DeleteEntry(kind=GROUP, number=number), lambda entry: Chain(everybody, lambda _: Return(entry))
    )


def _as_it_is(save: SaveEntry) -> Command:
    return save


GROUPS = Resource(GROUP, "groups", "group", show_group, read_group, _check_parent, _remove_group, start=0)
RECORD_TYPES = Resource(
    RECORD_TYPE,
    "recordTypes",
    "record type",
    show_record_type,
    read_record_type,
    _as_it_is,
    lambda number: DeleteEntry(kind=RECORD_TYPE, number=number),
)
ATTRIBUTES = Resource(
    ATTRIBUTE,
    "contactAttributes",
    "contact attribute",
    show_attribute,
    read_attribute,
    _as_it_is,
    lambda number: DeleteEntry(kind=ATTRIBUTE, number=number),
    most=40,
)
PATHS = Resource(
    PATH, "contactPaths", "contact path", show_method, read_method, complete, remove, named="prompt"
)
RESOURCES = (GROUPS, RECORD_TYPES, ATTRIBUTES, PATHS)


def read_save(resource: Resource, document: dict[str, Any], number: int | None = None) -> SaveEntry:
    """Read what a client sends to make an entry, or to change the one of that number.

    An id in it is that of the new entry; in a change it counts for nothing, as in the vendor's other updates.
    A contact path goes by its pathId, and keeps its prompt where a change gives none.
    """
    named = resource.named if document.get(resource.named) is not None else "name"
    given = document.get(named)
    if given is not None and not isinstance(given, str):
        raise wrong_type(named, "is not text")
    try:
        name = trim(text(given, named, resource.most))
        details = resource.read(document)
        as_document(details, "The body")
        as_number = _read_id(resource, document) if number is None else None
    except ItemError as error:
        raise bad(str(error)) from error
    keeps_name = resource is PATHS and number is not None and given is None
    if not name and not keeps_name:
        raise bad(f"{resource.named} is required.")
    if invisible := find_invisible_in_name(name):
        raise bad(f"{named} contains the character {invisible}.")
    return SaveEntry(kind=resource.kind, number=number, as_number=as_number, name=name, details=details)


def _read_id(resource: Resource, document: dict[str, Any]) -> int | None:
    """Of a contact path the vendor shows two ids, of which contacts know the pathId; here both are one."""
    return (read_id(document, "pathId") if resource is PATHS else None) or read_id(document)
