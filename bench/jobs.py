"""The Datananas call: how fast it is answered, how fast its rows are written, and what listeners cost."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from websockets.sync.client import ClientConnection, connect

from bench.endpoint import Endpoint
from bench.vendors import Client
from contactory.demo import datananas, people
from contactory.dialects.datananas.rows import read_rows

ROWS: Final = 10_000
LISTENERS: Final = 10
MOST_ANSWER: Final = 3.0  # times decoding and storing the batch
LEAST_SPEED: Final = 0.5  # of the Propeller call's rows per second
MOST_WITH_LISTENERS: Final = 1.3  # times as long as with none

_FIRST: Final = 70_000_000
_STORE: Final = "CREATE TEMPORARY TABLE stored_batches (body bytea)"


class Jobs(NamedTuple):
    """Medians in seconds, but for `speed`: rows per second."""

    stored: float
    answered: float
    speed: float
    ratio: float
    alone: float
    with_listeners: float


def measure(endpoint: Endpoint, database_url: str, rounds: int, propeller_speed: float) -> Jobs:
    """`propeller_speed`: of the same run."""
    client, times = Client(endpoint), _Times()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_STORE)
        for round_ in range(rounds + 1):
            body = _body(2 * round_)
            stored = _store(connection, body)
            answered, alone = _run(client, body)
            with _listening(endpoint) as listeners:
                _, listened = _run(client, _body(2 * round_ + 1))
                for listener in listeners:
                    listener.join()
            if round_:
                times.add(stored, answered, alone, listened)
    stored, answered, alone, listened = times.medians()
    speed = ROWS / alone
    return Jobs(stored, answered, speed, speed / propeller_speed, alone, listened)


class _Times:
    def __init__(self) -> None:
        self._rounds: list[tuple[float, ...]] = []

    def add(self, *seconds: float) -> None:
        self._rounds.append(seconds)

    def medians(self) -> list[float]:
        return [statistics.median(column) for column in zip(*self._rounds, strict=True)]


def _body(number: int) -> bytes:
    rows = people.contacts(ROWS, first=_FIRST + number * ROWS)
    contacts = [
        datananas.contact(row) | {"email": f"prospect.{number}.{place}@example.com"}
        for place, row in enumerate(rows)
    ]
    return msgspec.json.encode({"contacts": contacts})


def _store(connection: psycopg.Connection, body: bytes) -> float:
    """What an answer cannot do without: to decode the batch and keep it."""
    started = time.perf_counter()
    rows = read_rows(msgspec.json.decode(body)["contacts"])
    kept = msgspec.msgpack.encode(rows.columns)
    connection.execute("INSERT INTO stored_batches VALUES (%b)", [kept])
    return time.perf_counter() - started


def _run(client: Client, body: bytes) -> tuple[float, float]:
    """Seconds to the answer, and until every row was committed."""
    started = time.perf_counter()
    uuid = client.call("POST", "/datananas/contacts/bulk", body)["uuid"]
    answered = time.perf_counter() - started
    while True:
        job = client.call("GET", f"/datananas/contacts/bulk/{uuid}", None)
        if job["state"] == "ended":
            seconds = time.perf_counter() - started
            break
        time.sleep(0.005)
    if (job["created"], job["failed"]) != (ROWS, 0):
        raise ValueError(f"{ROWS} new contacts sent: {str(job)[:500]}")
    return answered, seconds


@contextmanager
def _listening(endpoint: Endpoint) -> Iterator[list[threading.Thread]]:
    """Listeners that each must get every frame of one call, in order."""
    wrong: list[Any] = []
    with ExitStack() as stack:
        sockets = [stack.enter_context(_socket(endpoint)) for _ in range(LISTENERS)]
        threads = [threading.Thread(target=_listen, args=(socket, wrong)) for socket in sockets]
        for thread in threads:
            thread.start()
        yield threads
    if wrong:
        raise ValueError(f"a listener was told {wrong[0]}")


def _socket(endpoint: Endpoint) -> ClientConnection:
    headers = {"Authorization": f"Bearer {endpoint.token}"}
    url = f"ws://127.0.0.1:{endpoint.port}/datananas/ws"
    return connect(url, additional_headers=headers, proxy=None, compression=None)


def _listen(socket: ClientConnection, wrong: list[Any]) -> None:
    frames = [socket.recv(timeout=60) for _ in range(ROWS + 2)]
    places = [json.loads(frame)["payload"].get("i") for frame in frames]
    if places != [None, *range(ROWS), None]:
        wrong.append(places[:10])
