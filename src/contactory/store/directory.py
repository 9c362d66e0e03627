"""The directory, one function per query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg.sql import Identifier

from contactory.model.directory import DeleteEntry, Entry, EntryPage, FindEntries, ListEntries, SaveEntry
from contactory.model.fields import CONTACTS
from contactory.store.database import Transaction
from contactory.store.queries import compose


def find_entries(transaction: Transaction, wanted: FindEntries) -> list[Entry]:
    """Two passes over an index for all that is wanted, however many names."""
    rows = transaction.rows(
        "find_entries",
        numbers=_json(wanted.numbers),
        names=_json(wanted.names),
        kinds=list(wanted.kinds),
    )
    return [_entry(row) for row in rows]


def list_entries(transaction: Transaction, wanted: ListEntries) -> EntryPage:
    skip = (wanted.page - 1) * wanted.size
    rows = transaction.rows("list_entries", kind=wanted.kind, size=wanted.size, skip=skip)
    found = transaction.row("count_entries", kind=wanted.kind)[0]
    return EntryPage([_entry(row) for row in rows], found)


def save_entry(transaction: Transaction, wanted: SaveEntry) -> Entry | None:
    """None where there is no entry to change, or another call has just taken the name of a new one."""
    query = "add_entry" if wanted.number is None else "change_entry"
    details = msgspec.json.encode(wanted.details).decode()
    row = transaction.row(query, kind=wanted.kind, number=wanted.number, name=wanted.name, details=details)
    return _entry(row) if row else None


def delete_entry(transaction: Transaction, wanted: DeleteEntry) -> Entry | None:
    row = transaction.row("delete_entry", kind=wanted.kind, number=wanted.number)
    return _entry(row) if row else None


def count_contacts(transaction: Transaction) -> int:
    return int(transaction.row("count_contacts")[0])


def count_referring(transaction: Transaction, field: str, ids: Sequence[int]) -> dict[int, int]:
    """How many contacts refer to each of some entries by a field."""
    query = compose("count_referring", CONTACTS, field=Identifier(field))
    return dict(transaction.rows(query, ids=list(ids)))


def _entry(row: Any) -> Entry:
    kind, number, name, details, created_at, updated_at = row
    return Entry(
        kind=kind, number=number, name=name, details=details, created_at=created_at, updated_at=updated_at
    )


def _json(pairs: Any) -> str:
    return msgspec.json.encode(list(pairs)).decode()
