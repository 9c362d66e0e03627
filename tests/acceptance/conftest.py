"""Fixtures with a server for the whole run, in which each test has an organization of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from contactory.access.secrets import hash_secret, new_secret
from contactory.access.tokens import new_client_id, new_token
from contactory.cli import app
from contactory.store import access, embedded
from contactory.store.administration import Administration

from .client import Api, MakeApi
from .datananas.client import Api as Datananas
from .everbridge.client import Api as Everbridge
from .server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def server_database(server: Server) -> Iterator[str]:
    with embedded.running(server.data_dir, exclusive=False) as url:
        yield url


@pytest.fixture(scope="session")
def strict_server(server_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a second server on the same database, with small limits, behind a proxy and without a secret
    key."""
    server = Server(
        tmp_path_factory.mktemp("strict"),
        DATABASE_URL=server_database,
        MAX_BODY_MB="1",
        MAX_ROWS="100",
        TRUSTED_PROXIES="127.0.0.1",
    )
    yield server
    server.stop()


@pytest.fixture(scope="session")
def administration(server_database: str) -> Iterator[Administration]:
    with Administration(server_database) as administration:
        yield administration


@pytest.fixture(scope="session")
def owner(server_database: str) -> Iterator[psycopg.Connection]:
    """Connect to the database as its owner, to check stored rows."""
    with psycopg.connect(server_database, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def make_api(http: httpx.Client, server: Server, administration: Administration) -> MakeApi:
    """Make a client of a new organization, or of an existing one."""

    def make(
        organization: int = 0, *, on: Server = server, scopes: str = "", seconds: int | None = None
    ) -> Api:
        organization = organization or administration.create_organization("Acme")
        token = new_token(organization)
        with administration.organization(organization) as (transaction, _):
            access.create_token(
                transaction, hash_secret(token), scopes=scopes.split() or ["*"], seconds=seconds
            )
        return Api(http, on.url, organization, token)

    return make


@pytest.fixture(scope="session")
def make_client(administration: Administration) -> Callable[[int], tuple[str, str]]:
    """Create a client of an organization, and return its id and its secret."""

    def make(organization: int) -> tuple[str, str]:
        client_id, secret = new_client_id(organization), new_secret()
        with administration.organization(organization) as (transaction, _):
            access.create_client(
                transaction, client_id=client_id, name="Nightly sync", secret_hash=hash_secret(secret)
            )
        return client_id, secret

    return make


@pytest.fixture(scope="session")
def contactory(server_database: str) -> Callable[..., Any]:
    """Run the command beside the running server, and return its JSON."""

    def run(*words: str, stdin: str = "") -> Any:
        variables = {"CONTACTORY_DATABASE_URL": server_database}
        done = CliRunner().invoke(app, [*words, "--json"], input=stdin, env=variables)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    return make_api()


@pytest.fixture
def everbridge(api: Api, http: httpx.Client, server: Server) -> Everbridge:
    return Everbridge(http, server.url, api.organization, api.token)


@pytest.fixture
def datananas(api: Api, http: httpx.Client, server: Server) -> Datananas:
    return Datananas(http, server.url, api.organization, api.token)
