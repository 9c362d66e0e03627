"""The calls for groups, record types, contact attributes and contact paths, which are entries of the
directory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from contactory.dialects.base import Call, Request
from contactory.dialects.everbridge import queries
from contactory.dialects.everbridge.bodies import read_object
from contactory.dialects.everbridge.definitions import show_group, zero_group
from contactory.dialects.everbridge.names import ATTRIBUTE, GROUP
from contactory.dialects.everbridge.problems import bad, check_organization
from contactory.dialects.everbridge.replies import collection, instance, modified, unpaged
from contactory.dialects.everbridge.resources import GROUPS, PATHS, Resource, read_save
from contactory.dialects.everbridge.values import MOST_DIGITS
from contactory.model.commands import Chain, Command, Return
from contactory.model.directory import (
    Directory,
    Entry,
    EntryPage,
    FindEntries,
    ListEntries,
)
from contactory.model.fields import LARGEST_ID
from contactory.model.limits import MOST_ENTRIES
from contactory.model.problems import Code, Problem, Refusal

_DOCUMENT: Final = msgspec.json.Decoder(dict[str, Any])


def decode_list(resource: Resource, request: Request) -> Call:
    """Decode a request for all entries of a resource, or for a page of them."""
    organization_id, page = check_organization(request), queries.requested_page(request.query)
    if page is not None:
        return decode_page(resource, request)

    def encode(found: EntryPage) -> Any:
        if found.found > MOST_ENTRIES:
            raise bad(f"There are {found.found}, more than {MOST_ENTRIES}: ask by pageNumber and pageSize.")
        shown = [resource.show(entry, organization_id) for entry in found.entries]
        return unpaged(request, resource.path, shown, resource.start)

    listing = ListEntries(
        kind=resource.kind, size=MOST_ENTRIES, by_place=resource is PATHS, with_authors=True
    )
    return Call(listing, encode)


def decode_page(resource: Resource, request: Request) -> Call:
    organization_id, page = check_organization(request), queries.read_page(request.query)

    def encode(found: EntryPage) -> Any:
        shown = [resource.show(entry, organization_id) for entry in found.entries]
        return collection(request, resource.path, shown, found.found, page, resource.start)

    listing = ListEntries(
        kind=resource.kind,
        page=page.number,
        size=page.size,
        by_place=resource is PATHS,
        with_authors=True,
    )
    return Call(listing, encode)


def decode_get(resource: Resource, request: Request) -> Call:
    """Decode a request for an entry by id. A group may be given by name; an unknown name returns zeros, as
    clients expect."""
    organization_id = check_organization(request)
    if resource is GROUPS and queries.choice(request.query, "queryType", ("id", "name"), "id") == "name":
        return Call(_find_group_by_name(request.path["entry_id"], organization_id), instance)

    def answer(entry: Entry) -> Command:
        return Return(resource.show(entry, organization_id))

    return Call(_find_entry(resource, request, answer), instance)


def decode_create(resource: Resource, request: Request) -> Call:
    """Decode the creation of an entry, which gets the `id` of the body if there is one."""
    check_organization(request)
    save = read_save(resource, read_object(_DOCUMENT, request.body))
    return Call(resource.complete(save), lambda entry: modified(request, resource.path, entry.number))


def decode_update(resource: Resource, request: Request) -> Call:
    """Decode an update. An `id` in the body is ignored, as in the vendor's other updates."""
    check_organization(request)
    document = read_object(_DOCUMENT, request.body)

    def update(entry: Entry) -> Command:
        return resource.complete(read_save(resource, document, entry.number))

    return Call(
        _find_entry(resource, request, update), lambda entry: modified(request, resource.path, entry.number)
    )


def decode_delete(resource: Resource, request: Request) -> Call:
    check_organization(request)

    def delete(entry: Entry) -> Command:
        return resource.remove(entry.number)

    return Call(
        _find_entry(resource, request, delete), lambda entry: modified(request, resource.path, entry.number)
    )


def _find_group_by_name(name: str, organization_id: int) -> Command:
    find = FindEntries(names=[(GROUP, name)] if "\0" not in name else [], with_authors=True)

    def answer(directory: Directory) -> Command:
        entry = directory.named(GROUP, name)
        return Return(show_group(entry, organization_id) if entry else zero_group())

    return Chain(find, answer)


def _find_entry(resource: Resource, request: Request, then: Callable[[Entry], Command]) -> Command:
    """Return a command that finds the entry of the path and goes on with then(entry). Raises Refusal
    (NOT_FOUND)."""
    value, organization_id = request.path["entry_id"], request.caller.organization_id
    if not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS and int(value) <= LARGEST_ID):
        raise _not_found(resource, value, organization_id)
    number = int(value)

    def check(directory: Directory) -> Command:
        entry = directory.numbered(resource.kind, number)
        if entry is None:
            raise _not_found(resource, value, organization_id)
        return then(entry)

    return Chain(FindEntries(numbers=[(resource.kind, number)], with_authors=True), check)


def _not_found(resource: Resource, value: str, organization_id: int) -> Refusal:
    """Make the refusal, in the vendor's words if they are documented."""
    texts: tuple[str, ...] = ()
    if resource is PATHS:
        texts = (f"No contactPath {value[:60]} found in organization {organization_id}",)
    elif resource.kind == ATTRIBUTE:
        texts = (f"Contact attribute {value[:60]} not found",)
    return Refusal(Problem(code=Code.NOT_FOUND, kind=resource.kind, value=value[:60], texts=texts))
