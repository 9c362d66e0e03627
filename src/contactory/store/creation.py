"""Making new records: COPY straight into the partitions of their tables, where the organization is the
transaction's and cannot be given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import Final

from psycopg.sql import SQL, Composed

from contactory.model.fields import Kind
from contactory.store.columns import WIRE_TYPES, Column, created, texts_to_wire, to_wire
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
        self._further: dict[int, list[str]] = {}

    def take_ids(self, amount: int) -> int:
        """The first of a block; 0 for an empty block."""
        if amount > self._left:
            self._next, self._left = self._reserve(amount), amount
        first = self._next if amount else 0
        self._next += amount
        self._left -= amount
        return first

    def add_keys(self, identities: Iterable[tuple[int, int, str]]) -> None:
        """Further keys of records that are about to be inserted, as (id, scheme id, key)."""
        for id_, scheme_id, key in identities:
            self._identities.append((id_, scheme_id, key))
            self._further.setdefault(id_, []).append(key)

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
        if self._further:
            types.append("bytea")
            values.append([texts_to_wire(self._further.get(id_, ())) for id_ in ids])
        rows = zip(ids, given.digests, keys or repeat("", len(ids)), *values, strict=True)
        statement = _insert_records(self._kind, given.columns, further=bool(self._further))
        self._transaction.copy(statement, types, rows)

    def make_known(self) -> None:
        """By their keys. Contended comes of one that another transaction has taken meanwhile."""
        if self._identities:
            if self._further:
                self._identities.sort(key=itemgetter(2, 1))
            self._transaction.copy(_INSERT_IDENTITIES, ["int8", "int4", "text"], self._identities)
            self._identities = []

    def _reserve(self, amount: int) -> int:
        return int(self._transaction.row("reserve_ids", amount=amount)[0]) if amount else 0


_INSERT_IDENTITIES: Final = SQL(QUERIES["insert_identities"]).format()


@cache
def _insert_records(kind: Kind, columns: tuple[Column, ...], *, further: bool) -> Composed:
    fields = and_fields(columns)
    return compose("insert_records", kind, and_fields=fields + SQL(", identity_keys") if further else fields)
