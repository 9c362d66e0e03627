"""Authors: the names of those who created and changed records and entries."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.model.caller import Author
from contactory.model.commands import Record
from contactory.model.directory import Entry
from contactory.store import access
from contactory.store.database import Transaction


def name_authors(transaction: Transaction, written: Sequence[Record] | Sequence[Entry]) -> None:
    """Add the names of the authors of records or entries, with one query for all."""
    ids = {author.id for item in written for author in (item.created_by, item.updated_by)} - {0}
    names = access.find_authors(transaction, ids) if ids else {}
    for item in written:
        item.created_by = _named(item.created_by, names)
        item.updated_by = _named(item.updated_by, names)


def _named(author: Author, names: dict[int, str]) -> Author:
    return author._replace(name=names.get(author.id, ""))
