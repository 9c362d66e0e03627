"""Everything that a stranger or a tenant can do to a service by HTTP, without end: one function for each.

Each is called again and again until its time is over, with the target and a random generator, and answers the
statuses that it was given. The names of the findings in the hostile review are in the docstrings.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import random
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, Final, NamedTuple

PATIENCE: Final = 60.0  # seconds for an answer
_JSON: Final = {"content-type": "application/json"}
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_PROPELLER: Final = "/propeller/contacts/bulk/sourceId"
_DATANANAS: Final = "/datananas/contacts/bulk"
_EMAIL_PATH: Final = 241901148045316


class Target(NamedTuple):
    """A service, and the hostile tenant's organization and token in it."""

    port: int
    organization: int
    token: str

    @property
    def batch(self) -> str:
        return f"/everbridge/rest/contacts/{self.organization}/batch"

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> int:
        """Send one call on a connection of its own. Answers its status, or 0 where it was cut off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as reply:
                reply.read()
                return reply.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def send(self, method: str, path: str, document: Any) -> int:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.call(method, path, body, authorization=f"Bearer {self.token}", **_JSON)


Attack = Callable[[Target, random.Random], list[int]]


def forms(target: Target, draw: random.Random) -> list[int]:
    """B1: forms of many fields, small and large, for tokens."""
    path = draw.choice(["/propeller/oauth2/token", "/datananas/oauth2/token", "/datananas/oauth2/revoke"])
    return [target.call("POST", path, b"a=1&" * draw.choice([10, 4_000, 4_000_000]), **_FORM)]


def strangers_bodies(target: Target, draw: random.Random) -> list[int]:
    """B2: bodies of strangers that are large, slow, or come in tiny chunks."""
    path = draw.choice(["/propeller/oauth2/token", "/everbridge/authorization/v1/tokens"])
    if draw.random() < 0.5:
        return [target.call("POST", path, bytes(60_000_000), **_FORM)]
    return drip(target, path, "", seconds=8, tiny=draw.random() < 0.5)


def names(target: Target, draw: random.Random) -> list[int]:
    """B3 and A7: names of any length, each another, with wrong passwords."""
    name = draw.randbytes(draw.choice([10, 150, 1_000_000])).hex()
    shown = base64.b64encode(f"{name[:30]}:x".encode()).decode()
    form = f"grant_type=password&username={name}&password=x".encode()
    return [
        target.call("POST", "/everbridge/authorization/v1/tokens", form, **_FORM),
        target.call("GET", "/everbridge/rest/organizations", authorization=f"Basic {shown}"),
    ]


def idle_connections(target: Target, draw: random.Random) -> list[int]:  # noqa: ARG001
    """B4: connections that say nothing."""
    with ExitStack() as held:
        for _ in range(600):
            with suppress(OSError):
                held.enter_context(socket.create_connection(("127.0.0.1", target.port), timeout=1))
        time.sleep(5)
    return []


def methods(target: Target, draw: random.Random) -> list[int]:
    """B5: methods and paths that nobody knows."""
    return [target.call(f"N{draw.randrange(10**9)}", f"/nowhere/{draw.randrange(10**9)}") for _ in range(50)]


def sockets(target: Target, draw: random.Random) -> list[int]:
    """B6: WebSockets that send large messages before they say who they are."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", target.port), timeout=10) as wire:
        key = base64.b64encode(draw.randbytes(16)).decode()
        wire.sendall(
            f"GET /datananas/ws HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n".encode()
        )
        wire.recv(1000)
        size = 8_000_000
        wire.sendall(b"\x81\xff" + size.to_bytes(8, "big") + bytes(4) + bytes(size))
        time.sleep(2)
    return []


def slow_bodies(target: Target, draw: random.Random) -> list[int]:
    """B7: a tenant's bodies that are said to be large and come drop by drop."""
    path = draw.choice([_PROPELLER, _DATANANAS])
    return drip(target, path, target.token, seconds=15, tiny=False)


def swollen_bodies(target: Target, draw: random.Random) -> list[int]:
    """B8: small bodies of many rows, items or keys."""
    tiny = draw.choice([b"1", b"{}", b"[]"])
    many = b"[" + tiny + (b"," + tiny) * draw.choice([60_000, 1_300_000]) + b"]"
    keys = json.dumps({f"k{number}": number for number in range(300_000)}).encode()
    method, path, body = draw.choice(
        [
            ("POST", _PROPELLER, b'{"contacts":' + many + b"}"),
            ("PUT", target.batch, many),
            ("POST", _DATANANAS, b'{"contacts":' + many + b"}"),
            ("POST", _PROPELLER, b'{"contacts":[' + keys + b"]}"),
        ]
    )
    return [target.send(method, path, body)]


