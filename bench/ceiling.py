"""The ceiling: the same rows by binary COPY and one INSERT .. ON CONFLICT DO UPDATE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, LiteralString

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from bench.batches import KEY_COLUMNS, Batch, fields
from contactory.model.fields import CONTACTS, FieldType
from contactory.store.columns import WIRE_TYPES

TABLE: Final = Identifier("bench", "contacts")
CONFLICT: Final = (*KEY_COLUMNS, "language")

_DEFINITIONS: Final[dict[FieldType, LiteralString]] = {
    FieldType.TEXT: "text NOT NULL DEFAULT ''",
    FieldType.DATE: "date",
    FieldType.REFERENCE: "bigint NOT NULL DEFAULT 0",
    FieldType.MAP: "jsonb NOT NULL DEFAULT '{}'",
}
_CREATE: Final = """
CREATE TABLE {table} (
    organization_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('bench.ids'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    source text NOT NULL,
    source_id text NOT NULL,
    {fields},
    PRIMARY KEY ({conflict})
)
"""
_STAGE: Final = """
CREATE TEMPORARY TABLE incoming ON COMMIT DELETE ROWS AS SELECT {columns} FROM {table} WITH NO DATA
"""
_UPSERT: Final = """
INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming
ON CONFLICT ({conflict}) DO UPDATE SET {assignments}, updated_at = now()
"""


def make_table(connection: psycopg.Connection, table: Identifier) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS bench")
    connection.execute("CREATE SEQUENCE IF NOT EXISTS bench.ids CACHE 1000")
    definitions = SQL(", ").join(
        SQL("{} {}").format(Identifier(field), SQL(_DEFINITIONS[CONTACTS.fields[field]]))
        for field in fields()
    )
    connection.execute(SQL(_CREATE).format(table=table, fields=definitions, conflict=_list(CONFLICT)))


@dataclass(frozen=True)
class Ceiling:
    url: str
    name: ClassVar[str] = "ceiling"

    def open(self) -> CeilingSession:
        return CeilingSession(self.url)


class CeilingSession:
    """A connection whose temporary table is made once and empties itself, which is the fastest way."""

    def __init__(self, url: str) -> None:
        columns = [*KEY_COLUMNS, *fields()]
        names = {"table": TABLE, "columns": _list(columns), "conflict": _list(CONFLICT)}
        written = [Identifier(column) for column in columns if column not in CONFLICT]
        assignments = SQL(", ").join(SQL("{0} = excluded.{0}").format(column) for column in written)
        self._upsert = SQL(_UPSERT).format(**names, assignments=assignments)
        self._copy = SQL("COPY incoming ({columns}) FROM STDIN (FORMAT binary)").format(**names)
        self._types = ["int8", "text", "text", *(WIRE_TYPES[CONTACTS.fields[field]] for field in fields())]
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(SQL(_STAGE).format(**names))

    def prepare(self) -> None:
        pass

    def send(self, batch: Batch) -> int:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            with cursor.copy(self._copy) as copy:
                copy.set_types(self._types)
                for record in batch.records:
                    copy.write_row(record)
            return cursor.execute(self._upsert, prepare=True).rowcount

    def check(self, answer: int, batch: Batch) -> None:
        if answer != batch.size:
            raise ValueError(f"{batch.size} rows sent to the ceiling, {answer} written")


def _list(columns: tuple[str, ...] | list[str]) -> Composed:
    return SQL(", ").join(map(Identifier, columns))
