"""Ours: a bulk call over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, ClassVar

import msgspec

from bench.batches import ROUTE, Batch
from contactory.demo import people

_PREFIX = "/propeller"


class _Row(msgspec.Struct):
    success: bool


class _Reply(msgspec.Struct):
    data: list[_Row]
    total: int


@dataclass(frozen=True)
class Endpoint:
    port: int
    token: str
    name: ClassVar[str] = "ours"

    def open(self) -> EndpointSession:
        return EndpointSession(self.port, self.token)

    def send_what_contacts_refer_to(self, *, attributes: bool) -> None:
        """The companies, and the definitions of attributes."""
        session = self.open()
        companies = people.companies()
        session.post("/companies/bulk/sourceId", {"companies": companies}, len(companies))
        if attributes:
            definitions = people.attribute_definitions()
            session.post("/attributes/bulk/name", definitions, len(definitions))


class EndpointSession:
    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=600)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def prepare(self) -> None:
        """A new connection each time: kept, all callers may by chance stay with one process of the server."""
        self._connection.close()
        self._connection.connect()

    def send(self, batch: Batch) -> tuple[int, bytes]:
        return self._post(ROUTE, batch.body)

    def check(self, answer: tuple[int, bytes], batch: Batch) -> None:
        _check(answer, batch.size)

    def post(self, path: str, document: Any, count: int) -> None:
        _check(self._post(path, msgspec.json.encode(document)), count)

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        self._connection.request("POST", _PREFIX + path, body, self._headers)
        response = self._connection.getresponse()
        return response.status, response.read()


def _check(answer: tuple[int, bytes], count: int) -> None:
    status, body = answer
    if status != 200:
        raise ValueError(f"the endpoint answered {status}: {body[:500]!r}")
    reply = msgspec.json.decode(body, type=_Reply)
    if reply.total != count or len(reply.data) != count or not all(row.success for row in reply.data):
        failed = sum(not row.success for row in reply.data)
        raise ValueError(f"{count} rows sent, {reply.total} answered, {failed} failed: {body[:500]!r}")
