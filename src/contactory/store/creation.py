"""Making new records: COPY straight into the partitions of their tables, where the organization is the
transaction's and cannot be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from psycopg.sql import SQL

from contactory.columns.column import Ids, RowNumbers, RowSelection, StringColumn
from contactory.columns.jit import Ints
from contactory.model.fields import Kind
from contactory.model.limits import MOST_STATEMENTS
from contactory.store.columns import WIRE_TYPES, Column, created, texts_to_wire, to_wire
from contactory.store.database import Transaction
from contactory.store.queries import QUERIES, compose
from contactory.store.records import Given, and_fields

Identity = tuple[int, int, str]
"""A record's id, a scheme and a key."""


class Identities(NamedTuple):
    """The same as columns."""

    record_ids: Ids
    scheme_ids: Ints
    keys: StringColumn

    @classmethod
    def of(cls, rows: Sequence[Identity]) -> Identities:
        ids, schemes, keys = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(np.array(ids, np.int64), np.array(schemes, np.int32), StringColumn.from_values(keys))

    def take(self, rows: RowSelection) -> Identities:
        return Identities(self.record_ids[rows], self.scheme_ids[rows], self.keys.take(rows))

    def rows(self) -> list[Identity]:
        return [*zip(self.record_ids.tolist(), self.scheme_ids.tolist(), self.keys.strings(), strict=True)]

    def in_order(self) -> Identities:
        """In which all writers take them."""
        names: list[Any] = self.keys.strings()
        if (self.scheme_ids != self.scheme_ids[:1]).any():
            names = [*zip(names, self.scheme_ids.tolist(), strict=True)]
        return self.take(sorted(range(len(names)), key=names.__getitem__))


class NewRecords:
    """The records that `count` rows make; `ids` has theirs, by the rows that make them, and else 0. Their
    keys come first: of two writes of the same record, one is to learn of it before it has done more."""

    def __init__(self, transaction: Transaction, kind: Kind, count: int) -> None:
        self.ids = np.zeros(count, np.int64)
        self._transaction = transaction
        self._kind = kind

    def reserve(self, rows: RowNumbers, given: Mapping[int, int] = {}) -> None:
        """Ids for the records that these are going to make; `given` has those of some of the rows."""
        if given:
            self.ids[rows] = [given.get(row, 0) for row in rows.tolist()]
            rows = rows[self.ids[rows] == 0]
        if len(rows):
            first = int(self._transaction.row("reserve_ids", amount=len(rows))[0])
            self.ids[rows] = np.arange(first, first + len(rows))

    def make_known(self, identities: Identities) -> None:
        """By their keys. Contended comes of one that another transaction has taken meanwhile."""
        if len(identities.keys):
            self._transaction.copy(_INSERT_IDENTITIES, ["int8", "int4", "text"], identities.in_order())

    def insert(
        self, given: Given, ids: Ids, keys: Sequence[str], further: Sequence[Sequence[str]] | None = None
    ) -> None:
        """`keys` are their first ones, "" where they have none; `further` those that they have beside these,
        if any record does."""
        types = ["int8", "bytea", "text", "int8", *(WIRE_TYPES[column.type] for column in given.columns)]
        values = [
            to_wire(column.type, created(self._kind, column, column_values))
            for column, column_values in zip(given.columns, given.values, strict=True)
        ]
        if further is not None:
            types.append("bytea")
            values.append([texts_to_wire(texts) for texts in further])
        statement = _insert_records(self._kind, given.columns, further=further is not None)
        authors = np.full(len(ids), self._transaction.actor.author_id, np.int64)
        self._transaction.copy(statement, types, [ids, given.digests, keys, authors, *values])

    def forget(self, identities: Identities) -> None:
        """Those of records that came to nothing are nobody's."""
        if len(identities.keys):
            given = msgspec.json.encode(identities.rows()).decode()
            self._transaction.run("forget_identities", identities=given)


_INSERT_IDENTITIES: Final = SQL(QUERIES["insert_identities"]).format().as_bytes()


@lru_cache(MOST_STATEMENTS)
def _insert_records(kind: Kind, columns: tuple[Column, ...], *, further: bool) -> bytes:
    fields = and_fields(columns)
    return compose("insert_records", kind, and_fields=fields + SQL(", identity_keys") if further else fields)
