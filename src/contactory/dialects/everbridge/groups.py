"""The calls for members of groups."""

from __future__ import annotations

from typing import Any

from contactory.dialects.base import Call, Request
from contactory.dialects.everbridge import queries
from contactory.dialects.everbridge.bodies import Items, read_items
from contactory.dialects.everbridge.names import GROUP
from contactory.dialects.everbridge.problems import bad, check_organization
from contactory.dialects.everbridge.replies import encode_batch
from contactory.dialects.everbridge.targets import by_external_id
from contactory.dialects.everbridge.values import gives_id
from contactory.model.bulk import BulkWrite, Outcomes, Rows
from contactory.model.characters import find_invisible, trim_key
from contactory.model.commands import Chain, Command, RemoveFromSet, Return
from contactory.model.directory import Directory, Entry, FindEntries, SaveEntry
from contactory.model.fields import CONTACTS
from contactory.model.keys import Keys
from contactory.model.problems import Code, Problem, Refusal

_members = Items.of(int | str | float)


def find_group(request: Request) -> Chain:
    """Return a command that finds the group in the query. Raises Refusal (BAD_VALUE, NOT_FOUND)."""
    query = request.query
    by_name = queries.choice(query, "byType", ("id", "name"), "id") == "name"
    name, id_ = (
        queries.one(query, "groupName"),
        queries.one(query, "groupId") or queries.one(query, "groupIds"),
    )
    if not gives_id(id_):
        id_ = ""
    if not id_ and name:
        by_name = True
    if not (name if by_name else id_):
        raise bad("groupName is required." if by_name else "groupId is required.")
    if "\0" in name:
        raise bad("groupName contains the character U+0000.")
    number = 0 if by_name else queries.whole_number(id_, "groupId")
    find = FindEntries(names=[(GROUP, name)]) if by_name else FindEntries(numbers=[(GROUP, number)])

    def answer(directory: Directory) -> Command:
        found = directory.named(GROUP, name) if by_name else directory.numbered(GROUP, number)
        if found is None:
            raise Refusal(Problem(code=Code.NOT_FOUND, kind=GROUP, value=name if by_name else id_))
        return Return(found)

    return Chain(find, answer)


def decode_join(max_rows: int, request: Request) -> Call:
    check_organization(request)
    named = _read_named(request, max_rows)
    return Call(Chain(find_group(request), lambda group: _join(group, named)), encode_batch)


def decode_leave(max_rows: int, request: Request) -> Call:
    check_organization(request)
    named = _read_named(request, max_rows)

    def leave(group: Entry) -> Command:
        return RemoveFromSet(kind=CONTACTS, field="group_ids", value=group.number, **named)

    return Call(Chain(find_group(request), leave), encode_batch)


def decode_sequence(max_rows: int, request: Request) -> Call:
    """Decode a new sequence: the group has these members in this order, and no others."""
    check_organization(request)
    named = _read_named(request, max_rows)

    def replace_members(group: Entry) -> Command:
        remove_all = RemoveFromSet(kind=CONTACTS, field="group_ids", value=group.number)
        return Chain(
            remove_all, lambda _: Chain(_join(group, named), lambda joined: _save_sequence(group, joined))
        )

    return Call(Chain(find_group(request), replace_members), encode_batch)


def _save_sequence(group: Entry, joined: Outcomes) -> Command:
    order = [id_ for row, id_ in enumerate(joined.ids) if row not in joined.problems]
    details = {"enableSequencedContact": True, "contacts": order}
    save = SaveEntry(kind=GROUP, number=group.number, name=group.name, details=details)
    return Chain(save, lambda _: Return(joined))


def _join(group: Entry, named: dict[str, Any]) -> BulkWrite:
    ids, keys = named["ids"], named["keys"]
    count = len(ids if ids is not None else keys.keys)
    return BulkWrite(
        kind=CONTACTS,
        key_name=named["key_name"],
        may_create=False,
        rows=Rows(count=count, ids=ids, keys=keys, columns={"group_ids": [(group.number,)] * count}),
    )


def _read_named(request: Request, max_rows: int) -> dict[str, Any]:
    """Read the contacts of the body, by the idType of the query."""
    return read_members(
        request, queries.choice(request.query, "idType", ("id", "externalId"), "id"), max_rows
    )


def read_members(request: Request, id_type: str, max_rows: int) -> dict[str, Any]:
    """Read the contacts of the body, as the fields `key_name`, `ids` and `keys` of a command. Raises
    Refusal."""
    members = read_items(_members, request.body, max_rows, "contacts")
    if id_type == "id":
        return {"key_name": "id", "ids": queries.numbers(members, "id"), "keys": None}
    for member in map(str, members):
        if invisible := find_invisible(trim_key(member)):
            raise bad(f"externalId contains the character {invisible}.")
    keys: Keys = by_external_id(queries.texts(members, "externalId"))
    return {"key_name": "externalId", "ids": None, "keys": keys}
