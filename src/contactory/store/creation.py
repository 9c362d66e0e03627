"""Making new records: COPY straight into the partitions of their tables, where the organization is the
transaction's and cannot be given."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Final

import msgspec
from psycopg.sql import SQL

from contactory.model.fields import Kind
from contactory.store.columns import WIRE_TYPES, Column, created, texts_to_wire, to_wire
from contactory.store.database import Transaction
from contactory.store.queries import QUERIES, compose
from contactory.store.records import Given, and_fields

Identity = tuple[int, int, str]
"""A record's id, a scheme and a key."""


class NewRecords:
    """The records that a write makes. Their keys come first: of two writes that make the same record, one is
    to learn of it before it has done more."""

    def __init__(self, transaction: Transaction, kind: Kind) -> None:
        self.ids: dict[int, int] = {}
        self._transaction = transaction
        self._kind = kind
        self._further: dict[int, list[str]] = {}

    def reserve(self, targets: Sequence[int]) -> Sequence[int]:
        """`ids` for records that are going to be made."""
        if not targets:
            return ()
        first = int(self._transaction.row("reserve_ids", amount=len(targets))[0])
        ids = range(first, first + len(targets))
        self.ids.update(zip(targets, ids, strict=True))
        return ids

    def make_known(self, identities: Sequence[Identity], further: Sequence[Identity] = ()) -> None:
        """By their keys, some of which are `further` than the first. They are taken in the order in which all
        writers take them. Contended comes of one that another transaction has taken meanwhile."""
        for id_, _, key in further:
            self._further.setdefault(id_, []).append(key)
        if identities:
            several = len({scheme_id for _, scheme_id, _ in identities}) > 1
            ordered = sorted(identities, key=itemgetter(2, 1) if several else itemgetter(2))
            self._transaction.copy(
                _INSERT_IDENTITIES, ["int8", "int4", "text"], [*zip(*ordered, strict=True)]
            )

    def insert(self, given: Given, ids: Sequence[int], keys: Sequence[str]) -> None:
        """`keys` are their first ones, "" where they have none."""
        types = ["int8", "bytea", "text", *(WIRE_TYPES[column.type] for column in given.columns)]
        values = [
            to_wire(column.type, created(self._kind, column, column_values))
            for column, column_values in zip(given.columns, given.values, strict=True)
        ]
        if self._further:
            types.append("bytea")
            values.append([texts_to_wire(self._further.get(id_, ())) for id_ in ids])
        statement = _insert_records(self._kind, given.columns, further=bool(self._further))
        self._transaction.copy(statement, types, [ids, given.digests, keys, *values])

    def forget(self, identities: Sequence[Identity]) -> None:
        """Those of records that came to nothing are nobody's."""
        if identities:
            given = msgspec.json.encode(identities).decode()
            self._transaction.run("forget_identities", identities=given)


_INSERT_IDENTITIES: Final = SQL(QUERIES["insert_identities"]).format().as_bytes()


@cache
def _insert_records(kind: Kind, columns: tuple[Column, ...], *, further: bool) -> bytes:
    fields = and_fields(columns)
    return compose("insert_records", kind, and_fields=fields + SQL(", identity_keys") if further else fields)
