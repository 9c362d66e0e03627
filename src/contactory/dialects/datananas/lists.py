"""Calls for lists. A contact is in one list, or in none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.datananas.bodies import read_object
from contactory.dialects.datananas.filters import canonical_query
from contactory.dialects.datananas.ids import decode_id, encode_id, is_id
from contactory.dialects.datananas.paging import page_info, read_page
from contactory.dialects.datananas.problems import JSON, wrong
from contactory.dialects.datananas.projection import read_projection
from contactory.dialects.datananas.records import encode_list, encode_owner
from contactory.model.characters import find_invisible_in_name, has_half_a_pair, trim
from contactory.model.commands import Chain, Command, Return, Search
from contactory.model.directory import (
    LIST,
    DeleteEntry,
    Directory,
    Entry,
    EntryPage,
    FindEntries,
    FindUsers,
    ListEntries,
    SaveEntry,
    User,
)
from contactory.model.fields import CONTACTS
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Problem, Refusal

MAX_NAME: Final = 200
WRITE: Final = "lists:write"
_LIST_ID: Final = "list_id"


def decode_list(request: Request) -> Call:
    query = canonical_query(request.query)
    number, size = read_page(query)
    whole = bool(read_projection(request.caller, query, ["owner"]))

    def encode(found: tuple[EntryPage, Sequence[Any]]) -> Reply:
        page, shown = found
        return Reply(200, json_encode({"lists": shown, "page": page_info(number, size, page.found)}), JSON)

    found = ListEntries(kind=LIST, page=number, size=size, referred_by=_LIST_ID)
    return Call(
        Chain(
            found, lambda page: _encode_lists(page.entries, page.contacts, lambda shown: (page, shown), whole)
        ),
        encode,
    )


def decode_create(request: Request) -> Call:
    """Decode the creation of a list, which gets the `_id` of the body if there is one."""
    document = read_object(request.body)
    name, id_ = check_name(document.get("name")), _read_id(document.get("_id"))
    save = SaveEntry(kind=LIST, as_number=id_, name=name, details={"owner": request.caller.user_id or 0})
    return Call(
        Chain(save, lambda entry: _encode_lists([entry], {}, _first)), lambda shown: _reply(201, shown)
    )


def decode_get(request: Request) -> Call:
    whole = bool(read_projection(request.caller, request.query, ["owner"]))
    found = Chain(find_list(request.path["id"]), lambda entry: _encode_counted(entry, whole))
    return Call(found, lambda shown: _reply(200, shown))


def decode_rename(request: Request) -> Call:
    name = check_name(read_object(request.body).get("name"))

    def rename(entry: Entry) -> Command:
        return SaveEntry(kind=LIST, number=entry.number, name=name)

    renamed = Chain(find_list(request.path["id"]), rename)
    return Call(Chain(renamed, _encode_counted), lambda shown: _reply(200, shown))


def decode_delete(request: Request) -> Call:
    """Decode the deletion of a list. Only an empty one may be deleted: contacts must not lose theirs
    unnoticed."""

    def delete(entry: Entry) -> Command:
        return DeleteEntry(kind=LIST, number=entry.number)

    return Call(Chain(find_list(request.path["id"]), delete), lambda _: Reply(204, b"", {}))


def find_list(text: str) -> Chain:
    """Return a command that finds the list with an id. Raises Refusal (NOT_FOUND)."""
    number = decode_id(text) or 0

    def answer(directory: Directory) -> Command:
        entry = directory.numbered(LIST, number)
        if entry is None:
            raise Refusal(Problem(code=Code.NOT_FOUND, kind=LIST, value=text[:60]))
        return Return(entry)

    return Chain(FindEntries(numbers=[(LIST, number)]), answer)


def _read_id(value: Any) -> int | None:
    """Read the id for a new list; None if none is given. Raises Refusal (INVALID)."""
    if value is None:
        return None
    if not (isinstance(value, str) and is_id(value)):
        raise wrong("_id", "is not a text of 24 hexadecimal digits")
    number = int(value, 16)
    if not 0 < number <= LARGEST_GIVEN_ID:
        raise wrong("_id", f"is not between {encode_id(1)} and {encode_id(LARGEST_GIVEN_ID)}")
    return number


def check_name(name: Any, field: str = "name") -> str:
    trimmed = trim(name) if isinstance(name, str) else ""
    if not 1 <= len(trimmed) <= MAX_NAME:
        raise wrong(field, f"is not a text of 1 to {MAX_NAME} characters")
    if has_half_a_pair(trimmed):
        raise wrong(field, "contains half of a surrogate pair")
    if invisible := find_invisible_in_name(trimmed):
        raise wrong(field, f"contains the character {invisible}")
    return trimmed


def _encode_counted(entry: Entry, whole: bool = False) -> Command:
    """Return a command that encodes a list with the number of its contacts."""
    members = Search(kind=CONTACTS, page=1, size=1, refers={_LIST_ID: entry.number})
    return Chain(members, lambda page: _encode_lists([entry], {entry.number: page.found}, _first, whole))


def _first(shown: Sequence[Any]) -> Any:
    return shown[0]


def _encode_lists(
    entries: Sequence[Entry], contacts: Mapping[int, int], then: Callable[[Any], Any], whole: bool = False
) -> Command:
    """Return a command that encodes lists; its result is what `then` returns for them. `contacts`: the number
    in each list, by id."""

    def show(users: Sequence[User]) -> Command:
        owners = {user.id: user for user in users}
        return Return(
            then(
                [
                    encode_list(entry)
                    | {
                        "owner": encode_owner(owners.get(_owner(entry)), whole=whole),
                        "contacts": contacts.get(entry.number, 0),
                    }
                    for entry in entries
                ]
            )
        )

    return Chain(FindUsers(ids={_owner(entry) for entry in entries}), show)


def _owner(entry: Entry) -> int:
    return entry.details.get("owner") or 0


def _reply(status: int, shown: dict[str, Any]) -> Reply:
    return Reply(status, json_encode({"list": shown}), JSON)