def distinct_words(target: Target, draw: random.Random) -> list[int]:
    """B9: words that a cache could keep, each another."""
    people = [
        {
            "externalId": str(number),
            "firstName": "A",
            "lastName": "B",
            "recordTypeName": "Employee",
            "timezoneId": draw.randbytes(500).hex(),
            "country": draw.randbytes(2).hex(),
            "paths": [{"pathId": _EMAIL_PATH + 3, "value": str(draw.getrandbits(200)), "countryCode": "US"}],
        }
        for number in range(2_000)
    ]
    contacts = [{"email": f"{n}@x.example", draw.randbytes(200).hex(): 1} for n in range(2_000)]
    return [
        target.send("PUT", target.batch, people),
        target.send("POST", _DATANANAS, {"contacts": contacts}),
    ]


def quadratic_work(target: Target, draw: random.Random) -> list[int]:
    """B10: paths with quiet times, operations of a PATCH, and vars of one contact in many rows."""
    quiet = [{"fromMinutes": 60, "toMinutes": 120, "dayOfWeek": ["Mon"]}]
    path = {"pathId": _EMAIL_PATH, "value": "a@x.example"}
    person: dict[str, Any] = {
        "externalId": "quiet",
        "firstName": "A",
        "lastName": "B",
        "recordTypeName": "Employee",
        "timezoneId": "Europe/Amsterdam",
    }
    with_quiet = [path | {"quietTimeFrames": quiet} for _ in range(2_000)]
    rows = [
        {"email": "one@x.example", "vars": {f"v{draw.getrandbits(60)}": "x" * 1_000}} for _ in range(1_000)
    ]
    return [
        target.send("PUT", target.batch, [person | {"paths": with_quiet}]),
        target.send("PUT", target.batch, [person | {"paths": [path] * 2_000}]),
        target.send("POST", _DATANANAS, {"contacts": rows}),
    ]


def many_jobs(target: Target, draw: random.Random) -> list[int]:
    """B11: jobs without end."""
    first = draw.randrange(10**6)
    rows = [{"email": f"p{first + number}@x.example", "city": "x" * 20} for number in range(10_000)]
    return [target.send("POST", _DATANANAS, {"contacts": rows})]


def large_answers(target: Target, draw: random.Random) -> list[int]:
    """B12: texts that are long, and pages of them."""
    company = {"source": "S", "sourceId": draw.randrange(50), "language": "NL", "companyName": "N"}
    note = {"notes": "x" * draw.choice([60_000, 10_000_000])}
    return [
        target.send("POST", "/propeller/companies/bulk/sourceId", {"companies": [company | note]}),
        target.send("POST", "/propeller/companies/search", {"offset": 1000}),
        target.send("GET", "/datananas/contacts/bulk?perPage=1000", b""),
        target.send("GET", "/datananas/contacts?perPage=1000", b""),
    ]


def many_sources(target: Target, draw: random.Random) -> list[int]:
    """B13: rows of sources that are each another."""
    row = {"language": "NL", "lastName": "B", "sourceId": 1}
    return [
        target.send(
            "POST",
            _PROPELLER,
            {"contacts": [row | {"source": draw.randbytes(8).hex()} for _ in range(9_000)]},
        )
    ]


def drip(target: Target, path: str, token: str, *, seconds: float, tiny: bool) -> list[int]:
    """Send a body of 64 MB byte by byte, or in chunks of two bytes as fast as they go."""
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    head += f"authorization: Bearer {token}\r\n" if token else ""
    head += "transfer-encoding: chunked\r\n\r\n" if tiny else "content-length: 67108864\r\n\r\n"
    piece, pause = (b"2\r\n  \r\n" * 1_000, 0.0) if tiny else (b" ", 1.0)
    with suppress(OSError), socket.create_connection(("127.0.0.1", target.port), timeout=5) as wire:
        wire.sendall(head.encode())
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            wire.sendall(piece)
            time.sleep(pause)
    return []


ATTACKS: Final[dict[str, Attack]] = {
    attack.__name__: attack
    for attack in (
        forms,
        strangers_bodies,
        names,
        idle_connections,
        methods,
        sockets,
        slow_bodies,
        swollen_bodies,
        distinct_words,
        quadratic_work,
        many_jobs,
        large_answers,
        many_sources,
    )
}


def run(name: str, target: Target, over: Any, counts: Any) -> None:
    """Repeat an attack in this process until `over`. `counts`: answers by hundreds of their status.

    Attackers have machines of their own, so that making the attacks takes no processor from the service.
    """
    os.nice(19)
    draw = random.Random(os.getpid())
    while not over.value:
        for status in ATTACKS[name](target, draw):
            with counts.get_lock():
                counts[status // 100] += 1
        time.sleep(0.01)
