"""Groups, record types, contact attributes and contact paths: resources that are kept in the directory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from contactory.dialects.base import Call, Request
from contactory.dialects.everbridge import queries
from contactory.dialects.everbridge.bodies import read_object, wrong_type
from contactory.dialects.everbridge.definitions import (
    read_attribute,
    read_group,
    read_record_type,
    show_attribute,
    show_group,
    show_path,
    show_record_type,
    zero_group,
)
from contactory.dialects.everbridge.names import ATTRIBUTE, GROUP, PATH, RECORD_TYPE
from contactory.dialects.everbridge.problems import bad, check_organization
from contactory.dialects.everbridge.replies import collection, instance, modified, whole
from contactory.dialects.everbridge.values import ItemError, as_document, text
from contactory.model.characters import find_invisible_in_name, trim
from contactory.model.commands import Answer, Chain, Command, Leave
from contactory.model.directory import (
    DeleteEntry,
    Directory,
    Entry,
    EntryPage,
    FindEntries,
    ListEntries,
    SaveEntry,
)
from contactory.model.fields import CONTACTS
from contactory.model.limits import LONGEST_KEY, MOST_ENTRIES
from contactory.model.problems import Code, Problem, Refusal


class Resource(NamedTuple):
    """`read` makes details of a body, without a name; None where clients cannot write. `start`: of the pages
    in the vendor's examples."""

    kind: str
    path: str
    label: str
    show: Callable[[Entry, int], dict[str, Any]]
    read: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    start: int = 1
    most: int = LONGEST_KEY  # characters of a name


GROUPS = Resource(GROUP, "groups", "group", show_group, read_group, start=0)
RESOURCES = (
    GROUPS,
    Resource(RECORD_TYPE, "recordTypes", "record type", show_record_type, read_record_type),
    Resource(ATTRIBUTE, "contactAttributes", "contact attribute", show_attribute, read_attribute, most=40),
    Resource(PATH, "contactPaths", "contact path", show_path),
)


_DOCUMENT: Final = msgspec.json.Decoder(dict[str, Any])


def decode_list(resource: Resource, request: Request) -> Call:
    """All of them, or the page that is asked for."""
    organization_id, page = check_organization(request), queries.asked_page(request.query)
    if page is not None:
        return decode_page(resource, request)

    def encode(found: EntryPage) -> Any:
        if found.found > MOST_ENTRIES:
            raise bad(f"There are {found.found}, more than {MOST_ENTRIES}: ask by pageNumber and pageSize.")
        shown = [resource.show(entry, organization_id) for entry in found.entries]
        return whole(request, resource.path, shown, resource.start)

    return Call(ListEntries(kind=resource.kind, size=MOST_ENTRIES), encode)


def decode_page(resource: Resource, request: Request) -> Call:
    organization_id, page = check_organization(request), queries.paging(request.query)

    def encode(found: EntryPage) -> Any:
        shown = [resource.show(entry, organization_id) for entry in found.entries]
        return collection(request, resource.path, shown, found.found, page, resource.start)

    return Call(ListEntries(kind=resource.kind, page=page.number, size=page.size), encode)


def decode_get(resource: Resource, request: Request) -> Call:
    """By id; a group also by name, and then one that is not there is shown as zeros, as clients expect."""
    organization_id, value = check_organization(request), request.path["entry_id"]
    by_name = resource is GROUPS and (
        queries.choice(request.query, "queryType", ("id", "name"), "id") == "name"
    )
    if by_name:
        wanted = FindEntries(names=[(resource.kind, value)] if "\0" not in value else [])
    else:
        wanted = FindEntries(numbers=[(resource.kind, _number(resource, request))])

    def answer(directory: Directory) -> Command:
        for entry in directory:
            return Answer(resource.show(entry, organization_id))
        if by_name:
            return Answer(zero_group())
        raise _not_found(resource, value)

    return Call(Chain(wanted, answer), instance)


def decode_create(resource: Resource, request: Request) -> Call:
    check_organization(request)
    name, details = _read(resource, request.body)
    save = SaveEntry(kind=resource.kind, name=name, details=details)
    return Call(_checked(save), lambda entry: modified(request, resource.path, entry.number))


def decode_update(resource: Resource, request: Request) -> Call:
    check_organization(request)
    name, details = _read(resource, request.body)
    save = SaveEntry(kind=resource.kind, number=_number(resource, request), name=name, details=details)
    return Call(_checked(save), lambda entry: modified(request, resource.path, entry.number))


def decode_delete(resource: Resource, request: Request) -> Call:
    """Whoever was in a group is in it no more."""
    check_organization(request)
    delete = DeleteEntry(kind=resource.kind, number=_number(resource, request))

    def forget(entry: Entry) -> Command:
        if resource is not GROUPS:
            return Answer(entry)
        everybody = Leave(kind=CONTACTS, field="group_ids", value=entry.number)
        return Chain(everybody, lambda _: Answer(entry))

    return Call(Chain(delete, forget), lambda entry: modified(request, resource.path, entry.number))


def _checked(save: SaveEntry) -> Command:
    """A group's parent must be there."""
    parent = save.details.get("parentId", -1) if save.kind == GROUP else -1
    if parent == -1:
        return save

    def check(directory: Directory) -> Command:
        if parent == save.number or directory.numbered(GROUP, parent) is None:
            raise bad(f"parentId [{parent}] is not another group of the organization.")
        return save

    return Chain(FindEntries(numbers=[(GROUP, parent)]), check)


def _read(resource: Resource, body: bytes) -> tuple[str, dict[str, Any]]:
    return read_definition(resource, read_object(_DOCUMENT, body))


def read_definition(resource: Resource, document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Read the name and the details. Raises Refusal."""
    assert resource.read is not None  # noqa: S101 (there is no route to write the others)
    given = document.get("name")
    if given is not None and not isinstance(given, str):
        raise wrong_type("name", "is not text")
    try:
        name = trim(text(given, "name", resource.most))
        details = resource.read(document)
        as_document(details, "The body")
    except ItemError as error:
        raise bad(str(error)) from error
    if not name:
        raise bad("name is required.")
    if invisible := find_invisible_in_name(name):
        raise bad(f"name contains the character {invisible}.")
    return name, details


def _number(resource: Resource, request: Request) -> int:
    value = request.path["entry_id"]
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise _not_found(resource, value)
    return int(value)


def _not_found(resource: Resource, value: str) -> Refusal:
    text_ = None
    if resource.kind == PATH:
        text_ = f"No contactPath {value[:60]} found in organization."
    elif resource.kind == ATTRIBUTE:
        text_ = f"Contact attribute {value[:60]} not found"
    texts = (text_,) if text_ else ()
    return Refusal(Problem(code=Code.NOT_FOUND, kind=resource.kind, value=value[:60], texts=texts))
