"""The limits on failed logins over HTTP: two processes, three APIs, several addresses."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest

from contactory.access.secrets import hash_password, hash_secret, new_secret
from contactory.access.tokens import new_client_id
from contactory.store import access, embedded
from contactory.store.administration import Administration
from tests.acceptance.server import Server

PASSWORD = "correct horse"
ROUNDS = 7


class Place(NamedTuple):
    server: Server
    users: list[str]
    client_id: str
    secret: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Start two processes, whose failures are counted together."""
    server = Server(tmp_path_factory.mktemp("guessed"), workers="2")
    users = [f"user-{number}@beta.example" for number in range(ROUNDS)]
    with embedded.running(server.data_dir, exclusive=False) as url, Administration(url) as administration:
        organization = administration.create_organization("Beta")
        client_id, secret = new_client_id(organization), new_secret()
        with administration.organization(organization) as (transaction, _):
            for user in users:
                access.create_user(
                    transaction, email=user, password_hash=hash_password(PASSWORD), role="manager"
                )
            access.create_client(
                transaction, client_id=client_id, name="Sync", secret_hash=hash_secret(secret)
            )
    yield Place(server, users, client_id, secret)
    server.stop()


def from_address(address: str) -> httpx.Client:
    """Make a client that opens a connection for each call, so that any process may get it."""
    transport = httpx.HTTPTransport(local_address=address, limits=httpx.Limits(max_keepalive_connections=0))
    return httpx.Client(transport=transport, trust_env=False, timeout=60)


def basic(place: Place, name: str, password: str, address: str = "127.0.0.1") -> httpx.Response:
    with from_address(address) as client:
        return client.get(f"{place.server.url}/everbridge/rest/organizations", auth=(name, password))


def test_failures_at_all_processes_are_counted_together(place: Place) -> None:
    name, address = place.users[0], "127.0.0.2"
    tried = [basic(place, name, "wrong", address).status_code for _ in range(12)]
    assert tried == [401] * 10 + [429] * 2
    waiting = basic(place, name.upper(), PASSWORD, address)
    assert waiting.status_code == 429 and 0 < int(waiting.headers["retry-after"]) <= 60
    with from_address(address) as client:
        form = {"grant_type": "password", "username": name, "password": PASSWORD}
        granted = client.post(f"{place.server.url}/everbridge/authorization/v1/tokens", data=form)
    assert granted.status_code == 429 and "retry-after" in granted.headers
    assert basic(place, name, PASSWORD, "127.0.0.3").status_code == 200


@pytest.mark.parametrize("path", ["/propeller/oauth2/token", "/everbridge/authorization/v1/tokens"])
def test_wrong_client_secrets_are_limited_at_every_api(place: Place, path: str) -> None:
    url, address = place.server.url + path, "127.0.0.4" if "propeller" in path else "127.0.0.5"
    form = {"grant_type": "client_credentials", "client_id": place.client_id, "client_secret": "wrong"}
    with from_address(address) as client:
        tried = [client.post(url, data=form).status_code for _ in range(12)]
        assert tried == [401] * 10 + [429] * 2
        right = client.post(url, data=form | {"client_secret": place.secret})
        assert right.status_code == 200, right.text
        twice = client.post(url, data=form, auth=(place.client_id, place.secret))
        assert twice.status_code == 400 and "given once" in twice.text


def test_response_time_does_not_reveal_accounts(place: Place) -> None:
    """Compare medians over alternating names, loosely, since the machine may be busy."""

    def seconds(name: str) -> float:
        begun = time.perf_counter()
        assert basic(place, name, "wrong", "127.0.0.6").status_code == 401
        return time.perf_counter() - begun

    for name in place.users:  # Connections and statements are ready then.
        seconds(name)
    pairs = [(seconds(user), seconds(f"no-{user}")) for user in place.users]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert 0.4 < unknown / known < 2.5, (known, unknown)


def test_long_names_are_not_stored(place: Place) -> None:
    with from_address("127.0.0.7") as client:
        for path, form in (
            ("/everbridge/authorization/v1/tokens", {"grant_type": "password", "username": "x" * 1_000_000}),
            ("/datananas/oauth2/token", {"grant_type": "client_credentials", "client_id": "x" * 1_000_000}),
            ("/propeller/oauth2/token", {"grant_type": "client_credentials", "client_id": "x" * 1_000_000}),
        ):
            form = {**form, "client_secret": "x", "password": "x"}
            assert client.post(place.server.url + path, data=form).status_code in (400, 401, 413)
    with embedded.running(place.server.data_dir, exclusive=False) as url, Administration(url) as owner:
        (widest,) = owner._connection.execute("SELECT max(length(key)) FROM login_failures").fetchall()[0]
    assert widest == 16
