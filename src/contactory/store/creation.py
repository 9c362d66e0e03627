"""Creation of records: COPY straight into the partitions of their tables, in which the organization is that
of the transaction and cannot be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from psycopg.sql import SQL

from contactory.columns.column import Ids, RowSelection, StringColumn
from contactory.columns.jit import Ints
from contactory.model.fields import Kind
from contactory.model.limits import MOST_STATEMENTS
from contactory.store.binary import text_arrays
from contactory.store.columns import WIRE_TYPES, Column, new_values, to_wire
from contactory.store.database import Transaction
from contactory.store.queries import QUERIES, compose
from contactory.store.records import RowValues, and_fields

IdentityRow = tuple[int, int, str]
"""The id of a record, the id of a scheme, and a key."""


class Identities(NamedTuple):
    """Identities of records, as columns."""

    record_ids: Ids
    scheme_ids: Ints
    keys: StringColumn

    @classmethod
    def of(cls, rows: Sequence[IdentityRow]) -> Identities:
        ids, schemes, keys = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(np.array(ids, np.int64), np.array(schemes, np.int32), StringColumn.from_values(keys))

    def take(self, rows: RowSelection) -> Identities:
        return Identities(self.record_ids[rows], self.scheme_ids[rows], self.keys.take(rows))

    def rows(self) -> list[IdentityRow]:
        return [*zip(self.record_ids.tolist(), self.scheme_ids.tolist(), self.keys.strings(), strict=True)]

    def sorted(self) -> Identities:
        """Sort by key, the order in which all writers insert them."""
        names: list[Any] = self.keys.strings()
        if (self.scheme_ids != self.scheme_ids[:1]).any():
            names = [*zip(names, self.scheme_ids.tolist(), strict=True)]
        return self.take(sorted(range(len(names)), key=names.__getitem__))


class FurtherKeys(NamedTuple):
    """Keys of new records beside the first: `counts` of each record, one after the other."""

    keys: StringColumn
    counts: Ints


class NewRecords:
    """Creation of records of one kind. Keys are inserted before records, so that the loser of two concurrent
    creates fails early."""

    def __init__(self, transaction: Transaction, kind: Kind) -> None:
        self._transaction = transaction
        self._kind = kind

    def reserve_ids(self, ids: Ids, records: Ints, given: Mapping[int, int] = {}) -> None:
        """Reserve ids for some records, by their index in `ids`, and write them there; `given` has the ids of
        some of them."""
        if given:
            ids[records] = [given.get(record, 0) for record in records.tolist()]
            records = records[ids[records] == 0]
        if len(records):
            first = int(self._transaction.row("reserve_ids", amount=len(records))[0])
            ids[records] = np.arange(first, first + len(records))

    def insert_identities(self, identities: Identities) -> None:
        """Insert keys of new records. A key that another transaction has inserted meanwhile raises Contended,
        here or when the COPY ends."""
        if len(identities.keys):
            self._transaction.copy(_INSERT_IDENTITIES, ["int8", "int4", "text"], identities.sorted())

    def insert(
        self, rows: RowValues, ids: Ids, keys: Sequence[str | None], further: FurtherKeys | None = None
    ) -> None:
        """Insert records. keys: the first key of each, "" for none; further: the other keys, if any record
        has some."""
        types = ["int8", "bytea", "text", "int8", *(WIRE_TYPES[column.type] for column in rows.columns)]
        values = [
            to_wire(column.type, new_values(self._kind, column, column_values))
            for column, column_values in zip(rows.columns, rows.values, strict=True)
        ]
        if further is not None:
            types.append("bytea")
            values.append(text_arrays(*further))
        statement = _insert_records(self._kind, rows.columns, further=further is not None)
        authors = np.full(len(ids), self._transaction.actor.author_id, np.int64)
        self._transaction.copy(statement, types, [ids, rows.digests, keys, authors, *values])

    def release_keys(self, identities: Identities) -> None:
        """Delete the keys of records that were not created after all."""
        if len(identities.keys):
            given = msgspec.json.encode(identities.rows()).decode()
            self._transaction.run("release_keys", identities=given)


_INSERT_IDENTITIES: Final = SQL(QUERIES["insert_identities"]).format().as_bytes()


@lru_cache(MOST_STATEMENTS)
def _insert_records(kind: Kind, columns: tuple[Column, ...], *, further: bool) -> bytes:
    fields = and_fields(columns)
    return compose("insert_records", kind, and_fields=fields + SQL(", identity_keys") if further else fields)
