"""Large requests that come to one process of the service use the slot of the other one.

The process's own slot is held by a request of another organization whose writes have to wait.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, LiteralString

import httpx
import psutil
import psycopg
import pytest

from contactory.store import embedded
from tests.acceptance.client import BULK, Api, hold_up_writes, row
from tests.acceptance.everbridge.client import person
from tests.acceptance.server import Server
from tests.acceptance.test_operations import metrics

PROPELLER = f"/propeller{BULK}"
ROWS = 2000


class Caller:
    """A connection, which stays with the process that accepted it."""

    def __init__(self, server: Server, token: str) -> None:
        self._connection = HTTPConnection(server.url.removeprefix("http://"), timeout=60)
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        self._rest = b""
        self.close = self._connection.close
        self._connection.request("GET", "/health")
        self._connection.getresponse().read()
        self.process = _whose(server, self._connection.sock.getsockname()[1])

    def send(self, method: str, path: str, body: Any) -> tuple[HTTPResponse, Any]:
        self._connection.request(method, path, json.dumps(body), self._headers)
        return self._answer()

    def begin(self, body: Any) -> None:
        """Send half of a call."""
        text = json.dumps(body).encode()
        self._connection.putrequest("POST", PROPELLER)
        for name, value in {**self._headers, "content-length": str(len(text))}.items():
            self._connection.putheader(name, value)
        self._connection.endheaders(text[:1000])
        self._rest = text[1000:]

    def end(self) -> tuple[HTTPResponse, Any]:
        """Send the rest of it."""
        self._connection.send(self._rest)
        return self._answer()

    def _answer(self) -> tuple[HTTPResponse, Any]:
        reply = self._connection.getresponse()
        return reply, json.loads(reply.read())


def _workers(server: Server) -> list[psutil.Process]:
    children = psutil.Process(server.pid).children()
    return [child for child in children if child.name() != "postgres" and child.net_connections("tcp")]


def _whose(server: Server, port: int) -> int:
    for worker in _workers(server):
        if any(each.raddr and each.raddr.port == port for each in worker.net_connections("tcp")):
            return worker.pid
    raise AssertionError(f"no process has taken the connection from port {port}")


def _until(happens: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a service that each test leaves with two processes, and that the last test ends."""
    server = Server(tmp_path_factory.mktemp("two"), workers="2")
    await_workers(server, 2)
    yield server
    server.stop()


def workers_begun(server: Server) -> int:
    return server.log.read_text().count("Started worker")


def await_workers(server: Server, count: int) -> None:
    """Wait until so many have started in all, since one that is still starting ignores the signal to end."""
    _until(lambda: workers_begun(server) == count)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    with embedded.running(server.data_dir, exclusive=False) as url:
        yield url


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Make a client with a connection for each call: a kept one ends with its process."""
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(trust_env=False, timeout=60, limits=limits) as client:
        yield client


@pytest.fixture
def api(server: Server, database: str, http: httpx.Client) -> Api:
    return Api.of_new_organization(http, server.url, database)


@pytest.fixture
def other(server: Server, database: str, http: httpx.Client) -> Api:
    """Make a client of another organization."""
    return Api.of_new_organization(http, server.url, database)


@pytest.fixture
def pair(server: Server, api: Api, other: Api) -> Iterator[tuple[Caller, Caller]]:
    """Yield two callers of the same process, the first of the other organization."""
    with ExitStack() as open_:
        first = open_.enter_context(closing(Caller(server, other.token)))
        while True:
            second = open_.enter_context(closing(Caller(server, api.token)))
            if second.process == first.process:
                break
        yield first, second


class Sending:
    """A running request, and its response in the end, if there is one."""

    def __init__(self, caller: Caller, last_name: str) -> None:
        self.answer: tuple[HTTPResponse, Any] | None = None
        self._thread = threading.Thread(target=self._send, args=(caller, last_name))
        self._thread.start()

    def _send(self, caller: Caller, last_name: str) -> None:
        with suppress(HTTPException, OSError):
            self.answer = caller.send("POST", PROPELLER, contacts(last_name))

    def join(self) -> tuple[HTTPResponse, Any] | None:
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.answer


class Busy:
    """A process that works at a request of the pair's first caller, whose organization cannot write yet."""

    def __init__(self, pair: tuple[Caller, Caller], organization: int, owner: psycopg.Connection) -> None:
        caller, self.neighbour = pair
        self._owner = owner
        hold_up_writes(owner, organization)
        self._call = Sending(caller, "Marsh")
        _until(lambda: _waiting(owner, "locktype = 'advisory'"))

    def end(self) -> tuple[HTTPResponse, Any] | None:
        self._owner.rollback()
        return self._call.join()


