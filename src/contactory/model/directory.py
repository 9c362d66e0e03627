"""The directory: named things of an organization that its contacts refer to, such as groups."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from contactory.model.caller import Author

LIST: Final = "list"
"""A kind of entry that has owners: `owner` in its details is a user's id, 0 or nothing is nobody's."""
PATH: Final = "path"
"""A kind of entry to which the paths of contacts refer: none is deleted while a contact has such a path. Who
deletes one sees to it that no contact gets such a path meanwhile."""


class Entry(msgspec.Struct, kw_only=True):
    """`number` is how contacts and clients refer to it; `details` is what else the vendor lets one say."""

    kind: str
    number: int
    name: str
    details: dict[str, Any] = {}
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: Author = Author()
    updated_by: Author = Author()


class Directory:
    """Some entries, to be found by number or by name. Names are exact. `is_complete`: False where there are
    more than were wanted, and so none is here."""

    def __init__(self, entries: Collection[Entry], *, is_complete: bool = True) -> None:
        self.is_complete = is_complete
        self._entries = entries
        self._listed: dict[tuple[str, int, str], frozenset[Any]] = {}
        self._by_number = {(entry.kind, entry.number): entry for entry in entries}
        self._by_name = {(entry.kind, entry.name): entry for entry in entries}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def listed(self, entry: Entry, detail: str) -> frozenset[Any]:
        """A list among an entry's details as a set, which is made once however often it is asked for."""
        name = entry.kind, entry.number, detail
        if name not in self._listed:
            found = entry.details.get(detail)
            self._listed[name] = frozenset(map(str, found)) if isinstance(found, list) else frozenset()
        return self._listed[name]

    def numbered(self, kind: str, number: int) -> Entry | None:
        return self._by_number.get((kind, number))

    def named(self, kind: str, name: str) -> Entry | None:
        return self._by_name.get((kind, name))


class FindEntries(msgspec.Struct, kw_only=True):
    """Entries by kind and number, by kind and name, and all of some kinds. Answers a Directory, or refuses
    with LIST_NOT_OWNED where a list that is asked for is another user's. Unless it `refuses`, such a list is
    left out. `to_refer`: records that refer to them are written next, and nobody changes them meanwhile who
    has to be alone for that. `at_most`: where more entries than this, or too many bytes of them, are found,
    the Directory is not complete and has none."""

    numbers: Collection[tuple[str, int]] = ()
    names: Collection[tuple[str, str]] = ()
    kinds: Collection[str] = ()
    refuses: bool = True
    to_refer: bool = False
    at_most: int | None = None
    with_authors: bool = False


class ListEntries(msgspec.Struct, kw_only=True):
    """A page of a kind's entries, in the order of their making, or `by_place`. Answers an EntryPage.
    `referred_by`: a field of contacts by which those that refer to each entry are counted."""

    kind: str
    page: int = 1
    size: int = 2**31 - 1
    referred_by: str = ""
    by_place: bool = False
    with_authors: bool = False


class EntryPage(msgspec.Struct):
    entries: Sequence[Entry]
    found: int
    contacts: dict[
        int, int
    ] = {}  # by number, where they are counted; none refer to an entry that is not here


class SaveEntry(msgspec.Struct, kw_only=True):
    """Make an entry, or with a number change one. Of the details, those given take the place of those that
    are stored. Answers the Entry, or refuses with NOT_FOUND, or ALREADY_EXISTS for a name that is taken.

    as_number: the number that a new entry gets. It is refused with ALREADY_EXISTS where an entry of the kind
    has it, and with BAD_ID out of bounds.

    may_exist: the caller has found none of that name, and would use one; where another call has made it
    meanwhile, everything is done again, and finds it.
    place: where the entry is to be among those of its kind, from 1 on (a number beyond all is the end). The
    others keep their order, and `seq` in the details of each counts from 1. None: the entry is not moved.
    """

    kind: str
    number: int | None = None
    as_number: int | None = None
    name: str
    details: dict[str, Any] = {}
    may_exist: bool = False
    place: int | None = None


class DeleteEntry(msgspec.Struct, kw_only=True):
    """Answers the Entry that is gone, or refuses with NOT_FOUND, with ALREADY_EXISTS where contacts are in a
    list, or with IN_USE where contacts have paths of it. What refers to other kinds is left to the caller."""

    kind: str
    number: int


class FindUsers(msgspec.Struct, kw_only=True):
    """Users by e-mail, in whatever case, and by id. Answers a list of User."""

    emails: Collection[str] = ()
    ids: Collection[int] = ()


class User(msgspec.Struct):
    id: int
    email: str
    role: str
    first_name: str = ""
    last_name: str = ""


class FindOrganization(msgspec.Struct):
    """Answers an OrganizationView of the caller's own; with `connects` of a user, if they are asked for."""

    connects_of: int | None = None


class OrganizationView(msgspec.Struct):
    id: int
    name: str
    contacts: int
    total_contacts_quota: int = 0  # 0: no limit
    daily_connect_quota: int = 0
    connects: int = 0  # contacts that a user has created from connect today
