"""Writing known records, set by set: COPY into the stage, then one statement for all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
from psycopg.sql import SQL, Composable, Composed, Identifier

from contactory.columns.column import BytesColumn, Ids
from contactory.model.fields import LARGEST_ID, Kind, Mode
from contactory.model.limits import MOST_STATEMENTS
from contactory.store.columns import WIRE_TYPES, Column, changed_value, to_wire
from contactory.store.database import Transaction
from contactory.store.loading import mapping
from contactory.store.queries import compose


def take_turn(transaction: Transaction, *, alone: bool) -> None:
    """Writes of an organization go side by side; one that must be alone waits for them, and they for it."""
    transaction.send("wait_to_be_alone" if alone else "wait_for_the_lone")


def find_ids(transaction: Transaction, kind: Kind, ids: Iterable[int | None]) -> set[int]:
    """Those of the ids that are records and not deleted."""
    wanted = msgspec.json.encode([id_ for id_ in ids if id_ and 0 < id_ <= LARGEST_ID]).decode()
    row = transaction.row(compose("find_ids", kind), ids=wanted)
    return set(_unpack_ids(row[0]).tolist())


def find_taken_ids(transaction: Transaction, kind: Kind, ids: Iterable[int]) -> set[int]:
    """Find those of the ids that no new record may get. A deleted record keeps its id until it is removed."""
    row = transaction.row(compose("find_taken_ids", kind), ids=_as_json(ids))
    return set(_unpack_ids(row[0]).tolist())


def find_hidden(transaction: Transaction, kind: Kind, ids: Iterable[int | None]) -> set[int]:
    """Find the ids whose records are there, but another user's than the one to whom the transaction is
    limited. Without a limit nothing is asked."""
    if transaction.actor.contacts_of is None or not kind.has_owners:
        return set()
    wanted = msgspec.json.encode([id_ for id_ in ids if id_ and 0 < id_ <= LARGEST_ID]).decode()
    return set(_unpack_ids(transaction.row("find_hidden", ids=wanted)[0]).tolist())


def find_large_maps(
    transaction: Transaction, kind: Kind, field: str, given: Mapping[int, Any], most: int
) -> list[int]:
    """Find the records whose map may have more than `most` bytes together with what is given for it."""
    query = compose("find_large_maps", kind, field=Identifier(field))
    row = transaction.row(query, given=msgspec.json.encode([*given.items()]).decode(), most=most)
    return [int(id_) for id_ in _unpack_ids(row[0])]


def read_maps(
    transaction: Transaction, kind: Kind, field: str, ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    rows = transaction.rows(compose("read_maps", kind, field=Identifier(field)), ids=list(ids))
    return {id_: mapping(value, kind.name, id_, field) for id_, value in rows}


def read_documents(transaction: Transaction, kind: Kind, field: str, ids: Iterable[int]) -> dict[int, bytes]:
    """The documents that some records have in a field, by id."""
    rows = transaction.rows(compose("read_documents", kind, field=Identifier(field)), ids=_as_json(ids))
    return {id_: document.encode() for id_, document in rows}


def lock(transaction: Transaction, kind: Kind, ids: Iterable[int]) -> None:
    """Keep other writers from some records, which are all that the transaction is going to write: so they are
    locked in one order."""
    transaction.run(compose("lock_records", kind), ids=_as_json(ids))


class Given(NamedTuple):
    """What rows say: columns and their values, and what the records shall be known to say."""

    columns: tuple[Column, ...]
    values: Sequence[Sequence[Any]]
    digests: BytesColumn[bytes]


def stage(transaction: Transaction, kind: Kind, given: Given, ids: Ids) -> None:
    """COPY changes of known records. They stay staged until the transaction ends, so that no id may be staged
    twice in one."""
    types = ["int8", "bytea", *(WIRE_TYPES[column.type] for column in given.columns)]
    values = [
        to_wire(column.type, column_values)
        for column, column_values in zip(given.columns, given.values, strict=True)
    ]
    transaction.copy(_write_statements(kind, given.columns).stage, types, [ids, given.digests, *values])


def update_staged(
    transaction: Transaction, kind: Kind, columns: tuple[Column, ...], ids: Ids
) -> Callable[[], Ids]:
    """Write staged rows, which have the ids from the first to the last, over their records where they
    differ. The statement is only sent; what is given answers the ids written."""
    if all(column.mode is Mode.INITIAL for column in columns):
        return lambda: ids[:0]
    transaction.send("join_by_hash", nested_loops="off")
    row = transaction.send(update_statement(kind, columns), first=int(ids[0]), last=int(ids[-1]))
    transaction.send("join_by_hash", nested_loops="on")
    return cache(lambda: _unpack_ids(row()[0]))


def renew_digests(transaction: Transaction, kind: Kind, columns: tuple[Column, ...], ids: Ids) -> None:
    """Store the digests of staged rows that have changed nothing, by the same columns and ids as
    `update_staged`."""
    transaction.send("join_by_hash", nested_loops="off")
    statement = _write_statements(kind, columns).renew_digests
    transaction.send(statement, first=int(ids[0]), last=int(ids[-1]))
    transaction.send("join_by_hash", nested_loops="on")


def update_statement(kind: Kind, columns: tuple[Column, ...]) -> bytes:
    return _write_statements(kind, columns).update_records


def change_keys(
    transaction: Transaction,
    kind: Kind,
    dropped: Sequence[tuple[int, int]],
    added: Sequence[tuple[int, int, str]],
    noted: Sequence[tuple[int, str | None]],
) -> None:
    """Take from records what keys they have in a scheme, as (record id, scheme id), then give others, as
    (record id, scheme id, key). Raises Contended where another transaction was first.

    `noted`: known records whose keys change, each with a key that it gets, or None. They are locked.
    """
    if dropped:
        transaction.run(compose("drop_identities", kind), identities=msgspec.json.encode(dropped).decode())
    if added:
        transaction.run("add_identities", identities=msgspec.json.encode(added).decode())
    transaction.run(compose("note_identities", kind), noted=msgspec.json.encode(noted).decode())


def delete(transaction: Transaction, kind: Kind, ids: Sequence[int]) -> None:
    """Let records be found no more, and their keys be free."""
    wanted = msgspec.json.encode(ids).decode()
    transaction.run(compose("free_identities", kind), kind=kind.name, ids=wanted)
    transaction.run(compose("delete_records", kind), kind=kind.name, ids=wanted)


def leave(transaction: Transaction, kind: Kind, field: str, value: int, ids: Sequence[int] | None) -> None:
    """Take a value out of a field of ids; of all records that hold it where no ids are given."""
    query = compose("leave", kind, field=Identifier(field))
    wanted = None if ids is None else msgspec.json.encode(ids).decode()
    transaction.run(query, value=[value], ids=wanted)


class _WriteStatements(NamedTuple):
    stage: bytes
    update_records: bytes
    renew_digests: bytes


@lru_cache(MOST_STATEMENTS)
def _write_statements(kind: Kind, columns: tuple[Column, ...]) -> _WriteStatements:
    changed = [column for column in columns if column.mode is not Mode.INITIAL]
    changes = [changed_value(kind, column) for column in changed]
    compared = {
        "stored": _list(Identifier("record", column.field) for column in changed),
        "values": _list(changes),
    }
    return _WriteStatements(
        stage=compose("stage", kind, and_fields=and_fields(columns)),
        update_records=compose(
            "update_records",
            kind,
            assignments=_list(
                SQL("{} = {}").format(Identifier(column.field), value)
                for column, value in zip(changed, changes, strict=True)
            ),
            **compared,
        ),
        renew_digests=compose("renew_digests", kind, **compared),
    )


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)


def and_fields(columns: Iterable[Column]) -> Composed:
    """What follows a list of columns that is there already."""
    return SQL("").join(SQL(", {}").format(Identifier(column.field)) for column in columns)


def _as_json(ids: Iterable[int]) -> str:
    return msgspec.json.encode([*ids]).decode()


def _unpack_ids(packed: bytes) -> Ids:
    return np.frombuffer(packed, ">i8").astype(np.int64)
