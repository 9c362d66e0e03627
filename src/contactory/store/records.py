"""Writing records, set by set: COPY into the stage, then one statement for all rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from struct import iter_unpack
from typing import Any, Final, NamedTuple

import msgspec
from psycopg.sql import SQL, Composable, Composed, Identifier

from contactory.model.fields import Kind, Mode
from contactory.store.columns import WIRE_TYPES, Column, changed_value, created_value, to_wire
from contactory.store.database import Transaction
from contactory.store.errors import contended_on_unique
from contactory.store.queries import compose

NO_ID: Final = 2**63 - 1


def find_ids(transaction: Transaction, kind: Kind, ids: Iterable[int]) -> set[int]:
    """Those of the ids that are records and not deleted."""
    wanted = msgspec.json.encode(list(ids)).decode()
    row = transaction.row(compose("find_ids", kind), ids=wanted)
    return _unpack_ids(row[0])


def reserve_ids(transaction: Transaction, amount: int) -> int:
    """The first of a block of new ids, all above every id in use; of an empty block, above every id."""
    return int(transaction.row("reserve_ids", amount=amount)[0]) if amount else NO_ID


def stage(
    transaction: Transaction,
    kind: Kind,
    columns: Sequence[Column],
    identities: tuple[Sequence[int], Sequence[int | None], Sequence[str | None]],
    values: Sequence[Sequence[Any]],
) -> None:
    """COPY rows, given as columns: id, scheme id and key (where an identity is to be added), and values."""
    types = ["int8", "int4", "text", *(WIRE_TYPES[column.type] for column in columns)]
    sent = [to_wire(column.type, given) for column, given in zip(columns, values, strict=True)]
    if kind in transaction.staged:
        transaction.run(compose("clear_stage", kind))
    transaction.staged.add(kind)
    statement = _write_statements(kind, tuple(columns)).stage
    transaction.copy(statement, types, zip(*identities, *sent, strict=True))


def insert_staged(transaction: Transaction, kind: Kind, columns: Sequence[Column], first_new: int) -> None:
    """Make records of the staged rows whose ids are new, and all staged keys known.

    Raises Contended when another transaction has taken a key meanwhile.
    """
    statements = _write_statements(kind, tuple(columns))
    with contended_on_unique():
        transaction.run(statements.insert_identities, first_new=first_new)
    transaction.run(statements.insert_records, first_new=first_new)


def link(transaction: Transaction, kind: Kind, identities: Sequence[tuple[int, int, str]]) -> None:
    """Give known records further identities, as (record id, scheme id, key). Raises Contended as above."""
    given = msgspec.json.encode(identities).decode()
    with contended_on_unique():
        transaction.run("add_identities", identities=given)
    transaction.run(compose("note_identities", kind), identities=given)


def update_staged(
    transaction: Transaction, kind: Kind, columns: Sequence[Column], first_new: int
) -> set[int]:
    """Write the other staged rows over their records where they differ; answers the ids written."""
    transaction.row("join_by_hash", nested_loops="off")
    row = transaction.row(_write_statements(kind, tuple(columns)).update_records, first_new=first_new)
    transaction.row("join_by_hash", nested_loops="on")
    return _unpack_ids(row[0])


def update_statement(kind: Kind, columns: Sequence[Column]) -> Composed:
    """What update_staged runs, for tests of how it is planned."""
    return _write_statements(kind, tuple(columns)).update_records


class _WriteStatements(NamedTuple):
    stage: Composed
    insert_identities: Composed
    insert_records: Composed
    update_records: Composed


@cache
def _write_statements(kind: Kind, columns: tuple[Column, ...]) -> _WriteStatements:
    names = [Identifier(column.field) for column in columns]
    changed = [column for column in columns if column.mode is not Mode.INITIAL]
    changes = [changed_value(column) for column in changed]
    return _WriteStatements(
        stage=compose("stage", kind, and_fields=_and(names)),
        insert_identities=compose("insert_identities", kind),
        insert_records=compose(
            "insert_records", kind, and_fields=_and(names), and_values=_and(map(created_value, columns))
        ),
        update_records=compose(
            "update_records",
            kind,
            assignments=_list(
                SQL("{} = {}").format(Identifier(column.field), value)
                for column, value in zip(changed, changes, strict=True)
            ),
            stored=_list(Identifier("record", column.field) for column in changed),
            values=_list(changes),
        ),
    )


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)


def _and(parts: Iterable[Composable]) -> Composed:
    """What follows a list that is there already."""
    return Composed([piece for part in parts for piece in (SQL(", "), part)])


def _unpack_ids(packed: bytes) -> set[int]:
    return set(chain.from_iterable(iter_unpack("!q", packed)))
