"""Sweeps remove old rows of every organization, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from contactory.jobs.sweeper import Sweeper
from contactory.model.limits import SWEEP_ROWS
from contactory.store.administration import Administration
from contactory.store.database import Database
from contactory.store.sweep import sweep, sweep_all

TABLES = ("tokens", "exchange_secrets", "jobs", "connect_usage", "contacts", "companies", "customers")
# Columns of a row of each kind, and the times of two: one that is removed and one that stays.
ROWS = {
    "tokens": (
        "token_hash, scopes, expires_at) VALUES (%(id)s, %(name)s::bytea, '{{*}}', now() - {})",
        "'1 s'",
        "'-1 h'",
    ),
    "exchange_secrets": (
        "client_id, user_id, secret_hash, kind, authorization_id, scopes, expires_at)"
        " VALUES (%(id)s, 'c', %(user)s, %(name)s::bytea, 'code', gen_random_uuid(), '{{*}}', now() - {})",
        "'1 s'",
        "'-1 h'",
    ),
    "jobs": (
        "id, user_id, list_id, state, total, reserved, reserved_connect, payload, ended_at)"
        " VALUES (%(id)s, gen_random_uuid(), 0, 0, 'ended', 1, 0, 0, %(name)s::bytea, now() - {})",
        "'169 h'",
        "'167 h'",
    ),
    "connect_usage": ("user_id, day, created) VALUES (%(id)s, 1, now() - {}, 1)", "'9 d'", "'1 d'"),
}
KINDS = ("contacts", "companies", "customers")
DELETED = ("id, deleted_at) VALUES (%(id)s, length(%(name)s), now() - {})", "'31 d'", "'29 d'")
ROWS |= dict.fromkeys(KINDS, DELETED)


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def organization(owner: psycopg.Connection, administration: Administration) -> int:
    """Create an organization with two rows of each kind: one to be removed, and one that stays."""
    organization = administration.create_organization("Acme")
    values = {"id": organization}
    row = owner.execute(
        "INSERT INTO users (organization_id, email, password_hash, role)"
        " VALUES (%(id)s, 'a@b.c', '', 'user') RETURNING id",
        values,
    ).fetchone()
    owner.execute(
        "INSERT INTO clients (organization_id, client_id, name, secret_hash) VALUES (%(id)s, 'c', '', '')",
        values,
    )
    for table, (needed, *ages) in ROWS.items():
        for name, age in zip(("go", "stay"), ages, strict=True):
            over = needed.replace("now() - {}", f"now() - interval {age}")
            named = {"user": row and row[0], "name": name, **values}
            owner.execute(f"INSERT INTO {table} (organization_id, {over}".encode(), named)
    for kind in KINDS:
        owner.execute(
            f"INSERT INTO deletions SELECT organization_id, '{kind}', id, deleted_at FROM {kind}"
            " WHERE organization_id = %(id)s".encode(),
            values,
        )
    return organization


def left(owner: psycopg.Connection, organization: int) -> list[int]:
    counted: list[int] = []
    for table in TABLES:
        query = f"SELECT count(*) FROM {table} WHERE organization_id = %s"
        counted += owner.execute(query.encode(), [organization]).fetchone() or []
    return counted


def test_a_sweep_removes_old_rows_of_each_kind_and_no_others(
    database: Database, owner: psycopg.Connection, organization: int
) -> None:
    assert left(owner, organization) == [2] * 7
    sweep_all(database, None)
    assert left(owner, organization) == [1, 1, 1, 1, 2, 2, 2]
    sweep_all(database, 30)
    assert left(owner, organization) == [1] * 7
    sweep_all(database, 0)
    assert left(owner, organization) == [1, 1, 1, 1, 0, 0, 0]


def test_a_sweep_is_bounded_and_runs_one_at_a_time(
    database: Database, owner: psycopg.Connection, organization: int
) -> None:
    sweep_all(database, None)
    owner.execute(
        "INSERT INTO tokens (organization_id, token_hash, scopes, expires_at)"
        " SELECT %s, number::text::bytea, '{*}', now() - interval '1 s'"
        " FROM generate_series(1, %s) AS number",
        [organization, SWEEP_ROWS + 1],
    )
    with owner.transaction():
        owner.execute("SELECT pg_advisory_xact_lock(730413, 0)")
        assert sweep(database, None) == 0
        assert left(owner, organization)[0] == SWEEP_ROWS + 2
    assert sweep(database, None) == SWEEP_ROWS
    assert sweep(database, None) == 1
    assert left(owner, organization)[0] == 1


def test_a_locked_row_is_left_for_the_next_sweep(
    database: Database, owner: psycopg.Connection, organization: int
) -> None:
    with owner.transaction():
        query = "SELECT FROM tokens WHERE organization_id = %s FOR UPDATE"
        owner.execute(query, [organization])
        sweep_all(database, None)
    assert left(owner, organization)[0] == 2
    sweep_all(database, None)
    assert left(owner, organization)[0] == 1


def test_a_worker_sweeps_when_it_is_due(
    database: Database, owner: psycopg.Connection, organization: int
) -> None:
    Sweeper(database, 30, seconds=3600).sweep_if_due()
    assert left(owner, organization)[4] == 2
    Sweeper(database, 0, seconds=0).sweep_if_due()  # For ever.
    assert left(owner, organization)[4] == 2
    Sweeper(database, 30, seconds=0).sweep_if_due()
    assert left(owner, organization)[4] == 1
