"""The time that plain SQL takes for the same rows in the same PostgreSQL, to compare the service's speed
with.

The rows are written with binary COPY into a temporary table and one INSERT .. ON CONFLICT DO UPDATE into a
scratch table with the columns of a contact. Nothing is checked, and there is no outcome per row.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier

from contactory.demo.imports import Row

_TEXTS: Final = {
    "language": "language",
    "first_name": "firstName",
    "middle_name": "middleName",
    "last_name": "lastName",
    "abbreviation": "abbreviation",
    "title": "title",
    "gender": "gender",
    "phone": "phone",
    "mobile": "mobile",
    "email": "email",
    "primary_language": "primaryLanguage",
    "debtor_id": "debtorId",
    "pricelist_amount": "pricelistAmount",
    "pricelist_percentage": "pricelistPercentage",
}
_COLUMNS: Final = ("source", "source_id", *_TEXTS, "date_of_birth", "parent", "attributes")
_WIRE_TYPES: Final = (*["text"] * (2 + len(_TEXTS)), "date", "text", "bytea")

_LIST: Final = SQL(", ").join(map(Identifier, _COLUMNS))
_CREATE: Final = SQL(
    """
    CREATE TABLE contactory_demo.contacts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
        source text, source_id text COLLATE "C", {texts}, date_of_birth date, parent text, attributes jsonb,
        UNIQUE (source_id, source)
    );
    CREATE TEMPORARY TABLE given ON COMMIT DELETE ROWS AS SELECT {list} FROM contactory_demo.contacts
    """
).format(texts=SQL(", ").join(SQL("{} text").format(Identifier(name)) for name in _TEXTS), list=_LIST)
_COPY: Final = SQL("COPY given ({}) FROM STDIN (FORMAT binary)").format(_LIST)
_UPSERT: Final = SQL(
    """
    INSERT INTO contactory_demo.contacts AS stored ({list}) SELECT {list} FROM given
    ON CONFLICT (source_id, source) DO UPDATE SET {assignments}, updated_at = now()
    """
).format(
    list=_LIST,
    assignments=SQL(", ").join(
        SQL("{0} = coalesce(excluded.{0}, stored.{0})").format(Identifier(name)) for name in _COLUMNS[2:]
    ),
)


def measure(url: str, warm_up: Sequence[Row], batches: Sequence[Sequence[Row]]) -> list[float]:
    """Return the seconds that each batch takes, one after the other."""
    with psycopg.connect(url) as connection, _scratch_table(connection):
        _upsert(connection, _tuples(warm_up))
        return [_upsert(connection, _tuples(rows)) for rows in batches]


@contextmanager
def _scratch_table(connection: psycopg.Connection) -> Iterator[None]:
    drop = SQL("DROP SCHEMA IF EXISTS contactory_demo CASCADE")
    connection.execute(drop)
    connection.execute("CREATE SCHEMA contactory_demo")
    connection.execute(_CREATE)
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(drop)
        connection.commit()


def _upsert(connection: psycopg.Connection, rows: Sequence[tuple[Any, ...]]) -> float:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        with cursor.copy(_COPY) as copy:
            copy.set_types(_WIRE_TYPES)
            for row in rows:
                copy.write_row(row)
        cursor.execute(_UPSERT)
    connection.commit()
    return time.perf_counter() - started


def _tuples(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    return [
        (
            row["source"],
            str(row["sourceId"]),
            *(str(row[key]) if key in row else None for key in _TEXTS.values()),
            _date(row.get("dateOfBirth")),
            str(row["parent"]["sourceId"]) if "parent" in row else None,
            # jsonb on the wire is its text behind a version byte.
            b"\x01" + json.dumps(row["attributes"]).encode() if "attributes" in row else None,
        )
        for row in rows
    ]


def _date(text: str | None) -> date | None:
    if not text:
        return None
    return date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text)
