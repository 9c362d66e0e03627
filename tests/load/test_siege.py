"""Attacks with connections and slow bodies, and killed processes: others still get their responses."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from contactory.model.limits import (
    LARGEST_MESSAGE,
    SOCKETS_OF_USER,
    SOCKETS_UNKNOWN_HERE,
)
from contactory.store import embedded
from tests.acceptance.client import BULK, Api, row
from tests.acceptance.server import Server

IDLE = 2200


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("siege"), workers="2")
    yield server
    server.stop()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Make a client with a connection for each call, so that any process may get it."""
    limits = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(trust_env=False, timeout=60, limits=limits) as client:
        yield client


@pytest.fixture
def apis(server: Server, http: httpx.Client) -> tuple[Api, Api]:
    """Make clients of two organizations."""
    with embedded.running(server.data_dir, exclusive=False) as url:
        return (
            Api.of_new_organization(http, server.url, url),
            Api.of_new_organization(http, server.url, url),
        )


def reach(server: Server) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def test_idle_connections_block_nobody_and_are_closed(server: Server, http: httpx.Client) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(closing(reach(server))) for _ in range(IDLE)]
        idle[1].sendall(b"GET /health HTT")
        idle[2].sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert idle[2].recv(1000).startswith(b"HTTP/1.1 200")
        for _ in range(10):
            assert http.get(f"{server.url}/health").status_code == 200
        for connection in (idle[0], idle[1], idle[2], idle[-1]):
            assert connection.recv(1000) == b""


def test_slow_bodies_delay_no_other_organization(server: Server, apis: tuple[Api, Api]) -> None:
    """Declare bodies as large as all the memory, and send them byte by byte."""
    slow, other = apis
    head = (
        f"POST /propeller{BULK} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {slow.token}\r\n"
        f"content-length: {48 << 20}\r\n\r\n"
    )
    with ExitStack() as stack:
        bodies = [stack.enter_context(closing(reach(server))) for _ in range(8)]
        for body in bodies:
            body.sendall(head.encode() + b'{"contacts":[')
        time.sleep(0.5)
        for count in (2, 300, 2000):
            for body in bodies:
                body.sendall(b" ")
            rows = [row(number, lastName="x" * 400) for number in range(count)]
            assert other.call("POST", BULK, json={"contacts": rows}).status_code == 200


def test_process_that_dies_repeatedly_does_not_end_the_service(
    server: Server, http: httpx.Client, apis: tuple[Api, Api]
) -> None:
    def workers() -> list[psutil.Process]:
        children = psutil.Process(server.pid).children()
        return sorted(
            (child for child in children if child.name() != "postgres"), key=lambda one: one.create_time()
        )

    def until_there_are_two() -> None:
        deadline = time.monotonic() + 60
        while len(workers()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    api, _ = apis
    healthy = workers()[0].pid
    for number in range(3):
        (victim,) = (worker for worker in workers() if worker.pid != healthy)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait(20)  # Requests that had reached it are lost.
        assert api.store(row(number))
        assert http.get(f"{server.url}/health").status_code == 200
        until_there_are_two()
    assert healthy in {worker.pid for worker in workers()}
    deadline = time.monotonic() + 60
    while server.log.read_text().count("Started worker") < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert api.count() == 3


def watch(server: Server, token: str = "") -> ClientConnection:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    url = server.url.replace("http", "ws", 1) + "/datananas/ws"
    return connect(url, additional_headers=headers, proxy=None)


def closed(connection: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as end:
        connection.recv(timeout=30)
    return end.value.rcvd.code if end.value.rcvd else 0


@pytest.fixture(scope="module")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a service after one that was killed, whose folder is removed by then."""
    server = Server(tmp_path_factory.mktemp("one"), DATANANAS_PING_SECONDS="0")
    (left,) = server.data_dir.glob("contactory-run-*")
    server.kill()
    assert left.exists()
    server.start()
    assert not left.exists()
    yield server
    server.stop()


def test_number_of_sockets_is_bounded(one_process: Server, http: httpx.Client) -> None:
    with embedded.running(one_process.data_dir, exclusive=False) as url:
        api = Api.of_new_organization(http, one_process.url, url)
        other = Api.of_new_organization(http, one_process.url, url)
    with ExitStack() as stack:
        unknown = [stack.enter_context(watch(one_process)) for _ in range(SOCKETS_UNKNOWN_HERE)]
        with pytest.raises(InvalidStatus) as refused:
            watch(one_process)
        assert refused.value.response.status_code == 429
        # A client that sends a token at once does not count as unauthenticated.
        known = [stack.enter_context(watch(one_process, api.token)) for _ in range(SOCKETS_OF_USER)]
        assert closed(stack.enter_context(watch(one_process, api.token))) == 1013
        others = stack.enter_context(watch(one_process, other.token))
        hello = json.dumps({"type": "auth", "token": other.token})
        unknown[0].send(hello.ljust(LARGEST_MESSAGE))
        unknown[1].send(hello.ljust(LARGEST_MESSAGE + 1))
        assert closed(unknown[1]) == 4401
        # Sockets without a token are closed.
        assert [closed(each) for each in unknown[2:]] == [4401] * (SOCKETS_UNKNOWN_HERE - 2)
        others.send("x" * LARGEST_MESSAGE)
        known[0].send("x" * (LARGEST_MESSAGE + 1))
        assert closed(known[0]) == 1009
        for connection in (others, unknown[0]):
            with pytest.raises(TimeoutError):
                connection.recv(timeout=0.2)
        with watch(one_process, api.token) as again, pytest.raises(TimeoutError):
            again.recv(timeout=0.2)
