"""Single contacts, and lists of them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.datananas.bodies import parse
from contactory.dialects.datananas.filters import Filters, owner_asked, paging, read_filters
from contactory.dialects.datananas.ids import decode_id
from contactory.dialects.datananas.lists import LIST
from contactory.dialects.datananas.paging import page_of, paged
from contactory.dialects.datananas.problems import JSON, invalid
from contactory.dialects.datananas.projection import projected
from contactory.dialects.datananas.records import encode_contact
from contactory.dialects.datananas.rows import SYSTEM, Rows, read_rows
from contactory.dialects.datananas.targets import is_list, with_list
from contactory.dialects.datananas.write import How, find_errors, needed, only_of, write_rows
from contactory.model.bulk import Outcomes, Status
from contactory.model.caller import Caller
from contactory.model.commands import Answer, Chain, Command, Delete, Find, Named, Page, Record, Search
from contactory.model.directory import Directory, FindEntries, FindUsers, User
from contactory.model.fields import CONTACTS
from contactory.model.jobs import CheckQuota
from contactory.model.problems import Code, Problem, Refusal

READ = "contacts:read"


def decode_create(request: Request) -> Call:
    """One contact; one that is recognised is updated (200 in the place of 201)."""
    rows, document = _parse(request.body)
    caller = request.caller

    def write(list_id: int) -> Command:
        def command(users: Sequence[User]) -> Command:
            _check(rows, users)
            bulk = write_rows(rows, users, caller, How(list_id=list_id))
            quota = CheckQuota(bulk=bulk, user_id=caller.user_id or 0)
            return Chain(quota, lambda bulk: Chain(bulk, _written))

        return Chain(needed(rows), command)

    return Call(with_list(document.get("list"), caller, write), lambda shown: _reply(*shown))


def decode_update(request: Request) -> Call:
    """What is given; a list moves the contact, an owner takes it over. The list that it is in may be given by
    whoever may change the contact."""
    id_ = _id(request)
    rows, document = _parse(request.body, named=True)
    caller, target = request.caller, document.get("list")

    def write(list_id: int) -> Command:
        how = How(list_id=list_id, moves=True, replaces_owner=True)

        def command(users: Sequence[User]) -> Command:
            _check(rows, users)
            return Chain(write_rows(rows, users, caller, how, id_=id_), _written)

        return Chain(needed(rows), command)

    def move(record: Record) -> Command:
        if is_list(target, record.values["list_id"]):
            return write(0)
        return with_list(target, caller, write)

    command = Chain(_find(request), move) if target else write(0)
    return Call(command, lambda shown: _reply(*shown))


def decode_get(request: Request) -> Call:
    expanded = projected(request.caller, request.query)

    def show(record: Record) -> Command:
        _check_seen(request.caller, record)
        return _shown([record], lambda contacts: (200, contacts[0]), expanded)

    return Call(Chain(_find(request), show), lambda shown: _reply(*shown))


def decode_delete(request: Request) -> Call:
    def delete(record: Record) -> Command:
        mine = only_of(request.caller)
        if mine is not None and record.values["owner_id"] not in (0, mine[1]):
            raise Refusal(Problem(code=Code.NOT_OWNED))
        return Delete(kind=CONTACTS, ids=[record.id], whole=True)

    return Call(Chain(_find(request), delete), lambda _: Reply(204, b"", {}))


def decode_list(request: Request) -> Call:
    """Filters: any scalar field by its names, `list` by id, `owner` by id or e-mail; several narrow each
    other. What no contact has finds none."""
    caller, query = request.caller, paging(request.query)
    number, size = page_of(query)
    expanded = projected(caller, query)
    filters = read_filters(request.query)
    own = {} if caller.reaches_all(READ) else {"owner_id": caller.user_id or 0}

    def search(users: Sequence[User]) -> Command:
        owner = {} if filters.owner is None else {"owner_id": users[0].id if users else 0}
        if filters.nothing or (filters.owner and not users) or (own and owner and own != owner):
            return Answer(([], Page([], 0)))
        wanted = Search(
            kind=CONTACTS,
            page=number,
            size=size,
            equal=filters.equal,
            within=filters.within,
            refers=own | owner | filters.refers,
            named=_named(filters),
        )
        return Chain(wanted, lambda page: _shown(page.records, lambda shown: (shown, page), expanded))

    def encode(found: tuple[list[Any], Page]) -> Reply:
        contacts, page = found
        body = {"contacts": contacts, "page": paged(number, size, page.found)}
        return Reply(200, json_encode(body), JSON)

    command = Chain(FindUsers(**owner_asked(filters)), search) if filters.owner else search(())
    return Call(command, encode)


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


def _written(outcomes: Outcomes) -> Command:
    for problem in outcomes.problems.values():
        raise Refusal(problem)
    status = 201 if outcomes.statuses[0] is Status.CREATED else 200
    found = Find(kind=CONTACTS, key_name="_id", id=outcomes.ids[0])
    return Chain(found, lambda record: _shown([record], lambda contacts: (status, contacts[0])))


def _shown(records: Sequence[Record], then: Any, expanded: Container[str] = ()) -> Command:
    """Answers what `then` makes of the contacts as they are shown, some fields as objects."""
    users = FindUsers(ids={record.values["owner_id"] for record in records})
    lists = {(LIST, record.values["list_id"]) for record in records if "list" in expanded}

    def show(found: Sequence[User], directory: Directory | None) -> Command:
        owners = {user.id: user for user in found}
        by_number = None if directory is None else {entry.number: entry for entry in directory}
        whole = "owner" in expanded
        return Answer(then([encode_contact(record, owners, by_number, whole=whole) for record in records]))

    def look_up(found: Sequence[User]) -> Command:
        if not lists:
            return show(found, None)
        return Chain(FindEntries(numbers=lists), lambda directory: show(found, directory))

    return Chain(users, look_up)


def _find(request: Request) -> Find:
    return Find(kind=CONTACTS, key_name="_id", id=_id(request), to_change=True)


def _id(request: Request) -> int:
    id_ = decode_id(request.path["id"])
    if id_ is None:
        raise Refusal(Problem(code=Code.NOT_FOUND, kind="Contact"))
    return id_


def _check_seen(caller: Caller, record: Record) -> None:
    if not caller.reaches_all(READ) and record.values["owner_id"] not in (0, caller.user_id):
        raise Refusal(Problem(code=Code.NOT_OWNED))


def _parse(body: bytes, *, named: bool = False) -> tuple[Rows, dict[str, Any]]:
    document = parse(body)
    return read_rows([document], named=named), document if isinstance(document, dict) else {}


def _reply(status: int, contact: dict[str, Any]) -> Reply:
    return Reply(status, json_encode({"contact": contact}), JSON)
