"""The Datananas call: how fast it is answered, and what listeners cost."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Final, NamedTuple

import psycopg
from websockets.sync.client import ClientConnection, connect

from bench.batches import CREATE, Batch
from bench.rows import ROWS, Span
from bench.service import CallSession, JobSession, Service
from bench.vendors.vendor import Vendor
from contactory.dialects.datananas.bodies import check_sizes
from contactory.dialects.datananas.job_rows import compress
from contactory.dialects.datananas.sent import DEPTH, MAX_CONTACTS, open_body

LISTENERS: Final = 10

_FIRST: Final = 70_000_000  # persons whom no other case has
_STORE: Final = "CREATE TEMPORARY TABLE stored_batches (body bytea)"


class Jobs(NamedTuple):
    """Medians in seconds.

    `stored`: reading a batch and storing it; `answered`: of the call's answer; `written`: until its rows are
    committed, with nobody listening and with ten who do.
    """

    stored: float
    answered: float
    written: float
    with_listeners: float


def measure(vendor: Vendor, service: Service, rounds: int) -> Jobs:
    taken = []
    with (
        closing(JobSession(service, vendor)) as session,
        psycopg.connect(service.database_url, autocommit=True) as connection,
    ):
        connection.execute(_STORE)
        for round_ in range(rounds + 1):
            batch = _make_batch(vendor, 2 * round_)
            stored = _store(connection, batch.body)
            answered, alone = _time(session, batch)
            with _listening(service) as listeners:
                _, listened = _time(session, _make_batch(vendor, 2 * round_ + 1))
                for listener in listeners:
                    listener.join()
            taken.append((stored, answered, alone, listened))
    return Jobs(*map(statistics.median, zip(*taken[1:], strict=True)))


def _make_batch(vendor: Vendor, number: int) -> Batch:
    rows = vendor.rows(Span(_FIRST + number * ROWS, ROWS))
    return Batch(ROWS, CREATE, vendor.body(rows), [], (), b"")


def _store(connection: psycopg.Connection, body: bytes) -> float:
    """Do what an answer cannot do without: read the batch as the service does, and store it."""
    started = time.perf_counter()
    check_sizes(body, most=MAX_CONTACTS, depth=DEPTH)
    rows = open_body(body).rows
    rows.read(range(len(rows)))
    connection.execute("INSERT INTO stored_batches VALUES (%b)", [compress(body)()])
    return time.perf_counter() - started


def _time(session: JobSession, batch: Batch) -> tuple[float, float]:
    """Return the seconds to the answer, and until every row is committed."""
    session.prepare()
    started = time.perf_counter()
    answer = CallSession.send(session, batch)
    answered = time.perf_counter() - started
    session.wait_for(answer)
    seconds = time.perf_counter() - started
    session.check(answer, batch)
    return answered, seconds


@contextmanager
def _listening(service: Service) -> Iterator[list[threading.Thread]]:
    """Have listeners that each must get every frame of one call, in order."""
    wrong: list[Any] = []
    with ExitStack() as stack:
        sockets = [stack.enter_context(_socket(service)) for _ in range(LISTENERS)]
        threads = [threading.Thread(target=_listen, args=(socket, wrong)) for socket in sockets]
        for thread in threads:
            thread.start()
        yield threads
    if wrong:
        raise ValueError(f"a listener was told {wrong[0]}")


def _socket(service: Service) -> ClientConnection:
    headers = {"Authorization": f"Bearer {service.token}"}
    url = f"ws://127.0.0.1:{service.port}/datananas/ws"
    return connect(url, additional_headers=headers, proxy=None, compression=None)


def _listen(socket: ClientConnection, wrong: list[Any]) -> None:
    first = socket.recv(timeout=60)
    while "starting" not in str(first):  # The last events of the call before may still be on their way.
        first = socket.recv(timeout=60)
    frames = [first, *(socket.recv(timeout=60) for _ in range(ROWS + 1))]
    rows = [json.loads(frame)["payload"].get("i") for frame in frames]
    if rows != [None, *range(ROWS), None]:
        wrong.append(rows[:10])
