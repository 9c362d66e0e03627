"""Updates of stored records, set by set: COPY into the stage, then one statement for all rows."""

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
from contactory.store.binary import IdArray
from contactory.store.columns import WIRE_TYPES, Column, changed_value, to_wire
from contactory.store.database import Transaction
from contactory.store.loading import mapping
from contactory.store.queries import compose


def lock_organization(transaction: Transaction, *, exclusive: bool) -> None:
    """Lock the organization for a write, until the transaction ends: shared with other writes, or
    exclusive."""
    transaction.send("lock_organization_exclusive" if exclusive else "lock_organization_shared")


def find_ids(transaction: Transaction, kind: Kind, ids: Iterable[int | None]) -> set[int]:
    """Find those of the ids whose records are stored and not deleted."""
    wanted = msgspec.json.encode([id_ for id_ in ids if id_ and 0 < id_ <= LARGEST_ID]).decode()
    row = transaction.row(compose("find_ids", kind), ids=wanted)
    return set(_unpack_ids(row[0]).tolist())


def find_taken_ids(transaction: Transaction, kind: Kind, ids: Iterable[int]) -> set[int]:
    """Find those of the ids that no new record may get. A deleted record keeps its id until it is purged."""
    row = transaction.row(compose("find_taken_ids", kind), ids=_as_json(ids))
    return set(_unpack_ids(row[0]).tolist())


def find_hidden(transaction: Transaction, kind: Kind, ids: Iterable[int | None]) -> set[int]:
    """Find those of the ids whose records belong to another user than the one to whom the transaction is
    limited. Without a limit there is no query."""
    if transaction.actor.contacts_of is None or not kind.has_owners:
        return set()
    wanted = msgspec.json.encode([id_ for id_ in ids if id_ and 0 < id_ <= LARGEST_ID]).decode()
    return set(_unpack_ids(transaction.row("find_hidden", ids=wanted)[0]).tolist())


def find_grown_maps(transaction: Transaction, kind: Kind, field: str, ids: Ids, most: int) -> set[int]:
    """Find the records whose map is stored compressed, or in more than `most` bytes."""
    query = compose("find_grown_maps", kind, field=Identifier(field))
    return set(_unpack_ids(transaction.row(query, ids=IdArray.of(ids), most=most)[0]).tolist())


def find_large_maps(
    transaction: Transaction, kind: Kind, field: str, given: Mapping[int, Any], most: int
) -> list[int]:
    """Find the records whose map may have more than `most` bytes after the map given for it is merged."""
    query = compose("find_large_maps", kind, field=Identifier(field))
    row = transaction.row(query, given=msgspec.json.encode([*given.items()]).decode(), most=most)
    return [int(id_) for id_ in _unpack_ids(row[0])]


def read_maps(
    transaction: Transaction, kind: Kind, field: str, ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """Read the maps that records have in a field, by id."""
    rows = transaction.rows(compose("read_maps", kind, field=Identifier(field)), ids=list(ids))
    return {id_: mapping(value, kind.name, id_, field) for id_, value in rows}


def read_documents(transaction: Transaction, kind: Kind, field: str, ids: Iterable[int]) -> dict[int, bytes]:
    """Read the documents that records have in a field, encoded, by id."""
    rows = transaction.rows(compose("read_documents", kind, field=Identifier(field)), ids=_as_json(ids))
    return {id_: document.encode() for id_, document in rows}


def lock(transaction: Transaction, kind: Kind, ids: Iterable[int]) -> None:
    """Lock records in the order of ids. They must be all records that the transaction will write, so that
    writers do not deadlock."""
    transaction.run(compose("lock_records", kind), ids=_as_json(ids))


class RowValues(NamedTuple):
    """Values of rows: columns, the values of each column, and the digests to store with the records."""

    columns: tuple[Column, ...]
    values: Sequence[Sequence[Any]]
    digests: BytesColumn[bytes]


def stage(transaction: Transaction, kind: Kind, rows: RowValues, ids: Ids) -> None:
    """COPY changes of stored records to the stage. They stay there until the transaction ends, so that no id
    may be staged twice in one."""
    types = ["int8", "bytea", *(WIRE_TYPES[column.type] for column in rows.columns)]
    values = [
        to_wire(column.type, column_values)
        for column, column_values in zip(rows.columns, rows.values, strict=True)
    ]
    transaction.copy(_write_statements(kind, rows.columns).stage, types, [ids, rows.digests, *values])


def update_staged(
    transaction: Transaction, kind: Kind, columns: tuple[Column, ...], ids: Ids
) -> Callable[[], Ids]:
    """Send an update of the records of `ids`, which are staged and sorted, where they differ. Return a
    function that waits for the ids of the records that were written."""
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
    changed: Sequence[tuple[int, str | None]],
) -> None:
    """Drop the keys of records in schemes, as (record id, scheme id), then add others, as (record id, scheme
    id, key). Raises Contended where another transaction was first.

    changed: stored records whose keys change, each with a key that it gets, or None. They must be locked.
    """
    if dropped:
        transaction.run(compose("drop_identities", kind), identities=msgspec.json.encode(dropped).decode())
    if added:
        transaction.run("add_identities", identities=msgspec.json.encode(added).decode())
    transaction.run(compose("refresh_record_keys", kind), changed=msgspec.json.encode(changed).decode())


def delete(transaction: Transaction, kind: Kind, ids: Sequence[int]) -> None:
    """Mark records as deleted, so that they are no longer found, and delete their keys."""
    wanted = msgspec.json.encode(ids).decode()
    transaction.run(compose("delete_identities", kind), kind=kind.name, ids=wanted)
    transaction.run(compose("delete_records", kind), kind=kind.name, ids=wanted)


def remove_from_set(
    transaction: Transaction, kind: Kind, field: str, value: int, ids: Sequence[int] | None
) -> None:
    """Remove a value from a field of ids: of some records, or of all that hold it where `ids` is None."""
    query = compose("remove_from_set", kind, field=Identifier(field))
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
    """Return SQL that appends the fields to a list of columns."""
    return SQL("").join(SQL(", {}").format(Identifier(column.field)) for column in columns)


def _as_json(ids: Iterable[int]) -> str:
    return msgspec.json.encode([*ids]).decode()


def _unpack_ids(packed: bytes) -> Ids:
    return np.frombuffer(packed, ">i8").astype(np.int64)
