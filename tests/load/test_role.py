"""The role contactory_app: the service acts as it or not at all, also behind poolers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from contactory.store import embedded, session
from contactory.store.errors import Unfit
from tests.acceptance.client import Api, row
from tests.acceptance.server import Server
from tests.clusters import migrated

from .test_pgbouncer import contactory

UNFIT = (
    "The role contactory_app gets past row-level security: ALTER ROLE contactory_app NOSUPERUSER NOBYPASSRLS."
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server of its own, since roles belong to a server."""
    with embedded.running(migrated(tmp_path_factory.mktemp("database")), exclusive=True) as url:
        yield url


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def test_sessions_are_configured_by_statements(database: str) -> None:
    """Check this since a pooler may drop options of the start."""
    assert "options" not in session.parameters(database)
    with session.connect(database, 7) as connection:
        found = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("role", "jit", "statement_timeout", "idle_in_transaction_session_timeout")
        ]
    assert found == [("contactory_app",), ("off",), ("7s",), ("7s",)]


def test_session_with_another_role_is_refused(database: str, owner: psycopg.Connection) -> None:
    with pytest.raises(Unfit, match="acts as postgres and not as contactory_app"):
        session.check(owner)
    owner.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(Unfit, match="cannot act as the role contactory_app"):
        session.require_fit(make_conninfo(database, user="stranger"))
    owner.execute("ALTER TABLE directory DISABLE ROW LEVEL SECURITY")
    with pytest.raises(Unfit, match="Row-level security is off for directory"):
        session.require_fit(database)
    owner.execute("ALTER TABLE directory ENABLE ROW LEVEL SECURITY")
    session.require_fit(database)


def test_wrong_role_stops_the_service_until_it_is_right(
    database: str, owner: psycopg.Connection, tmp_path: Path, http: httpx.Client
) -> None:
    server = Server(tmp_path, DATABASE_URL=database)
    try:
        api = Api.of_new_organization(http, server.url, database)
        api.store(row(1))
        owner.execute("ALTER ROLE contactory_app BYPASSRLS")
        assert http.get(f"{server.url}/ready").status_code == 503
        assert api.call("POST", "/contacts/search", json={}).status_code == 503
        assert UNFIT in server.log.read_text()
        told = contactory(database, "doctor")
        assert (told.returncode, UNFIT in told.stdout) == (1, True)
        refused = contactory(database, "serve")
        assert (refused.returncode, refused.stderr) == (1, f"contactory: {UNFIT}\n")
        owner.execute("ALTER ROLE contactory_app NOBYPASSRLS")
        deadline = time.monotonic() + 20
        while http.get(f"{server.url}/ready").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert api.contact(1)
    finally:
        owner.execute("ALTER ROLE contactory_app NOBYPASSRLS")
        server.stop()
