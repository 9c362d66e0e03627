"""The directory: one function per query."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from psycopg.sql import Identifier

from contactory.model.caller import Author
from contactory.model.directory import DeleteEntry, Entry, EntryPage, FindEntries, ListEntries, SaveEntry
from contactory.model.fields import CONTACTS
from contactory.model.limits import LARGEST_PAGE
from contactory.store.database import Transaction
from contactory.store.loading import mapping
from contactory.store.pages import check_page
from contactory.store.queries import compose


def find_entries(transaction: Transaction, wanted: FindEntries) -> list[Entry] | None:
    """Find entries with two passes over an index, however many numbers and names there are. Return None where
    there are more than are wanted at most."""
    rows = transaction.rows(
        "find_entries",
        numbers=_json(wanted.numbers),
        names=_json(wanted.names),
        kinds=list(wanted.kinds),
        most=LARGEST_PAGE,
        limit=None if wanted.at_most is None else wanted.at_most + 1,
    )
    if wanted.at_most is not None and rows and (len(rows) < rows[0][-1] or len(rows) > wanted.at_most):
        return None
    check_page(rows)
    return [_entry(row[:-2]) for row in rows]


def list_entries(transaction: Transaction, wanted: ListEntries) -> EntryPage:
    skip = (wanted.page - 1) * wanted.size
    rows = transaction.rows(
        "list_entries",
        kind=wanted.kind,
        by_place=wanted.by_place,
        size=wanted.size,
        skip=skip,
        most=LARGEST_PAGE,
    )
    check_page(rows)
    found = transaction.row("count_entries", kind=wanted.kind)[0]
    return EntryPage([_entry(row[:-2]) for row in rows], found)


def save_entry(transaction: Transaction, wanted: SaveEntry) -> Entry | None:
    """Add or change an entry; return None where there is no entry to change, or where another call has just
    taken the name or the number of a new one."""
    query = "add_entry" if wanted.number is None else "change_entry"
    row = transaction.row(
        query,
        kind=wanted.kind,
        number=wanted.number,
        as_number=wanted.as_number,
        name=wanted.name,
        details=msgspec.json.encode(wanted.details).decode(),
    )
    return _entry(row) if row else None


NameOf = dict[tuple[str, int], str]
"""Names of entries, by kind and number."""


def find_matching_entries(transaction: Transaction, given: Sequence[Entry]) -> NameOf:
    """Find the stored entries that have the number or the name of a given one, except those that
    `remove_seed_entries` removes."""
    rows = transaction.rows("find_matching_entries", entries=_given(given))
    return {(kind, number): name for kind, number, name in rows}


def remove_seed_entries(transaction: Transaction, given: Sequence[Entry]) -> None:
    """Remove the entries with which the organization was created, of the kinds of the given entries and
    except these, if there are no contacts."""
    transaction.run("remove_seed_entries", entries=_given(given))


def free_names(transaction: Transaction, entries: Sequence[tuple[str, int]]) -> None:
    """Give entries temporary names that no client can give."""
    if entries:
        transaction.run("free_names", numbers=_json(entries))


def put_entries(transaction: Transaction, given: Sequence[Entry]) -> set[tuple[str, int]]:
    """Create or change entries by their numbers; return those that were written, by kind and number."""
    return set(transaction.rows("put_entries", entries=_given(given)))


def _given(entries: Sequence[Entry]) -> str:
    rows = [(entry.kind, entry.number, entry.name, entry.details) for entry in entries]
    return msgspec.json.encode(rows).decode()


def place_entry(transaction: Transaction, entry: Entry, place: int) -> Entry:
    """Move an entry to a place, counted from 1, among those of its kind; return it as it is then."""
    transaction.run("place_entry", kind=entry.kind, number=entry.number, place=place)
    return _entry(transaction.row("read_entry", kind=entry.kind, number=entry.number))


def delete_entry(transaction: Transaction, wanted: DeleteEntry) -> Entry | None:
    row = transaction.row("delete_entry", kind=wanted.kind, number=wanted.number)
    return _entry(row) if row else None


def has_hidden_list(transaction: Transaction, numbers: Collection[int], names: Collection[str]) -> bool:
    """Tell whether one of these lists belongs to another user than the one to whom lists are limited."""
    if transaction.actor.lists_of is None:
        return False
    return bool(transaction.row("has_hidden_list", numbers=list(numbers), names=list(names))[0])


def is_list_used(transaction: Transaction, number: int) -> bool:
    """Tell whether any contact, of any owner, is in the list."""
    return bool(transaction.row("is_list_used", number=number)[0])


def is_path_used(transaction: Transaction, number: int) -> bool:
    """Tell whether any contact has a path of this number."""
    return bool(transaction.row("is_path_used", number=number)[0])


def count_contacts(transaction: Transaction) -> int:
    return int(transaction.row("count_contacts")[0])


def count_all_contacts(transaction: Transaction) -> int:
    """Count the contacts of the whole organization, also where the transaction sees some of them only."""
    return int(transaction.row("count_all_contacts")[0])


def count_referring(transaction: Transaction, field: str, ids: Sequence[int]) -> dict[int, int]:
    """Count the contacts that refer to each of some entries by a field."""
    query = compose("count_referring", CONTACTS, field=Identifier(field))
    return dict(transaction.rows(query, ids=list(ids)))


def _entry(row: Any) -> Entry:
    kind, number, name, details, created_at, updated_at, created_by, updated_by = row
    return Entry(
        kind=kind,
        number=number,
        name=name,
        details=mapping(details, kind, number),
        created_at=created_at,
        updated_at=updated_at,
        created_by=Author(created_by),
        updated_by=Author(updated_by),
    )


def _json(pairs: Any) -> str:
    return msgspec.json.encode(list(pairs)).decode()
