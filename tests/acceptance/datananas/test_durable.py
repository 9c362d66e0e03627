"""An accepted call is done once, whichever process is killed, and every process pushes its events."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.store import access, embedded
from contactory.store.administration import Administration
from tests.acceptance.server import Server

from .client import Api
from .conftest import MakeApi
from .test_bulk import people, send
from .watching import ENDING, STARTING, watching

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("mortal"), fresh=True)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def identity(mortal: Server) -> tuple[int, str]:
    with (
        embedded.running(mortal.data_dir, exclusive=False) as url,
        Administration(url) as administration,
        administration.organization(administration.create_organization("Acme")) as (transaction, _),
    ):
        token = new_token(transaction.organization_id)
        access.create_token(transaction, hash_secret(token), scopes=["*"])
        return transaction.organization_id, token


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_job_survives_killed_processes(
    mortal: Server, identity: tuple[int, str], http: httpx.Client, round_: int
) -> None:
    api = Api(http, mortal.url, *identity)
    before = api.ask("GET", "/contacts")["page"]["total"]
    known = before // 2
    uuid = send(api, *people(known % 5000), *people(10_000 - known % 5000, before))["uuid"]
    time.sleep(random.Random(round_).uniform(0, 0.5))
    if round_ % 2:
        mortal.kill_database()
    else:
        mortal.kill()
        mortal.start()
    api = Api(http, mortal.url, *identity)
    deadline = time.monotonic() + 60
    job: dict[str, Any] = {"state": ""}
    while job["state"] != "ended":
        assert time.monotonic() < deadline, job
        time.sleep(0.1)
        response = api.call("GET", f"/contacts/bulk/{uuid}")
        job = response.json() if response.status_code == 200 else job
    assert (job["created"], job["updated"], job["failed"]) == (
        10_000 - known % 5000,
        known % 5000,
        0,
    )
    assert api.ask("GET", "/contacts")["page"]["total"] == before + 10_000 - known % 5000
    with watching(api, f"?replay={uuid}") as sockets:
        assert sockets.until_end()[-1]["type"] == ENDING


@pytest.mark.alone
def test_socket_of_another_process_gets_the_start_before_the_reply(
    make_datananas: MakeApi, strict_server: Server, http: httpx.Client
) -> None:
    api = make_datananas(role="manager")
    elsewhere = Api(http, strict_server.url, api.organization, api.token)
    with watching(elsewhere) as sockets:
        for _ in range(3):
            send(api, *people(50))
            assert sockets.next(0.05)["type"] == STARTING
            assert len(sockets.until_end()) == 51


def test_socket_that_does_not_read_affects_only_itself(make_datananas: MakeApi) -> None:
    api = make_datananas(role="manager")
    with watching(api), watching(api) as reader:
        for _ in range(3):
            send(api, *people(10_000))
            assert len(reader.until_end()) == 10_002


def test_separate_workers_do_the_jobs_of_a_service_without_workers(
    tmp_path_factory: pytest.TempPathFactory, http: httpx.Client
) -> None:
    """Kill the first worker of the second call in the middle of it."""
    server = Server(tmp_path_factory.mktemp("idle"), SERVE_WORKS="false", DATANANAS_PING_SECONDS="2")
    try:
        with embedded.running(server.data_dir, exclusive=False) as url, Administration(url) as administration:
            organization = administration.create_organization("Acme")
            with administration.organization(organization) as (transaction, _):
                token = new_token(organization)
                access.create_token(transaction, hash_secret(token), scopes=["*"])
        api = Api(http, server.url, organization, token)
        with watching(api) as sockets:
            uuid = send(api, *people(100))["uuid"]
            assert sockets.next()["type"] == STARTING
            assert sockets.is_quiet(1)
            assert api.ask("GET", f"/contacts/bulk/{uuid}")["state"] == "queued"
            with working(server) as worker:
                assert len(sockets.until_end()) == 101
                uuid = send(api, *people(10_000))["uuid"]
                while not (done := api.ask("GET", f"/contacts/bulk/{uuid}")["processed"]):
                    time.sleep(0.01)
                worker.kill()
            assert done < 10_000
            with working(server) as worker:
                events = sockets.until_end()
                worker.terminate()
                assert worker.wait(20) == 0
            assert [event["payload"]["i"] for event in events[1:-1]] == list(range(10_000))
            assert events[-1]["payload"] == {"uuid": uuid, "created": 9_900, "updated": 100, "failed": 0}
            assert json.loads(sockets.socket.recv(timeout=20)) == {"type": "ping", "payload": {}}
    finally:
        server.stop()


@contextmanager
def working(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "CONTACTORY_DATA_DIR": str(server.data_dir)}
    worker = subprocess.Popen([sys.executable, "-m", "contactory", "worker"], env=environment)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()
