"""The directory: find, list, save and delete entries."""

from __future__ import annotations

from contactory.core.authors import name_authors
from contactory.model.directory import (
    LIST,
    PATH,
    DeleteEntry,
    Directory,
    Entry,
    EntryPage,
    FindEntries,
    FindOrganization,
    FindUsers,
    ListEntries,
    OrganizationView,
    SaveEntry,
    User,
)
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import access, directory, jobs, records
from contactory.store.database import Transaction
from contactory.store.errors import Contended


def run_directory_command(
    transaction: Transaction, command: FindEntries | ListEntries | SaveEntry | DeleteEntry
) -> Directory | EntryPage | Entry:
    """Run a command; its docstring tells the result and the problems."""
    match command:
        case FindEntries():
            return _find(transaction, command)
        case ListEntries():
            return _list(transaction, command)
        case SaveEntry():
            return _save(transaction, command)
        case DeleteEntry():
            return _delete(transaction, command)


def find_users(transaction: Transaction, wanted: FindUsers) -> list[User]:
    found = access.find_users(transaction, wanted.emails, wanted.ids)
    return [User(user.id, user.email, user.role, user.first_name, user.last_name) for user in found]


def find_organization(transaction: Transaction, wanted: FindOrganization) -> OrganizationView:
    found = access.find_organization(transaction)
    assert found is not None  # noqa: S101 (the caller belongs to it)
    connects_of = wanted.connects_of
    return OrganizationView(
        found.id,
        found.name,
        directory.count_contacts(transaction),
        found.total_contacts_quota,
        found.daily_connect_quota,
        0 if connects_of is None else jobs.find_connect_used(transaction, connects_of),
    )


def _list(transaction: Transaction, wanted: ListEntries) -> EntryPage:
    page = directory.list_entries(transaction, wanted)
    if wanted.with_authors:
        name_authors(transaction, page.entries)
    if wanted.referred_by and page.entries:
        numbers = [entry.number for entry in page.entries]
        page.contacts = directory.count_referring(transaction, wanted.referred_by, numbers)
    return page


def _find(transaction: Transaction, command: FindEntries) -> Directory:
    """Find entries. Raises Refusal (LIST_NOT_OWNED), if the command `refuses`, where a list that is not found
    belongs to another user."""
    if command.to_refer:
        records.lock_organization(transaction, exclusive=False)
    entries = directory.find_entries(transaction, command)
    if entries is None:
        return Directory((), is_complete=False)
    if command.with_authors:
        name_authors(transaction, entries)
    found = Directory(entries)
    if not command.refuses:
        return found
    numbers = [
        number for kind, number in command.numbers if kind == LIST and not found.numbered(kind, number)
    ]
    names = [name for kind, name in command.names if kind == LIST and not found.named(kind, name)]
    if (numbers or names) and directory.has_hidden_list(transaction, numbers, names):
        raise Refusal(Problem(code=Code.LIST_NOT_OWNED, kind=LIST))
    return found


def _delete(transaction: Transaction, command: DeleteEntry) -> Entry:
    if command.kind == PATH:
        return _delete_path(transaction, command)
    records.lock_organization(transaction, exclusive=True)  # No other write may be about to refer to it.
    if command.kind == LIST and directory.is_list_used(transaction, command.number):
        raise Refusal(Problem(code=Code.ALREADY_EXISTS, kind=command.kind))
    return directory.delete_entry(transaction, command) or _not_found(command)


def _delete_path(transaction: Transaction, command: DeleteEntry) -> Entry:
    """Delete a path. Other writes go on meanwhile, since the search for contacts that have it may take
    long."""
    entry = directory.delete_entry(transaction, command) or _not_found(command)
    if directory.is_path_used(transaction, command.number):
        raise Refusal(Problem(code=Code.IN_USE, kind=command.kind, key="id", value=str(command.number)))
    return entry


def _save(transaction: Transaction, command: SaveEntry) -> Entry:
    """Save an entry. Raises Contended where another call has taken the name or the number since they were
    looked up; a retry finds that."""
    # A retry locks exclusively, so that no other call saves an entry then. Paths are always saved
    # exclusively: the others are numbered anew, and no contact may be written by their old numbers.
    records.lock_organization(transaction, exclusive=command.kind == PATH)
    problem = _refuse(transaction, command)
    if problem is not None:
        if command.may_exist and problem.key == "name":
            raise Contended
        raise Refusal(problem)
    saved = directory.save_entry(transaction, command)
    if saved is None and command.number is None:
        raise Contended
    if saved is not None and command.place is not None:
        return directory.place_entry(transaction, saved, command.place)
    return saved or _not_found(command)


def _refuse(transaction: Transaction, command: SaveEntry) -> Problem | None:
    """Return the problem of the given number or name, or None. Another entry that has it counts even if it is
    hidden from the caller."""
    kind, number, name = command.kind, command.as_number, command.name
    if number is not None and not 0 < number <= LARGEST_GIVEN_ID:
        return Problem(code=Code.BAD_ID, kind=kind, field="id", value=str(number))
    numbers = [] if number is None else [number]
    wanted = FindEntries(numbers=[(kind, number) for number in numbers], names=[(kind, name)])
    entries = directory.find_entries(transaction, wanted) or ()
    found = [entry for entry in entries if entry.number != command.number]

    def is_hidden(numbers: list[int], names: list[str]) -> bool:
        return kind == LIST and directory.has_hidden_list(transaction, numbers, names)

    if number is not None and (any(entry.number == number for entry in found) or is_hidden(numbers, [])):
        return Problem(code=Code.ALREADY_EXISTS, kind=kind, key="id", value=str(number))
    if any(entry.name == name for entry in found) or is_hidden([], [name]):
        return Problem(code=Code.ALREADY_EXISTS, kind=kind, key="name", value=name)
    return None


def _not_found(command: SaveEntry | DeleteEntry) -> Entry:
    raise Refusal(Problem(code=Code.NOT_FOUND, kind=command.kind, key="id", value=str(command.number)))
