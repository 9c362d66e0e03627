"""Random kills of the server, its workers and PostgreSQL, under load through all three APIs.

FAULT_ROUNDS says how often: 5 by default, 50 for a long run.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import psutil
import pytest

from contactory.store import embedded
from tests.acceptance.client import BULK, row
from tests.acceptance.client import Api as Propeller
from tests.acceptance.datananas.client import Api as Datananas
from tests.acceptance.everbridge.client import Api as Everbridge
from tests.acceptance.everbridge.client import person
from tests.acceptance.server import Server

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "5"))
ROWS = 300


class Sender:
    """A sender of the same contacts, each time with the next version as their last name."""

    def __init__(self, server: Server, organization: int, token: str) -> None:
        self.server, self.organization, self.token = server, organization, token
        self.sent = self.answered = 0
        self.statuses: set[int] = set()
        self.over = False

    def run(self) -> None:
        while not self.over:
            with httpx.Client(trust_env=False, timeout=30) as http, suppress(httpx.TransportError):
                while not self.over:
                    self.step(http)
            time.sleep(0.02)

    def step(self, http: httpx.Client) -> None:
        self.sent += 1
        reply = self.send(http, str(self.sent))
        self.statuses.add(reply.status_code)
        if reply.status_code == 200:
            self.answered = self.sent
        else:
            assert reply.status_code == 503 and reply.headers["retry-after"], reply.text
            time.sleep(0.05)

    def send(self, http: httpx.Client, version: str) -> httpx.Response:
        raise NotImplementedError

    def stored(self, http: httpx.Client) -> list[str]:
        """Return the versions of all stored contacts."""
        raise NotImplementedError

    def check(self, http: httpx.Client) -> None:
        """Check that each call was written wholly or not at all, and that nothing acknowledged is missing."""
        versions = self.stored(http)
        assert len(versions) == (ROWS if self.answered else len(versions))
        assert len(set(versions)) <= 1, set(versions)
        if versions:
            assert self.answered <= int(versions[0]) <= self.sent, (self.answered, versions[0], self.sent)


class PropellerSender(Sender):
    def send(self, http: httpx.Client, version: str) -> httpx.Response:
        rows = [row(number, lastName=version) for number in range(ROWS)]
        return self._api(http).call("POST", BULK, json={"contacts": rows})

    def stored(self, http: httpx.Client) -> list[str]:
        api = self._api(http)
        found = [api.contact(number)["lastName"] for number in range(ROWS if self.answered else 0)]
        assert not self.answered or api.count() == ROWS
        return found

    def _api(self, http: httpx.Client) -> Propeller:
        return Propeller(http, self.server.url, self.organization, self.token)


class EverbridgeSender(Sender):
    def send(self, http: httpx.Client, version: str) -> httpx.Response:
        people = [person(f"e{number}", lastName=version) for number in range(ROWS)]
        return self._api(http).call("PUT", "/contacts/{org}/batch", json=people)

    def stored(self, http: httpx.Client) -> list[str]:
        found: list[Any] = []
        for number in range(1, 10):
            page = self._api(http).ask("GET", "/contacts/{org}", pageNumber=number, pageSize=100)["page"]
            found += page.get("data") or []
            if len(found) >= page["totalCount"]:
                break
        return [contact["lastName"] for contact in found]

    def _api(self, http: httpx.Client) -> Everbridge:
        return Everbridge(http, self.server.url, self.organization, self.token)


class DatananasSender(Sender):
    """A sender of jobs, which are done once, after the response; the counts of each add up to its rows."""

    def __init__(self, server: Server, organization: int, token: str) -> None:
        super().__init__(server, organization, token)
        self.accepted: list[str] = []

    def send(self, http: httpx.Client, version: str) -> httpx.Response:
        people = [{"email": f"d{number}@example.org", "lastName": version} for number in range(ROWS)]
        reply = self._api(http).call("POST", "/contacts/bulk", json={"contacts": people})
        if reply.status_code == 200:
            self.accepted.append(reply.json()["uuid"])
        return reply

    def stored(self, http: httpx.Client) -> list[str]:
        api = self._api(http)
        for uuid in self.accepted:
            while (job := api.ask("GET", f"/contacts/bulk/{uuid}"))["state"] != "ended":
                assert job["state"] in ("accepted", "queued", "running")
                time.sleep(0.02)
            assert (job["created"] + job["updated"], job["failed"], job["processed"]) == (ROWS, 0, ROWS)
        while any(job["state"] != "ended" for job in api.ask("GET", "/contacts/bulk", perPage=20)["bulks"]):
            time.sleep(0.05)  # A job whose response was lost is done, too.
        found: list[Any] = []
        while page := api.contacts(page=len(found) // 100 + 1, perPage=100):
            found += page
        return [contact["lastName"] for contact in found]

    def _api(self, http: httpx.Client) -> Datananas:
        return Datananas(http, self.server.url, self.organization, self.token)


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("mortal"), fresh=True, EVERBRIDGE_UPSERT="true")
    yield server
    server.stop()


def kill_one(server: Server, kind: str) -> None:
    if kind == "everything":
        server.kill()
        server.start()
    elif kind == "database":
        with suppress(FileNotFoundError, ProcessLookupError):
            server.kill_database()
    elif kind == "backend":
        postmaster = int((server.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        sessions = [
            child
            for child in psutil.Process(postmaster).children()
            if " contactory " in " ".join(child.cmdline())
        ]
        with suppress(psutil.NoSuchProcess):
            random.choice(sessions).kill()
    else:
        (serving,) = [child for child in psutil.Process(server.pid).children() if _is_worker(child)][:1]
        os.kill(serving.pid, signal.SIGKILL)


def _is_worker(process: psutil.Process) -> bool:
    return "postgres" not in process.name()


def await_ready(server: Server) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(f"{server.url}/ready", trust_env=False, timeout=30).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(Path(server.log).read_text()[-2000:])


def test_no_acknowledged_write_is_lost_by_kills(mortal: Server) -> None:
    with embedded.running(mortal.data_dir, exclusive=False) as url:
        owned = [Propeller.of_new_organization(httpx.Client(), mortal.url, url) for _ in range(3)]
    kinds = (PropellerSender, EverbridgeSender, DatananasSender)
    senders = [kind(mortal, made.organization, made.token) for kind, made in zip(kinds, owned, strict=True)]
    victims = ["everything", "database", "process", "backend"]
    for number in range(ROUNDS):
        for sender in senders:
            sender.over = False
        threads = [Thread(target=sender.run) for sender in senders]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0.3, 1.5))
        kill_one(mortal, victims[number % len(victims)])
        time.sleep(0.5)
        for sender in senders:
            sender.over = True
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        await_ready(mortal)
        with httpx.Client(trust_env=False, timeout=60) as http:
            for sender in senders:
                sender.check(http)
    assert all(sender.answered for sender in senders)
    assert set().union(*(sender.statuses for sender in senders)) <= {200, 503}
