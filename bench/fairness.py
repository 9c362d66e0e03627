"""How long one contact takes while another organization sends as much as it can: `python -m bench.fairness`.

Prints the ratio of the 99th percentile to that of an idle service, which should be 5 or less.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.sharedctypes import Synchronized
from typing import Any

import psutil

from bench.batches import make_body
from bench.rows import Span
from bench.server import Server, serving
from bench.vendors import VENDORS
from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.store import access
from contactory.store.administration import Administration

BULK = "/propeller/contacts/bulk/sourceId"
LOADS = {
    "16 callers, 10,000 rows each": (16, [10_000]),
    "64 callers, 1 to 10,000 rows": (64, [1, 10, 100, 1000, 3000, 10_000]),
}
SECONDS = 12
PAUSE = 0.005


class Client:
    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def send(self, body: bytes) -> int:
        self._connection.request("POST", BULK, body, self._headers)
        with self._connection.getresponse() as reply:
            reply.read()
            return reply.status


def time_single(server: Server, token: str, pid: int) -> tuple[list[float], int]:
    """Milliseconds of each call, in order of size, and the most bytes that the service held."""
    taken, most, until, number = [], 0, time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        client = Client(server.service.port, token)  # Another connection may lead to another process.
        for _ in range(20):
            number += 1
            row = {
                "source": "ERP",
                "sourceId": number % 50,
                "language": "NL",
                "lastName": str(time.time_ns()),
            }
            begun = time.perf_counter()
            if client.send(json.dumps({"contacts": [row]}).encode()) != 200:
                raise RuntimeError("a single contact was refused")
            taken.append((time.perf_counter() - begun) * 1000)
            time.sleep(PAUSE)
        service = [psutil.Process(pid), *psutil.Process(pid).children()]
        most = max(most, sum(one.memory_full_info().uss for one in service if one.name() != "postgres"))
    return sorted(taken), most


def load(
    port: int, token: str, callers: int, sizes: Sequence[int], over: Synchronized[int], counts: Any
) -> None:
    spans = [Span(i * 10_000, size, v) for i, size in enumerate(sizes) for v in (1, 2)]
    bodies = [make_body(VENDORS["propeller"], [span]) for span in spans]

    def call(number: int) -> None:
        client = Client(port, token)
        while not over.value:
            number += 7
            status = client.send(bodies[number % len(bodies)])
            with counts.get_lock():
                counts[0 if status == 200 else 1 if status == 429 else 2] += 1

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def percentile(values: Sequence[float], part: float) -> float:
    return values[min(len(values) - 1, int(len(values) * part))]


def main() -> None:
    context = multiprocessing.get_context("spawn")
    with serving(0) as server, Administration(server.database_url) as administration:
        organization = administration.create_organization("Small")
        token = new_token(organization)
        with administration.organization(organization) as (transaction, _):
            access.create_token(transaction, hash_secret(token), scopes=["*"])
        time_single(server, token, server.pid)
        idle, rest = time_single(server, token, server.pid)
        say("idle", idle, idle, rest, "")
        for name, (callers, sizes) in LOADS.items():
            over, counts = context.Value("b", 0), context.Array("i", 3)
            process = context.Process(
                target=load, args=(server.service.port, server.service.token, callers, sizes, over, counts)
            )
            process.start()
            time.sleep(5)
            taken, most = time_single(server, token, server.pid)
            over.value = 1
            process.join()
            say(name, taken, idle, most, f"; answered {counts[0]}, put off {counts[1]}, failed {counts[2]}")


def say(name: str, taken: Sequence[float], idle: Sequence[float], most: int, more: str) -> None:
    ratio = percentile(taken, 0.99) / percentile(idle, 0.99)
    sys.stdout.write(
        f"{name}: {len(taken)} calls, median {statistics.median(taken):.1f} ms,"
        f" p99 {percentile(taken, 0.99):.1f} ms, ratio {ratio:.1f}; {most >> 20} MB{more}\n"
    )


if __name__ == "__main__":
    main()
