"""Errors of the database are raised as the StoreError of their class."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest

from contactory.store.database import Database
from contactory.store.errors import (
    Contended,
    Overdue,
    StorageFull,
    StoreError,
    Taken,
    Unavailable,
    Unreadable,
    Unstorable,
    translated,
)

RAISE = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}'; END $$"
REAL: list[tuple[type[StoreError], str]] = [
    (StorageFull, "CREATE TEMP SEQUENCE few MAXVALUE 2; SELECT nextval('few') FROM generate_series(1, 3)"),
    (Unstorable, "SELECT 'x'::bigint"),
    (Unstorable, "SELECT 99999999999::integer"),
    (
        Unstorable,
        "CREATE TEMP TABLE long (name text PRIMARY KEY); INSERT INTO long SELECT string_agg(md5(n::text), '')"
        " FROM generate_series(1, 1000) AS n",
    ),
    (Overdue, "SET statement_timeout = 20; SELECT pg_sleep(5)"),
    (Taken, "CREATE TEMP TABLE one (id int PRIMARY KEY); INSERT INTO one VALUES (1), (1)"),
    (Unavailable, "SET default_transaction_read_only = on; CREATE TABLE not_here ()"),
    (Unavailable, "SELECT pg_terminate_backend(pg_backend_pid())"),
]
RAISED = {
    "53100": StorageFull,
    "53200": Unavailable,
    "53300": Unavailable,
    "54000": Unstorable,
    "54001": Unstorable,
    "55P03": Contended,
    "40001": Contended,
    "40P01": Contended,
    "23503": Contended,
    "22P05": Unstorable,
    "57P01": Unavailable,
    "57P03": Unavailable,
    "58030": Unavailable,
    "25P03": Overdue,
}


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(("kind", "statement"), REAL)
def test_an_error_of_postgresql_is_translated(
    connection: psycopg.Connection, kind: type[StoreError], statement: str
) -> None:
    with pytest.raises(StoreError) as error, translated():
        for part in statement.split("; "):
            connection.execute(part.encode())
    assert type(error.value) is kind


@pytest.mark.parametrize("code", RAISED)
def test_every_sqlstate_of_a_class_is_translated(connection: psycopg.Connection, code: str) -> None:
    with pytest.raises(StoreError) as error, translated():
        connection.execute(RAISE.format(code).encode())
    assert type(error.value) is RAISED[code]


@pytest.mark.parametrize("code", ["42P01", "42501", "XX000", "23502", "23514"])
def test_errors_that_are_defects_are_not_translated(connection: psycopg.Connection, code: str) -> None:
    with pytest.raises(psycopg.Error), translated():
        connection.execute(RAISE.format(code).encode())


def test_a_stored_value_that_cannot_be_read_is_not_the_callers_fault(
    database: Database, organization: int
) -> None:
    with pytest.raises(Unreadable), database.transaction(organization) as transaction:
        transaction.only_reads = True
        transaction.row(b"SELECT '1e999999'::numeric::float8")


def test_a_call_ends_at_its_deadline(url: str, organization: int) -> None:
    """The deadline passes in one statement, between statements, and in a statement that began shortly
    before."""
    database = Database(url, size=1, call_seconds=0.5)
    database.open()
    try:
        for seconds, rest in ((30.0, 0.0), (0.2, 0.0), (30.0, 0.4)):
            begun = time.monotonic()
            with pytest.raises(Overdue) as error, database.transaction(organization) as transaction:
                for _ in range(100):
                    time.sleep(rest)
                    transaction.row(b"SELECT pg_sleep(%(seconds)s)", seconds=seconds)
            assert time.monotonic() - begun < 10
            assert error.value.problem.value == "0.5"
            with database.transaction(organization) as transaction:
                assert transaction.row("find_organization")
    finally:
        database.close()
