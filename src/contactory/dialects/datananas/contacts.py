"""Single contacts, and lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.datananas.bodies import read_object
from contactory.dialects.datananas.ids import decode_id
from contactory.dialects.datananas.lists import find_list
from contactory.dialects.datananas.names import TEXTS, canonical
from contactory.dialects.datananas.paging import page_of, paged
from contactory.dialects.datananas.problems import JSON, encode_warnings, invalid, wrong
from contactory.dialects.datananas.records import encode_contact
from contactory.dialects.datananas.rows import SYSTEM, Rows, read_rows
from contactory.dialects.datananas.values import email_key
from contactory.dialects.datananas.write import How, needed, write_rows
from contactory.dialects.pages import fit
from contactory.model.bulk import Outcomes, Status
from contactory.model.caller import Caller
from contactory.model.commands import Answer, Chain, Command, Delete, Find, Named, Page, Record, Search
from contactory.model.directory import Entry, FindUsers
from contactory.model.fields import CONTACTS, OWNER
from contactory.model.jobs import CheckQuota
from contactory.model.problems import Code, Problem, Refusal

READ: Final = "contacts:read"


def decode_create(request: Request) -> Call:
    """One contact; one that is recognised is updated (200 in the place of 201)."""
    rows, document = _parse(request.body)
    target = document.get("list")
    if target is not None and not isinstance(target, str):
        raise wrong("list", "is not the id of a list")

    def write(list_id: int) -> Command:
        return Chain(
            needed(rows),
            lambda users: Chain(
                CheckQuota(
                    bulk=write_rows(rows, users, request.caller, How(list_id=list_id)),
                    user_id=request.caller.user_id or 0,
                ),
                lambda bulk: Chain(bulk, partial(_written, request.caller, document)),
            ),
        )

    if target is None:
        command: Command = write(0)
    else:
        command = Chain(find_list(target), lambda entry: write(entry.number))
    return Call(command, lambda shown: _reply(*shown))


def decode_update(request: Request) -> Call:
    """What is given; a list moves the contact, an owner takes it over."""
    id_ = _id(request)
    rows, document = _parse(request.body)

    def write(list_id: int) -> Command:
        how = How(list_id=list_id, moves=True, replaces_owner=True)
        return Chain(
            needed(rows),
            lambda users: Chain(
                write_rows(rows, users, request.caller, how, [id_]),
                partial(_written, request.caller, document),
            ),
        )

    target = document.get("list")
    if target is None:
        return Call(write(0), lambda shown: _reply(*shown))
    if not isinstance(target, str):
        raise wrong("list", "is not the id of a list")
    found = Chain(find_list(target), lambda entry: write(entry.number))
    return Call(found, lambda shown: _reply(*shown))


def decode_get(request: Request) -> Call:
    def show(record: Record) -> Command:
        return _shown([record], lambda contacts: (200, contacts[0]))

    return Call(Chain(_find(request), show), lambda shown: _reply(*shown))


def decode_delete(request: Request) -> Call:
    delete = Delete(kind=CONTACTS, find=_find(request), whole=True)
    return Call(delete, lambda _: Reply(204, b"", {}))


def decode_list(request: Request) -> Call:
    """Filters: any scalar field by its name, `list` by id; several narrow each other."""
    number, size = page_of(request.query)
    given = {name: values[-1] for name, values in request.query.items() if values}
    if any("\0" in text for text in given.values()):
        raise wrong("query", "contains the character U+0000")
    equal: dict[str, Sequence[str]] = {
        TEXTS[name]: [text] for name, text in given.items() if name in TEXTS and name != "email"
    }
    email = given.get("email")

    def search(entry: Entry | None) -> Command:
        wanted = Search(
            kind=CONTACTS,
            page=number,
            size=size,
            equal=equal,
            refers={"list_id": entry.number} if entry else {},
            named=None if email is None else Named(system=SYSTEM, keys=[email_key(email)]),
        )
        return Chain(wanted, lambda page: _shown(page.records, lambda shown: (shown, page)))

    def encode(found: tuple[list[Any], Page]) -> Reply:
        contacts, page = found
        body = {"contacts": fit(contacts), "page": paged(number, size, page.found)}
        return Reply(200, json_encode(body), JSON)

    target = given.get("list")
    return Call(search(None) if target is None else Chain(find_list(target), search), encode)


def _written(caller: Caller, document: dict[str, Any], outcomes: Outcomes) -> Command:
    """The contact as it is now; of one that was known before, and that the caller may not read, only what the
    call gave."""
    for problem in outcomes.problems.values():
        if problem.code is Code.REFERENCE_NOT_FOUND:
            raise wrong("owner", "owner_not_found")
        if problem.texts:
            raise wrong(problem.field, problem.texts[0])
        raise Refusal(problem)
    status = 201 if outcomes.statuses[0] is Status.CREATED else 200
    given = {"_id", *(canonical(name) or name for name in document)}
    warnings = encode_warnings(outcomes.warnings)

    def show(record: Record) -> Command:
        whole = status == 201 or _may_read(caller, record)

        def answer(contacts: list[dict[str, Any]]) -> tuple[int, dict[str, Any], list[Any]]:
            shown = contacts[0].items()
            return status, {name: value for name, value in shown if whole or name in given}, warnings

        return _shown([record], answer)

    return Chain(Find(kind=CONTACTS, key_name="_id", id=outcomes.ids[0]), show)


def _may_read(caller: Caller, record: Record) -> bool:
    limit = caller.acting(READ).contacts_of
    return caller.may(READ) and (limit is None or record.values[OWNER] in (0, limit))


def _shown(records: Sequence[Record], then: Any) -> Command:
    """Answers what `then` makes of the contacts as they are shown."""
    users = FindUsers(ids={record.values["owner_id"] for record in records})

    def show(found: Any) -> Command:
        owners = {user.id: user.email for user in found}
        return Answer(then([encode_contact(record, owners) for record in records]))

    return Chain(users, show)


def _find(request: Request) -> Find:
    return Find(kind=CONTACTS, key_name="_id", id=_id(request), to_change=True)


def _id(request: Request) -> int:
    id_ = decode_id(request.path["id"])
    if id_ is None:
        raise Refusal(Problem(code=Code.NOT_FOUND, kind="Contact"))
    return id_


def _parse(body: bytes) -> tuple[Rows, dict[str, Any]]:
    document = read_object(body)
    rows = read_rows([document])
    if rows.errors:
        raise invalid(rows.errors)
    return rows, document


def _reply(status: int, contact: dict[str, Any], warnings: Sequence[Any] = ()) -> Reply:
    body = {"contact": contact} | ({"warnings": warnings} if warnings else {})
    return Reply(status, json_encode(body), JSON)
