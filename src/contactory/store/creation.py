"""Making new records: COPY straight into the partitions of their tables, where no
row-level security holds, and the organization is the transaction's and cannot be given."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import repeat
from typing import Final

from psycopg.sql import SQL, Composed

from contactory.model.fields import Kind
from contactory.store.columns import WIRE_TYPES, Column, created, to_wire
from contactory.store.database import Transaction
from contactory.store.queries import QUERIES, compose
from contactory.store.records import Given, and_fields


class NewRecords:
    """The records that a write makes, about `expected` ones: first themselves, then the keys of them all."""

    def __init__(self, transaction: Transaction, kind: Kind, expected: int = 0) -> None:
        self._transaction = transaction
        self._kind = kind
        self._next = self._reserve(expected)
        self._left = expected
        self._identities: list[tuple[int, int, str]] = []

    def take_ids(self, amount: int) -> int:
        """The first of a block; 0 for an empty block."""
        if amount > self._left:
            self._next, self._left = self._reserve(amount), amount
        first = self._next if amount else 0
        self._next += amount
        self._left -= amount
        return first

    def insert(
        self, given: Given, ids: Sequence[int], scheme_ids: Sequence[int], keys: Sequence[str]
    ) -> None:
        """Each is going to be known by a key in a scheme; by none where the key is "", or there are none."""
        self._identities += (identity for identity in zip(ids, scheme_ids, keys, strict=False) if identity[2])
        types = ["int8", "bytea", "text", *(WIRE_TYPES[column.type] for column in given.columns)]
        values = [
            to_wire(column.type, created(column, column_values))
            for column, column_values in zip(given.columns, given.values, strict=True)
        ]
        rows = zip(ids, given.digests, keys or repeat("", len(ids)), *values, strict=True)
        self._transaction.copy(_insert_records(self._kind, given.columns), types, rows)

    def make_known(self) -> None:
        """By their keys. Contended comes of one that another transaction has taken meanwhile."""
        if self._identities:
            self._transaction.copy(_INSERT_IDENTITIES, ["int8", "int4", "text"], self._identities)
            self._identities = []

    def _reserve(self, amount: int) -> int:
        return int(self._transaction.row("reserve_ids", amount=amount)[0]) if amount else 0


_INSERT_IDENTITIES: Final = SQL(QUERIES["insert_identities"]).format()


@cache
def _insert_records(kind: Kind, columns: tuple[Column, ...]) -> Composed:
    return compose("insert_records", kind, and_fields=and_fields(columns))
