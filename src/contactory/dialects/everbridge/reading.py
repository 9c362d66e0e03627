"""The calls that read contacts: one, a list, a query, the members of a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from contactory.dialects.base import Call, Reply, Request
from contactory.dialects.everbridge import queries
from contactory.dialects.everbridge.bodies import read_object
from contactory.dialects.everbridge.groups import find_group
from contactory.dialects.everbridge.problems import NOT_SHOWN, bad, check_organization
from contactory.dialects.everbridge.records import encode_contact, find_referenced
from contactory.dialects.everbridge.replies import Paging, collection, instance
from contactory.dialects.everbridge.targets import SYSTEM
from contactory.dialects.everbridge.values import MOST_DIGITS, many
from contactory.model.commands import KEYS, Chain, Command, Find, Named, Page, Record, Return, Search
from contactory.model.directory import Entry
from contactory.model.fields import CONTACTS, LARGEST_ID
from contactory.model.problems import Code, Problem, Refusal

_ORDERS: Final = {"lastModifiedDate": "updated_at", "externalId": KEYS, "lastName": "last_name"}


_List = list[int | str | float] | int | str | float | None


class Query(msgspec.Struct):
    """The body of a query. Its other keys are about maps, which are not stored here."""

    contactIds: _List = None  # noqa: N815
    externalIds: _List = None  # noqa: N815
    groupIds: _List = None  # noqa: N815
    sortBy: str | None = None  # noqa: N815
    direction: str | None = None
    searchType: str | None = None  # noqa: N815
    pageNumber: int | str | float | None = None  # noqa: N815
    pageSize: int | str | float | None = None  # noqa: N815


_query = msgspec.json.Decoder(Query)


def find_command(request: Request, *, to_change: bool = False) -> Find:
    """Return the command that finds the contact of the path, by id or externalId. Raises Refusal."""
    value, missing = request.path["contact_id"], Code.NOT_FOUND if to_change else NOT_SHOWN
    if queries.choice(request.query, "idType", ("id", "externalId"), "id") == "externalId":
        if "\0" in value:
            raise _not_found(value, missing)
        return Find(
            kind=CONTACTS,
            key_name="externalId",
            system=SYSTEM,
            key=value,
            with_identities=True,
            with_authors=not to_change,
            to_change=to_change,
            missing=missing,
        )
    if not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS and int(value) <= LARGEST_ID):
        raise _not_found(value, missing)
    return Find(
        kind=CONTACTS,
        key_name="id",
        id=int(value),
        with_identities=True,
        with_authors=not to_change,
        to_change=to_change,
        missing=missing,
    )


def decode_get(request: Request) -> Call:
    organization_id = check_organization(request)

    def encode(shown: Sequence[Any]) -> Reply:
        return instance(shown[0])

    return Call(_encode_contacts(find_command(request), lambda record: [record], organization_id), encode)


def decode_list(request: Request) -> Call:
    query = request.query
    if queries.several(query, "contactFilterIds"):
        raise bad("contactFilterIds are of no contact filter: there are none here.")
    named = Named(
        ids=queries.numbers(queries.several(query, "contactIds"), "contactIds"),
        system=SYSTEM,
        keys=queries.keys(query, "externalIds"),
        group_ids=queries.numbers(queries.several(query, "groupIds"), "groupIds"),
    )
    any_part = queries.choice(query, "searchType", ("AND", "OR"), "AND") == "OR"
    order = queries.choice(query, "sortBy", ("", *_ORDERS), "")
    direction = queries.choice(query, "direction", ("", "ASC", "DESC"), "")
    return _page(request, _search(named, any_part, order, direction, queries.read_page(query)))


def decode_query(request: Request) -> Call:
    query = read_object(_query, request.body or b"{}")
    named = Named(
        ids=_numbers(query.contactIds, "contactIds"),
        system=SYSTEM,
        keys=None if query.externalIds is None else queries.texts(many(query.externalIds), "externalIds"),
        group_ids=_numbers(query.groupIds, "groupIds"),
    )
    words = {"searchType": [query.searchType or "AND"], "sortBy": [query.sortBy or ""]}
    words["direction"] = [query.direction or ""]
    any_part = queries.choice(words, "searchType", ("AND", "OR"), "AND") == "OR"
    order = queries.choice(words, "sortBy", ("", *_ORDERS), "")
    direction = queries.choice(words, "direction", ("", "ASC", "DESC"), "")
    page = queries.check_page(
        queries.whole_number(query.pageNumber or 1, "pageNumber"),
        queries.whole_number(query.pageSize or queries.PAGE_SIZE, "pageSize"),
    )
    return _page(request, _search(named, any_part, order, direction, page))


def decode_members(request: Request) -> Call:
    """Decode a request for the contacts of a group, by `groupId` (or `groupIds`) or by `groupName`."""
    organization_id = check_organization(request)
    page = queries.read_page(request.query)

    def search(group: Entry) -> Command:
        wanted = _search(Named(group_ids=[group.number]), False, "", "", page)
        return _encode_found(wanted, organization_id)

    return Call(Chain(find_group(request), search), lambda found: _encode_page(request, page, found))


def _page(request: Request, search: Search) -> Call:
    organization_id, page = check_organization(request), Paging(search.page, search.size)
    return Call(_encode_found(search, organization_id), lambda found: _encode_page(request, page, found))


def _encode_page(request: Request, page: Paging, found: tuple[list[Any], int]) -> Reply:
    contacts, count = found
    return collection(request, "contacts", contacts, count, page)


def _encode_found(search: Search, organization_id: int) -> Chain:
    """Return a command for the encoded contacts of a page, and their number on all pages."""

    def names(found: Page) -> Command:
        shown = _encode_contacts(Return(found), lambda page: page.records, organization_id)
        return Chain(shown, lambda contacts: Return((contacts, found.found)))

    return Chain(search, names)


def show_contacts(search: Search, organization_id: int) -> Chain:
    """Return a command for the encoded contacts of a page."""
    return _encode_contacts(search, lambda page: page.records, organization_id)


def _encode_contacts(
    first: Command, records: Callable[[Any], Sequence[Record]], organization_id: int
) -> Chain:
    """Return a command that encodes the contacts of another command's result."""

    def show(found: Sequence[Record]) -> Command:
        return Chain(
            find_referenced(found),
            lambda directory: Return(
                [encode_contact(record, directory, organization_id) for record in found]
            ),
        )

    return Chain(first, lambda result: show(records(result)))


def _search(named: Named, any_part: bool, order: str, direction: str, page: Paging) -> Search:
    """Return the search. Sorted by the last change, the latest come first if there is no direction."""
    return Search(
        kind=CONTACTS,
        page=page.number,
        size=page.size,
        named=named,
        any_part=any_part,
        order=_ORDERS.get(order, ""),
        descending=direction == "DESC" or (order == "lastModifiedDate" and not direction),
        with_identities=True,
        with_authors=True,
    )


def _not_found(value: str, missing: Code) -> Refusal:
    return Refusal(Problem(code=missing, kind="Contact", key="id", value=value[:60]))


def _numbers(values: Any, name: str) -> list[int] | None:
    return None if values is None else queries.numbers(many(values), name)
