"""Import and export of an account with its ids: lists and contacts. Owners must be users of the
organization."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Final

import msgspec

from contactory.dialects.accounts import Item, ItemsError
from contactory.dialects.base import Call, Request
from contactory.dialects.datananas import lists, problems
from contactory.dialects.datananas.answers import CONTACTS, LISTS, Answers
from contactory.dialects.datananas.contacts import encode_page, show_contacts
from contactory.dialects.datananas.ids import decode_id
from contactory.dialects.datananas.rows import read_rows
from contactory.dialects.datananas.write import WriteOptions, find_errors, required_lookups, write_rows
from contactory.dialects.documents import Stream
from contactory.model.bulk import Rows
from contactory.model.caller import MANAGER, Caller
from contactory.model.commands import Chain, Command, Named, Page, Return, Search
from contactory.model.directory import LIST, Directory, Entry, FindEntries, FindUsers, PutEntries, User
from contactory.model.fields import CONTACTS as CONTACTS_KIND
from contactory.model.problems import Code, Problem, Refusal
from contactory.model.scopes import EVERYTHING

_PAGE: Final = 1000
_WORDS: Final = {
    Code.ID_TAKEN: "the _id is that of another contact",
    Code.ID_DIFFERS: "the contact is here with another _id",
    Code.BAD_ID: "the _id is out of bounds",
    Code.REFERENCE_NOT_FOUND: "owner is no user of the organization",
}


class DatananasAccount:
    definitions = (LISTS,)
    records = (CONTACTS,)
    has_secrets = False

    def read(self, stream: Stream) -> Answers:
        return Answers(stream)

    def organization_of(self, item: Item) -> int | None:  # noqa: ARG002 (answers do not say)
        return None

    def define(self, items: Sequence[Item]) -> Command:
        owners = {row: owner.lower() for row, item in enumerate(items) if (owner := _owner_of(item))}

        def put(users: Sequence[User]) -> Command:
            ids = {user.email.lower(): user.id for user in users}
            unknown = [items[row] for row, owner in owners.items() if owner not in ids]
            if unknown:
                raise ItemsError([(item, _WORDS[Code.REFERENCE_NOT_FOUND]) for item in unknown])
            given = {row: ids[owner] for row, owner in owners.items()}
            return PutEntries(entries=_read_lists(items, given))

        return Chain(FindUsers(emails=set(owners.values())), put)

    def read_record(self, item: Item) -> Any:
        if _id_of(item) is None:
            raise ItemsError([(item, "_id is not a text of 24 hexadecimal digits")])
        return item.document

    def write(self, resource: str, records: Sequence[Any]) -> Command:  # noqa: ARG002 (there is one)
        """Write contacts as calls do: absent fields stay. The list and the owner are replaced."""
        rows = read_rows(records, named=True)
        targets = [_list_of(record) for record in records]
        named = FindEntries(numbers={(LIST, number) for number in targets if number})

        def write(directory: Directory, users: Sequence[User], stored: Page) -> Command:
            errors = find_errors(rows, users)
            options = WriteOptions(moves=True, replaces_owner=True)
            bulk = write_rows(rows, users, _importer(), options, errors=errors)
            missing = {
                row: Problem(code=Code.BAD_VALUE, field="list", texts=("is no list of the organization",))
                for row, number in enumerate(targets)
                if number and directory.numbered(LIST, number) is None
            }
            assert isinstance(bulk.rows, Rows)  # noqa: S101 (they were read)
            given = _with_ids(bulk.rows, records, targets, {record.id for record in stored.records}, missing)
            return msgspec.structs.replace(bulk, rows=given)

        return Chain(
            named,
            lambda directory: Chain(
                required_lookups(rows),
                lambda users: Chain(_find_unnamed(records), lambda page: write(directory, users, page)),
            ),
        )

    def show(self, organization_id: int) -> Generator[Call, Any, None]:
        request = Request({}, {}, {}, b"", caller=_importer(organization_id))
        page, found = 0, 1
        while page * _PAGE < found:
            page += 1
            query = {"page": [str(page)], "perPage": [str(_PAGE)]}
            found = (yield lists.decode_list(request._replace(query=query)))[0].found
        size, last, shown = _PAGE, 0, [0] * _PAGE
        while len(shown) == size:
            search = Search(kind=CONTACTS_KIND, page=1, size=size, after=last, counted=False)
            try:
                shown, read = yield Call(show_contacts(search), encode_page)
            except Refusal as refusal:
                if refusal.problem.code is not Code.PAGE_TOO_LARGE or size == 1:
                    raise
                size //= 2
                shown = [0] * size
                continue
            last = read.records[-1].id if read.records else last

    def name(self, item: Item) -> str:
        called = item.document.get("name") or item.document.get("email")
        shown = f"{item.resource.removesuffix('s')} {item.document.get('_id', '')}"
        return f"{shown} ({str(called)[:60]})" if called else shown

    def describe(self, problem: Problem, item: Item | None = None) -> str:
        if item and item.resource == LISTS and problem.code is Code.ALREADY_EXISTS:
            return f"the name is that of list {int(problem.value):024x} of the organization"
        text = problem.texts[0] if problem.texts else _WORDS.get(problem.code, "")
        if not text:
            body = msgspec.json.decode(problems.refuse(problem).body)
            text = body.get("message") or body["reason"]
        return f"{problem.field} {text}".strip()


def _importer(organization_id: int = 0) -> Caller:
    return Caller(organization_id, None, None, frozenset([EVERYTHING]), MANAGER)


def _read_lists(items: Sequence[Item], owners: dict[int, int]) -> list[Entry]:
    """Read lists. Raises ItemsError with all errors, also for two with the same id or name."""
    entries: list[Entry] = []
    places: dict[int | str, Item] = {}
    faults = []
    for row, item in enumerate(items):
        number = _id_of(item)
        try:
            name = lists.check_name(item.document.get("name"))
        except Refusal as refusal:
            faults.append((item, msgspec.json.decode(refusal.problem.texts[0])["message"]))
            continue
        if number is None:
            faults.append((item, "_id is not a text of 24 hexadecimal digits"))
            continue
        for key, what in ((number, "_id"), (name, "name")):
            if (same := places.setdefault(key, item)) is not item:
                faults.append((item, f"the {what} is also that of {same.place}"))
        details = {"owner": owners.get(row, 0)}
        entries.append(Entry(kind=LIST, number=number, name=name, details=details))
    if faults:
        raise ItemsError(faults)
    return entries


def _find_unnamed(records: Sequence[Any]) -> Command:
    """Return a command that finds the stored contacts among those whose only key is their _id."""
    ids = [decode_id(record["_id"]) for record in records if not _has_identity(record)]
    wanted = [id_ for id_ in ids if id_]
    if not wanted:
        return Return(Page([], 0))
    return Search(kind=CONTACTS_KIND, page=1, size=len(wanted), named=Named(ids=wanted), counted=False)


def _with_ids(
    given: Rows,
    records: Sequence[Any],
    targets: Sequence[int | None],
    stored: set[int],
    missing: dict[int, Problem],
) -> Rows:
    """Return the same rows with the ids and lists of the contacts."""
    ids = [decode_id(record["_id"]) for record in records]
    known = [
        id_ if id_ in stored and not _has_identity(record) else None
        for id_, record in zip(ids, records, strict=True)
    ]
    return msgspec.structs.replace(
        given,
        ids=known if any(known) else None,
        given_ids=ids,
        columns=given.columns | {"list_id": list(targets)},
        refused=missing | given.refused,
    )


def _has_identity(record: Any) -> bool:
    return bool(record.get("email") or record.get("linkedin"))


def _id_of(item: Item) -> int | None:
    given = item.document.get("_id")
    return decode_id(given) if isinstance(given, str) else None


def _owner_of(item: Item) -> str:
    owner = item.document.get("owner")
    email = owner.get("email") if isinstance(owner, dict) else owner
    return email if isinstance(email, str) else ""


def _list_of(record: Any) -> int | None:
    given = record.get("list")
    id_ = given.get("_id") if isinstance(given, dict) else given
    return decode_id(id_) if isinstance(id_, str) else None
