"""A database that is away, paused or cut off: a call takes two seconds at most, and it is used when it is
back.

The bounds here are twice as long, for machines that do other things too; without them calls took 30 seconds
and more."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from contactory.store import embedded
from tests.acceptance.client import Api, hold_up_writes, row
from tests.acceptance.server import Server

from .proxy import Proxy

pytestmark = pytest.mark.alone

MOST_SECONDS = 4.0
CALLERS = 20
WAITS = "waiting for the database, 60 seconds at most"


class Place(NamedTuple):
    """A service, the network to its database, and that database seen from elsewhere."""

    server: Server
    proxy: Proxy
    url: str
    api: Api


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded.running(tmp_path_factory.mktemp("database"), exclusive=True) as url:
        yield url


def socket_of(url: str) -> Path:
    given = conninfo_to_dict(url)
    return Path(str(given["host"])) / f".s.PGSQL.{given['port']}"


@pytest.fixture(scope="module")
def place(database: str, tmp_path_factory: pytest.TempPathFactory, http: httpx.Client) -> Iterator[Place]:
    """Start the service before its database can be reached, so that it waits."""
    proxy, folder = Proxy(socket_of(database), listens=False), tmp_path_factory.mktemp("away")

    def come() -> None:
        while WAITS not in (folder / "server.log").read_text():
            time.sleep(0.1)
        time.sleep(1)
        proxy.listen()

    (folder / "server.log").touch()
    coming = threading.Thread(target=come)
    coming.start()
    through = f"postgresql://postgres@127.0.0.1:{proxy.port}/contactory"
    server = Server(folder, DATABASE_URL=through)
    coming.join()
    yield Place(server, proxy, database, Api.of_new_organization(http, server.url, database))
    server.stop()
    proxy.close()


@contextmanager
def paused(url: str) -> Iterator[None]:
    """Stop every process of the database (SIGSTOP)."""
    with psycopg.connect(url) as connection:
        postmaster = psutil.Process(connection.info.backend_pid).parent()
    assert postmaster is not None
    processes = [postmaster, *postmaster.children()]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


@contextmanager
def swallowed(place: Place) -> Iterator[None]:
    place.proxy.swallow()
    try:
        yield
    finally:
        place.proxy.flow()


@contextmanager
def cut_off(place: Place) -> Iterator[None]:
    place.proxy.cut()
    try:
        yield
    finally:
        place.proxy.listen()


WAYS: dict[str, Callable[[Place], object]] = {
    "paused": lambda place: paused(place.url),
    "swallowed": swallowed,
    "cut off": cut_off,
}


def test_service_waits_for_its_database_at_the_start(place: Place) -> None:
    log = place.server.log.read_text()
    assert log.count(WAITS) == 1
    assert "Traceback" not in log


@pytest.mark.parametrize("way", WAYS)
def test_calls_are_refused_quickly_while_the_database_is_away(place: Place, way: str) -> None:
    def ask(number: int) -> tuple[float, httpx.Response]:
        with httpx.Client(trust_env=False, timeout=60) as http:
            begun = time.monotonic()
            if number < CALLERS:
                own = Api(http, place.server.url, place.api.organization, place.api.token)
                reply = own.call("POST", "/contacts/bulk/sourceId", json={"contacts": [row(1)]})
            else:
                reply = http.get(place.server.url + ("/ready", "/metrics")[number % 2])
            return time.monotonic() - begun, reply

    place.api.store(row(1))
    with WAYS[way](place), ThreadPoolExecutor(CALLERS + 2) as callers:  # type: ignore[attr-defined]
        for _ in range(2):  # Just after it has gone, and when the service has noticed it.
            for number, (seconds, reply) in enumerate(callers.map(ask, range(CALLERS + 2))):
                assert seconds < MOST_SECONDS, (number, seconds)
                if number == CALLERS + 1:
                    assert reply.status_code == 200 and "contactory_calls" in reply.text
                else:
                    assert reply.status_code == 503 and reply.headers["retry-after"], reply.text
                if number < CALLERS:
                    assert reply.json()["error"]["type"] == "ServiceUnavailable"
    begun = time.monotonic()
    while place.api.call("POST", "/contacts/bulk/sourceId", json={"contacts": [row(1)]}).status_code == 503:
        assert time.monotonic() - begun < MOST_SECONDS
        time.sleep(0.05)
    assert httpx.get(f"{place.server.url}/ready", trust_env=False).status_code == 200
    with ThreadPoolExecutor(CALLERS) as callers:
        statuses = {reply.status_code for _, reply in callers.map(ask, range(CALLERS))}
    assert statuses == {200}, place.server.log.read_text()[-5000:]


def test_call_that_waits_for_a_lock_is_not_ended(place: Place) -> None:
    """Let it wait longer than a silent database would be waited for."""
    with psycopg.connect(place.url) as owner, ThreadPoolExecutor(1) as caller:
        hold_up_writes(owner, place.api.organization)
        waiting = caller.submit(place.api.store, row(1, lastName="Marsh"))
        time.sleep(3)
        assert not waiting.done()
        owner.rollback()
        assert waiting.result(30)


def test_lost_session_of_the_heartbeat_affects_no_call(place: Place) -> None:
    with psycopg.connect(place.url) as owner, ThreadPoolExecutor(1) as caller:
        hold_up_writes(owner, place.api.organization)
        waiting = caller.submit(place.api.store, row(1, lastName="Fen"))
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE '%pg_backend_pid()%' AND pid <> pg_backend_pid()"
        )
        time.sleep(1)
        assert httpx.get(f"{place.server.url}/ready", trust_env=False).status_code == 200
        owner.rollback()
        assert waiting.result(30)
    assert place.api.contact(1)["lastName"] == "Fen"
