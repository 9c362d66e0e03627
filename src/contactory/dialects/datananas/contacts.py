"""Calls for single contacts, and pages of them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.datananas.bodies import read_object
from contactory.dialects.datananas.filters import Filters, canonical_query, owner_lookup, read_filters
from contactory.dialects.datananas.ids import decode_id
from contactory.dialects.datananas.names import FIELDS
from contactory.dialects.datananas.paging import page_info, read_page
from contactory.dialects.datananas.problems import JSON, encode_warnings, invalid, wrong
from contactory.dialects.datananas.projection import read_projection
from contactory.dialects.datananas.records import encode_contact
from contactory.dialects.datananas.rows import SYSTEM, Rows, read_rows
from contactory.dialects.datananas.targets import is_list, resolve_list
from contactory.dialects.datananas.write import WriteOptions, find_errors, required_lookups, write_rows
from contactory.dialects.pages import encode_items
from contactory.model.bulk import Outcomes, Status
from contactory.model.caller import Caller
from contactory.model.commands import Chain, Command, Delete, Find, Named, Page, Record, Return, Search
from contactory.model.directory import LIST, Directory, FindEntries, FindUsers, User
from contactory.model.fields import CONTACTS, OWNER
from contactory.model.jobs import CheckQuota
from contactory.model.problems import Code, Problem, Refusal

READ: Final = "contacts:read"
WRITTEN: Final = {name: field for name, (field, _) in FIELDS.items() if name != "owner"}


def decode_create(request: Request) -> Call:
    """Decode the creation of a contact. One that is recognised is updated (200 instead of 201)."""
    rows, document = _parse(request.body)
    caller = request.caller

    def write(list_id: int) -> Command:
        def command(users: Sequence[User]) -> Command:
            _check(rows, users)
            bulk = write_rows(rows, users, caller, WriteOptions(list_id=list_id))
            quota = CheckQuota(bulk=bulk, user_id=caller.user_id or 0)
            return Chain(quota, lambda bulk: Chain(bulk, partial(_show_written, caller, rows)))

        return Chain(required_lookups(rows), command)

    return Call(resolve_list(document.get("list"), caller, write), lambda shown: _reply(*shown))


def decode_update(request: Request) -> Call:
    """Decode a partial update. A list moves the contact, an owner takes it over. Naming the list that it is
    in already takes no rights beyond those to the contact."""
    id_ = _id(request)
    rows, document = _parse(request.body, named=True)
    caller, target = request.caller, document.get("list")

    def write(list_id: int) -> Command:
        options = WriteOptions(list_id=list_id, moves=True, replaces_owner=True)

        def command(users: Sequence[User]) -> Command:
            _check(rows, users)
            bulk = write_rows(rows, users, caller, options, id_=id_)
            return Chain(bulk, partial(_show_written, caller, rows))

        return Chain(required_lookups(rows), command)

    def move(record: Record) -> Command:
        if is_list(target, record.values["list_id"]):
            return write(0)
        return resolve_list(target, caller, write)

    command = Chain(_find(request), move) if target else write(0)
    return Call(command, lambda shown: _reply(*shown))


def decode_get(request: Request) -> Call:
    expanded = read_projection(request.caller, request.query)

    def show(record: Record) -> Command:
        return _encode_contacts([record], lambda contacts: (200, contacts[0]), expanded)

    return Call(Chain(_find(request), show), lambda shown: _reply(*shown))


def decode_delete(request: Request) -> Call:
    delete = Delete(kind=CONTACTS, find=_find(request), whole=True)
    return Call(delete, lambda _: Reply(204, b"", {}))


def decode_list(request: Request) -> Call:
    """Decode a request for a page of contacts, filtered by any scalar field under any of its names, by `list`
    (an id) and by `owner` (an id or e-mail); all filters must match. A value that no contact has gives an
    empty page; a list of another user is refused."""
    query = canonical_query(request.query)
    number, size = read_page(query)
    expanded = read_projection(request.caller, query)
    filters = read_filters(request.query)

    def search(users: Sequence[User]) -> Command:
        owner = {} if filters.owner is None else {"owner_id": users[0].id if users else 0}
        if filters.nothing or (filters.owner and not users):
            return Return(([], Page([], 0)))
        wanted = Search(
            kind=CONTACTS,
            page=number,
            size=size,
            equal=filters.equal,
            within=filters.within,
            refers=owner | filters.refers,
            named=_named(filters),
        )
        return Chain(
            wanted, lambda page: _encode_contacts(page.records, lambda shown: (shown, page), expanded)
        )

    def encode(found: tuple[list[Any], Page]) -> Reply:
        contacts, page = found
        body = {"contacts": encode_items(contacts), "page": page_info(number, size, page.found)}
        return Reply(200, json_encode(body), JSON)

    found = Chain(FindUsers(**owner_lookup(filters)), search) if filters.owner else search(())
    list_id = filters.refers.get("list_id")
    checked = Chain(FindEntries(numbers=[(LIST, list_id)]), lambda _: found) if list_id else found
    return Call(checked, encode)


def show_contacts(search: Search) -> Command:
    """Return a command for the encoded contacts of a search, and their page."""
    return Chain(search, lambda page: _encode_contacts(page.records, lambda shown: (shown, page)))


def encode_page(found: tuple[list[Any], Page]) -> Reply:
    """Encode a page of contacts, without the number of pages."""
    return Reply(200, json_encode({"contacts": encode_items(found[0])}), JSON)


def _named(filters: Filters) -> Named | None:
    if filters.email is None and filters.id is None:
        return None
    return Named(
        ids=None if filters.id is None else [filters.id],
        system=SYSTEM,
        keys=None if filters.email is None else [filters.email],
    )


def _check(rows: Rows, users: Sequence[User]) -> None:
    if errors := find_errors(rows, users):
        raise invalid(errors)


def _show_written(caller: Caller, rows: Rows, outcomes: Outcomes) -> Command:
    """Return a command for the contact as it is now. Of an existing one that the caller may not read, only
    the fields of the call are shown. Raises Refusal when the row failed."""
    for problem in outcomes.problems.values():
        if problem.texts:
            raise wrong(problem.field, problem.texts[0])
        raise Refusal(problem)
    status = 201 if outcomes.statuses[0] is Status.CREATED else 200
    warnings = encode_warnings(outcomes.warnings)

    left_out = {warning.field for warning in outcomes.warnings.values()}

    def show(record: Record) -> Command:
        whole = status == 201 or _may_read(caller, record)

        def answer(contacts: list[dict[str, Any]]) -> tuple[int, dict[str, Any], list[Any]]:
            return status, contacts[0] if whole else _as_given(contacts[0], rows, left_out), warnings

        return _encode_contacts([record], answer)

    return Chain(Find(kind=CONTACTS, key_name="_id", id=outcomes.ids[0]), show)


def _as_given(shown: dict[str, Any], rows: Rows, left_out: Container[str]) -> dict[str, Any]:
    """Return the fields of a contact that the call has written, and no others."""
    columns = {name: rows.columns[field][0] for name, field in WRITTEN.items() if field not in left_out}
    written = {name: shown[name] for name, value in columns.items() if value is not None}
    if "vars" in written:
        kept = msgspec.json.decode(columns["vars"])
        written["vars"] = {key: value for key, value in written["vars"].items() if key in kept}
    return {"_id": shown["_id"]} | written


def _may_read(caller: Caller, record: Record) -> bool:
    limit = caller.actor_for(READ).contacts_of
    return caller.may(READ) and (limit is None or record.values[OWNER] in (0, limit))


def _encode_contacts(records: Sequence[Record], then: Any, expanded: Container[str] = ()) -> Command:
    """Return a command that encodes contacts, the fields in `expanded` as objects; its result is what `then`
    returns for them."""
    users = FindUsers(ids={record.values["owner_id"] for record in records})
    lists = {(LIST, record.values["list_id"]) for record in records if "list" in expanded}

    def show(found: Sequence[User], directory: Directory | None) -> Command:
        owners = {user.id: user for user in found}
        by_number = None if directory is None else {entry.number: entry for entry in directory}
        whole = "owner" in expanded
        return Return(then([encode_contact(record, owners, by_number, whole=whole) for record in records]))

    def look_up(found: Sequence[User]) -> Command:
        if not lists:
            return show(found, None)
        return Chain(FindEntries(numbers=lists, refuses=False), lambda directory: show(found, directory))

    return Chain(users, look_up)


def _find(request: Request) -> Find:
    return Find(kind=CONTACTS, key_name="_id", id=_id(request), to_change=True)


def _id(request: Request) -> int:
    id_ = decode_id(request.path["id"])
    if id_ is None:
        raise Refusal(Problem(code=Code.NOT_FOUND, kind="Contact"))
    return id_


def _parse(body: bytes, *, named: bool = False) -> tuple[Rows, dict[str, Any]]:
    document = read_object(body)
    return read_rows([document], named=named), document


def _reply(status: int, contact: dict[str, Any], warnings: Sequence[Any] = ()) -> Reply:
    body = {"contact": contact} | ({"warnings": warnings} if warnings else {})
    return Reply(status, json_encode(body), JSON)
