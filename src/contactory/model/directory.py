"""Directory: named entries of an organization that its contacts refer to, such as groups."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from contactory.model.caller import Author

LIST: Final = "list"
"""Kind of entry that has owners: `owner` in its details is a user's id; 0, or none, is no owner."""
PATH: Final = "path"
"""Kind of entry to which the paths of contacts refer. One that a contact refers to cannot be deleted. The
caller of a deletion must prevent that a contact gets such a path meanwhile."""


class Entry(msgspec.Struct, kw_only=True):
    """Entry of the directory. `number`: its id for contacts and clients; `details`: further properties, as
    the vendor's API has them."""

    kind: str
    number: int
    name: str
    details: dict[str, Any] = {}
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: Author = Author()
    updated_by: Author = Author()


class Directory:
    """Entries by number and by name. Names are exact. `is_complete`: False where there are more than were
    wanted at most; then there are none."""

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
        """Return a list in an entry's details as a set, which is cached."""
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
    """Find entries by kind and number, by kind and name, and all of some kinds. The result is a Directory.

    refuses: raise Refusal (LIST_NOT_OWNED) where a requested list belongs to another user; otherwise it is
    left out.
    to_refer: records that refer to the entries are written next, so the organization is locked, shared,
    against exclusive changes of entries.
    at_most: where more entries than this, or too many bytes of them, are found, the Directory is not complete
    and has none.
    """

    numbers: Collection[tuple[str, int]] = ()
    names: Collection[tuple[str, str]] = ()
    kinds: Collection[str] = ()
    refuses: bool = True
    to_refer: bool = False
    at_most: int | None = None
    with_authors: bool = False


class ListEntries(msgspec.Struct, kw_only=True):
    """List a page of a kind's entries, in the order of creation, or `by_place`. The result is an EntryPage.
    `referred_by`: a field of contacts; those that refer to each entry by it are counted."""

    kind: str
    page: int = 1
    size: int = 2**31 - 1
    referred_by: str = ""
    by_place: bool = False
    with_authors: bool = False


class EntryPage(msgspec.Struct):
    """Entries of a page, and the number of entries on all pages. `contacts`: how many refer to an entry, by
    its number, if requested; an entry to which none refers is not in it."""

    entries: Sequence[Entry]
    found: int
    contacts: dict[int, int] = {}


class SaveEntry(msgspec.Struct, kw_only=True):
    """Create an entry, or with a number change one. Details that are given replace those that are stored. The
    result is the Entry.

    as_number: the number of a new entry.
    may_exist: the caller found no entry with the name and would accept one: where another call has created it
    meanwhile, the transaction is retried, and finds it.
    place: the place of the entry among those of its kind, counted from 1 (a larger number is the last place).
    The others keep their order, and `seq` in the details of each is its place. None: the entry is not moved.

    Raises Refusal (NOT_FOUND; ALREADY_EXISTS for a name or an `as_number` that another entry has; BAD_ID for
    an `as_number` out of bounds).
    """

    kind: str
    number: int | None = None
    as_number: int | None = None
    name: str
    details: dict[str, Any] = {}
    may_exist: bool = False
    place: int | None = None


class PutEntries(msgspec.Struct, kw_only=True):
    """Create entries with the numbers that they have, and change stored ones as SaveEntry does. The entries
    of these kinds with which the organization was created are removed, as long as there are no contacts.

    The result is Outcomes, whose `ids` are the numbers. A name that another entry has is a problem
    (ALREADY_EXISTS, whose `value` is the number of that entry), and so is a number out of bounds (BAD_ID);
    where there is any problem nothing is written. No two given entries of a kind may have the same number or
    the same name.
    """

    entries: Sequence[Entry]


class DeleteEntry(msgspec.Struct, kw_only=True):
    """Delete an entry. The result is the deleted Entry. References to entries of other kinds are up to the
    caller.

    Raises Refusal (NOT_FOUND; ALREADY_EXISTS where contacts are in the list; IN_USE where contacts have such
    a path).
    """

    kind: str
    number: int


class FindUsers(msgspec.Struct, kw_only=True):
    """Find users by e-mail, compared without case, and by id. The result is a list of User."""

    emails: Collection[str] = ()
    ids: Collection[int] = ()


class User(msgspec.Struct):
    id: int
    email: str
    role: str
    first_name: str = ""
    last_name: str = ""


class FindOrganization(msgspec.Struct):
    """Find the caller's organization. The result is an OrganizationView. `connects_of`: a user whose contacts
    from connect are counted."""

    connects_of: int | None = None


class OrganizationView(msgspec.Struct):
    id: int
    name: str
    contacts: int
    total_contacts_quota: int = 0  # 0: no limit
    daily_connect_quota: int = 0
    connects: int = 0  # contacts that a user has created from connect today
