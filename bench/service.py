"""The service's side: a bulk call over HTTP, from the request until its rows are committed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, ClassVar, Final, NamedTuple

import msgspec
import psycopg

from bench.batches import CREATE, Batch
from bench.vendors import VENDORS
from bench.vendors.vendor import Call, Route, Vendor

_PATIENCE: Final = 600
# Tells of the end of a job when that is committed, so that nobody has to ask for it again and again.
_TRIGGER: Final = """
CREATE FUNCTION bench.tell_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('bench_jobs', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER bench_end AFTER UPDATE OF state ON jobs FOR EACH ROW
WHEN (NEW.state IN ('ended', 'failed')) EXECUTE FUNCTION bench.tell_of_end()
"""


def watch_jobs(connection: psycopg.Connection) -> None:
    connection.execute(_TRIGGER)


class Service(NamedTuple):
    """A server that runs, with a token of an organization of its own."""

    port: int
    token: str
    organization: int
    database_url: str

    def send_all(self, calls: list[Call]) -> None:
        with closing(Client(self)) as client:
            for call in calls:
                client.ask(call.route, call.body)


class Client:
    def __init__(self, service: Service) -> None:
        self._organization = str(service.organization)
        self._connection = HTTPConnection("127.0.0.1", service.port, timeout=_PATIENCE)
        self._headers = {"Authorization": f"Bearer {service.token}", "Content-Type": "application/json"}

    def reconnect(self) -> None:
        """Open a new connection: kept, all callers may by chance stay with one process of the server."""
        self._connection.close()
        self._connection.connect()

    def close(self) -> None:
        self._connection.close()

    def call(self, route: Route, body: bytes | None = None) -> tuple[int, bytes]:
        path = route.path.replace("{org}", self._organization)
        self._connection.request(route.method, path, body, self._headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def ask(self, route: Route, body: bytes | None = None) -> Any:
        status, answer = self.call(route, body)
        if status not in (200, 201):
            raise ValueError(f"{route.method} {route.path} was answered {status}: {answer[:500]!r}")
        return msgspec.json.decode(answer)


@dataclass(frozen=True)
class Ours:
    service: Service
    vendor: str
    name: ClassVar[str] = "ours"

    def open(self) -> CallSession:
        vendor = VENDORS[self.vendor]
        return (JobSession if vendor.is_job else CallSession)(self.service, vendor)


class CallSession:
    """Rows are committed before the answer."""

    def __init__(self, service: Service, vendor: Vendor) -> None:
        self._client = Client(service)
        self._vendor = vendor

    def prepare(self) -> None:
        self._client.reconnect()

    def send(self, batch: Batch) -> tuple[int, bytes]:
        return self._client.call(self._vendor.route(creates=batch.scenario == CREATE), batch.body)

    def check(self, answer: tuple[int, bytes], batch: Batch) -> None:
        status, body = answer
        if status != 200:
            raise ValueError(f"{self._vendor.label} answered {status}: {body[:500]!r}")
        self._vendor.check(body, batch.size)

    def close(self) -> None:
        self._client.close()


class JobSession(CallSession):
    """Rows are committed when the job of the call has ended."""

    def __init__(self, service: Service, vendor: Vendor) -> None:
        super().__init__(service, vendor)
        self._watch = psycopg.connect(service.database_url, autocommit=True)
        self._watch.execute("LISTEN bench_jobs")
        self._jobs = psycopg.connect(service.database_url, autocommit=True)

    def send(self, batch: Batch) -> tuple[int, bytes]:
        answer = super().send(batch)
        self.wait_for(answer)
        return answer

    def wait_for(self, answer: tuple[int, bytes]) -> None:
        """Wait for the end of an answer's job, if it has one."""
        if answer[0] != 200:
            return
        uuid = _uuid(answer[1])
        for notice in self._watch.notifies(timeout=_PATIENCE):
            if notice.payload == uuid:
                return
        raise RuntimeError(f"job {uuid} has not ended after {_PATIENCE} seconds")

    def check(self, answer: tuple[int, bytes], batch: Batch) -> None:
        super().check(answer, batch)
        counts = self._jobs.execute(
            "SELECT state, created, updated, failed FROM jobs WHERE id = %s", [_uuid(answer[1])]
        ).fetchone()
        created = batch.size if batch.scenario == CREATE else 0
        if counts != ("ended", created, batch.size - created, 0):
            raise ValueError(f"{batch.size} rows sent to {batch.scenario}, their job: {counts}")

    def close(self) -> None:
        super().close()
        self._watch.close()
        self._jobs.close()


def _uuid(answer: bytes) -> str:
    return str(msgspec.json.decode(answer)["uuid"])
