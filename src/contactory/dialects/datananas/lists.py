"""Lists: each contact is in one, or in none."""

from __future__ import annotations

from typing import Any, Final

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.datananas.bodies import read_object
from contactory.dialects.datananas.ids import decode_id, encode_id
from contactory.dialects.datananas.paging import page_of, paged
from contactory.dialects.datananas.problems import JSON, wrong
from contactory.dialects.datananas.records import encode_moment
from contactory.model.characters import find_invisible_in_name, trim
from contactory.model.commands import Answer, Chain, Command, Search
from contactory.model.directory import (
    LIST,
    DeleteEntry,
    Directory,
    Entry,
    EntryPage,
    FindEntries,
    ListEntries,
    SaveEntry,
)
from contactory.model.fields import CONTACTS
from contactory.model.problems import Code, Problem, Refusal

MAX_NAME: Final = 200
WRITE: Final = "lists:write"


def decode_list(request: Request) -> Call:
    number, size = page_of(request.query)

    def encode(found: EntryPage) -> Reply:
        shown = [_show(entry, None) for entry in found.entries]
        return Reply(200, json_encode({"lists": shown, "page": paged(number, size, found.found)}), JSON)

    return Call(ListEntries(kind=LIST, page=number, size=size), encode)


def decode_create(request: Request) -> Call:
    save = SaveEntry(kind=LIST, name=_name(request.body), details={"owner": request.caller.user_id or 0})
    return Call(save, lambda entry: _reply(201, entry, 0))


def decode_get(request: Request) -> Call:
    def count(entry: Entry) -> Command:
        members = Search(kind=CONTACTS, page=1, size=1, refers={"list_id": entry.number})
        return Chain(members, lambda page: Answer((entry, page.found)))

    return Call(Chain(find_list(request.path["id"]), count), lambda found: _reply(200, *found))


def decode_rename(request: Request) -> Call:
    name = _name(request.body)

    def rename(entry: Entry) -> Command:
        return SaveEntry(kind=LIST, number=entry.number, name=name)

    return Call(Chain(find_list(request.path["id"]), rename), lambda entry: _reply(200, entry, None))


def decode_delete(request: Request) -> Call:
    """An empty list only: its contacts are not to lose it unseen."""

    def delete(entry: Entry) -> Command:
        return DeleteEntry(kind=LIST, number=entry.number)

    return Call(Chain(find_list(request.path["id"]), delete), lambda _: Reply(204, b"", {}))


def find_list(text: str) -> Chain:
    """Answers the list of an id."""
    number = decode_id(text) or 0

    def answer(directory: Directory) -> Command:
        entry = directory.numbered(LIST, number)
        if entry is None:
            raise Refusal(Problem(code=Code.NOT_FOUND, kind=LIST, value=text[:60]))
        return Answer(entry)

    return Chain(FindEntries(numbers=[(LIST, number)]), answer)


def _name(body: bytes) -> str:
    return check_name(read_object(body).get("name"))


def check_name(name: Any) -> str:
    trimmed = trim(name) if isinstance(name, str) else ""
    if not 1 <= len(trimmed) <= MAX_NAME:
        raise wrong("name", f"is not a text of 1 to {MAX_NAME} characters")
    if invisible := find_invisible_in_name(trimmed):
        raise wrong("name", f"contains the character {invisible}")
    return trimmed


def _show(entry: Entry, contacts: int | None) -> dict[str, Any]:
    shown = {
        "_id": encode_id(entry.number),
        "name": entry.name,
        "createdAt": encode_moment(entry.created_at),
    }
    return shown if contacts is None else shown | {"contacts": contacts}


def _reply(status: int, entry: Entry, contacts: int | None) -> Reply:
    return Reply(status, json_encode({"list": _show(entry, contacts)}), JSON)