@pytest.fixture
def keep_busy(pair: tuple[Caller, Caller], other: Api, database: str) -> Iterator[Callable[[], Busy]]:
    with psycopg.connect(database) as owner:
        yield lambda: Busy(pair, other.organization, owner)


def contacts(last_name: str) -> Any:
    return {"contacts": [row(number, lastName=last_name) for number in range(ROWS)]}


CALLS = {
    "propeller": ("POST", PROPELLER, contacts("Quill")),
    "propeller, refused": (
        "POST",
        PROPELLER,
        {"contacts": [*contacts("Quill")["contacts"], row(1, email=1)]},
    ),
    "everbridge": (
        "PUT",
        "/everbridge/rest/contacts/{org}/batch",
        [person(f"e{number}") for number in range(ROWS)],
    ),
    "datananas": (
        "POST",
        "/datananas/contacts/bulk",
        {"contacts": [{"email": f"d{number}@example.org", "lastName": "Quill"} for number in range(ROWS)]},
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_request_in_the_slot_of_another_process_is_answered_as_in_its_own(
    server: Server,
    api: Api,
    pair: tuple[Caller, Caller],
    keep_busy: Callable[[], Busy],
    http: httpx.Client,
    name: str,
) -> None:
    method, path, body = CALLS[name]
    path = path.replace("{org}", str(api.organization))
    _, caller = pair
    caller.send(method, path, body)
    own, said_in_own = caller.send(method, path, body)
    busy = keep_busy()
    other, said_in_other = caller.send(method, path, body)
    assert other.status == own.status
    if name == "datananas":
        assert said_in_other.keys() == said_in_own.keys()
        _until(lambda: _job(server, api, said_in_other["uuid"], http)["state"] == "ended")
        assert _job(server, api, said_in_other["uuid"], http)["processed"] == ROWS
    else:
        assert said_in_other == said_in_own
    _assert_stored(busy.end())
    assert metrics(http, server)["contactory_reserved_bytes"] == 0


def test_slow_body_holds_no_slot(server: Server, pair: tuple[Caller, Caller], http: httpx.Client) -> None:
    slow, caller = pair
    slow.begin(contacts("Marsh"))
    _until(lambda: metrics(http, server)["contactory_reserved_bytes"])
    _assert_stored(caller.send("POST", PROPELLER, contacts("Quill")))
    _assert_stored(slow.end())


def _assert_stored(answer: tuple[HTTPResponse, Any] | None) -> None:
    assert answer
    reply, said = answer
    assert reply.status == 200 and len(said["data"]) == ROWS


def _job(server: Server, api: Api, uuid: str, http: httpx.Client) -> Any:
    headers = {"authorization": f"Bearer {api.token}"}
    return http.get(f"{server.url}/datananas/contacts/bulk/{uuid}", headers=headers).json()


class Stuck:
    """A request in the slot of the other process, which cannot write until `let_go` is called."""

    def __init__(self, caller: Caller, owner: psycopg.Connection) -> None:
        caller.send("POST", PROPELLER, contacts("Quill"))  # That process has a connection then.
        self._owner = owner
        owner.execute("LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE")
        self._call = Sending(caller, "Thorne")
        self.join = self._call.join
        _until(lambda: _waiting(owner, "relation::regclass::text LIKE 'contacts%'"))

    def let_go(self) -> None:
        self._owner.rollback()


@pytest.fixture
def busy(keep_busy: Callable[[], Busy]) -> Busy:
    return keep_busy()


@pytest.fixture
def stuck(busy: Busy, database: str) -> Iterator[Stuck]:
    with psycopg.connect(database) as owner:
        yield Stuck(busy.neighbour, owner)


def test_slots_of_a_process_that_dies_are_free_again(
    server: Server, api: Api, other: Api, pair: tuple[Caller, Caller], busy: Busy, stuck: Stuck
) -> None:
    begun = workers_begun(server)
    os.kill(pair[0].process, signal.SIGKILL)
    assert stuck.join() is None and busy.end() is None
    stuck.let_go()
    await_workers(server, begun + 1)
    with closing(Caller(server, api.token)) as caller, closing(Caller(server, other.token)) as another:
        sent = [Sending(each, "Marsh") for each in (caller, another)]
        for each in sent:
            _assert_stored(each.join())
    assert api.count() == other.count() == ROWS


def test_request_in_the_slot_of_another_process_is_finished_before_the_service_ends(
    server: Server, busy: Busy, stuck: Stuck
) -> None:
    os.kill(server.pid, signal.SIGTERM)
    _until(lambda: "Stopping worker" in server.log.read_text())
    stuck.let_go()
    _assert_stored(stuck.join())
    _assert_stored(busy.end())
    server.stop()


def _waiting(connection: psycopg.Connection, lock: LiteralString) -> int:
    """Count the sessions that wait for such a lock."""
    found = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND " + lock).fetchone()
    return found[0] if found else 0
