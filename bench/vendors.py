"""The other vendors' calls, against the Propeller call of the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPConnection
from typing import Any, Final, NamedTuple

import msgspec

from bench.batches import Span, make_batch
from bench.endpoint import Endpoint
from bench.memory import Memory, Watched
from contactory.demo import everbridge, people

EVERBRIDGE_ROWS: Final = 5_000
PROPELLER_ROWS: Final = 10_000
RATIO: Final = 0.20  # of the Propeller call's rows per second
MEMORY: Final = 200 << 20  # bytes over idle

_BATCH: Final = "/everbridge/rest/contacts/{org}/batch"
_FIRST: Final = 50_000_000  # persons whom no other case has


class Vendor(NamedTuple):
    """Medians, in rows per second. `peak`: bytes over what the server had before."""

    call: str
    speed: float
    ratio: float
    peak: int


class Client:
    def __init__(self, endpoint: Endpoint) -> None:
        self._connection = HTTPConnection("127.0.0.1", endpoint.port, timeout=600)
        self._headers = {"Authorization": f"Bearer {endpoint.token}", "Content-Type": "application/json"}
        (organization,) = self.call("GET", "/everbridge/rest/organizations", None)["page"]["data"]
        self._organization = str(organization["id"])

    def call(self, method: str, path: str, body: bytes | None) -> Any:
        if "{org}" in path:
            path = path.replace("{org}", self._organization)
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        answer = msgspec.json.decode(response.read())
        if response.status != 200 or answer.get("code", 100) != 100:
            raise ValueError(f"{method} {path} was answered {response.status}: {str(answer)[:500]}")
        return answer


def measure(endpoint: Endpoint, watched: Watched, rounds: int) -> list[Vendor]:
    """Propeller's create and replacement, and Everbridge's batch: created, replaced, and left as it is."""
    client, idle = Client(endpoint), watched.now()
    for preparation in everbridge.preparations():
        client.call("POST", preparation.path, preparation.body)
    propeller = _median(rounds, lambda round_: _send_propeller(client, round_))
    speed = PROPELLER_ROWS / propeller
    measured = [Vendor("Propeller bulk, 10,000 created", speed, 1.0, 0)]
    calls: list[tuple[str, Callable[[int], tuple[str, bytes]]]] = [
        ("created", lambda round_: ("POST", _batch(round_ * EVERBRIDGE_ROWS, 0))),
        ("replaced", lambda round_: ("PUT", _batch(0, round_ + 1))),
        ("unchanged", lambda _: ("PUT", _batch(0, rounds))),
    ]
    for name, make in calls:
        peaks: list[Memory] = []
        send = partial(_send, client, watched, make, peaks)
        seconds = _median(rounds, send)
        peak = max(memory.server for memory in peaks) - idle.server
        everbridge_speed = EVERBRIDGE_ROWS / seconds
        label = f"Everbridge batch, 5,000 {name}"
        measured.append(Vendor(label, everbridge_speed, everbridge_speed / speed, peak))
    return measured


def _median(rounds: int, send: Callable[[int], float]) -> float:
    return statistics.median([send(round_) for round_ in range(rounds + 1)][1:])


def _send_propeller(client: Client, round_: int) -> float:
    body = make_batch([Span(_FIRST + round_ * PROPELLER_ROWS, PROPELLER_ROWS)]).body
    started = time.perf_counter()
    client.call("POST", "/propeller/contacts/bulk/sourceId", body)
    return time.perf_counter() - started


def _send(
    client: Client,
    watched: Watched,
    make: Callable[[int], tuple[str, bytes]],
    peaks: list[Memory],
    round_: int,
) -> float:
    """Memory is watched by another thread of this process, which costs the server nothing."""
    method, body = make(round_)
    seconds: list[float] = []

    def work() -> None:
        started = time.perf_counter()
        client.call(method, _BATCH, body)
        seconds.append(time.perf_counter() - started)

    peaks.append(watched.peak_of(work))
    return seconds[0]


def _batch(first: int, revision: int) -> bytes:
    """Every contact has another last name in another revision."""
    rows: Sequence[dict[str, Any]] = people.contacts(
        EVERBRIDGE_ROWS, first=first, revision=revision, everyone=True
    )
    return msgspec.json.encode([everbridge.contact(row) for row in rows])
