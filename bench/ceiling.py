"""The ceiling: the same columns by binary COPY and one INSERT .. ON CONFLICT DO UPDATE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from bench.batches import Batch
from bench.copying import WIRE_TYPES
from bench.vendors import VENDORS
from bench.vendors.vendor import Vendor

_CREATE: Final = """
CREATE TABLE {table} (
    organization_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('bench.ids'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    {columns},
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


def table_of(vendor: Vendor, side: str) -> Identifier:
    return Identifier("bench", f"{vendor.name}_{side}")


def conflict_of(vendor: Vendor) -> tuple[str, ...]:
    return ("organization_id", *vendor.unique)


def make_table(connection: psycopg.Connection, vendor: Vendor, table: Identifier) -> None:
    connection.execute("CREATE SEQUENCE IF NOT EXISTS bench.ids CACHE 1000")
    columns = SQL(", ").join(
        SQL("{} {}").format(Identifier(name), SQL(type_))
        for name, type_ in (vendor.key | vendor.fields).items()
    )
    connection.execute(
        SQL(_CREATE).format(table=table, columns=columns, conflict=listed(conflict_of(vendor)))
    )


@dataclass(frozen=True)
class Ceiling:
    url: str
    vendor: str
    name: ClassVar[str] = "ceiling"

    def open(self) -> CeilingSession:
        return CeilingSession(self.url, VENDORS[self.vendor])


class CeilingSession:
    """A connection whose temporary table is made once and empties itself, which is the fastest way."""

    def __init__(self, url: str, vendor: Vendor) -> None:
        conflict = conflict_of(vendor)
        columns = ("organization_id", *vendor.key, *vendor.fields)
        names = {
            "table": table_of(vendor, "ceiling"),
            "columns": listed(columns),
            "conflict": listed(conflict),
        }
        assignments = SQL(", ").join(
            SQL("{0} = excluded.{0}").format(Identifier(column))
            for column in columns
            if column not in conflict
        )
        self._upsert = SQL(_UPSERT).format(**names, assignments=assignments)
        self._copy = SQL("COPY incoming ({columns}) FROM STDIN (FORMAT binary)").format(**names)
        types = ("bigint", *vendor.key.values(), *vendor.fields.values())
        self._types = [WIRE_TYPES[type_] for type_ in types]
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

    def close(self) -> None:
        self._connection.close()


def listed(columns: tuple[str, ...]) -> Composed:
    return SQL(", ").join(map(Identifier, columns))
