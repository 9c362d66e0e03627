"""Many concurrent callers with batches of every size: all get a response, within the bound of memory."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from contactory.store import embedded
from tests.acceptance.client import BULK, Api, hold_up_writes, row
from tests.acceptance.server import Server

CALLERS, SECONDS = 64, 8
SIZES = (1, 10, 100, 1000, 3000, 10_000)
MEMORY_MB = 256


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("small"), MAX_MEMORY_MB=str(MEMORY_MB))
    yield server
    server.stop()


def memory(server: Server) -> int:
    """Return the bytes of the service's processes, without shared ones."""
    service = psutil.Process(server.pid)
    mine = [service, *(child for child in service.children() if child.name() != "postgres")]
    return sum(process.memory_full_info().uss for process in mine)


@pytest.mark.alone
def test_callers_of_every_size_get_responses_within_the_bound_of_memory(small_server: Server) -> None:
    """Check also that a caller of another organization gets every response meanwhile."""
    with httpx.Client(trust_env=False, timeout=60) as http:
        with embedded.running(small_server.data_dir, exclusive=False) as url:
            api = Api.of_new_organization(http, small_server.url, url)
            other = Api.of_new_organization(http, small_server.url, url)
        bodies = [
            json.dumps(
                {"contacts": [row(f"{size}-{i}", lastName="Marsh" * 20) for i in range(size)]}
            ).encode()
            for size in SIZES
        ]
        statuses: Counter[int] = Counter()
        over = time.monotonic() + SECONDS

        def call(number: int) -> None:
            while time.monotonic() < over:
                reply = api.call("POST", BULK, content=bodies[number % len(bodies)])
                statuses[reply.status_code] += 1
                assert reply.status_code != 429 or int(reply.headers["retry-after"]) > 0
                number += 1

        callers = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
        for caller in callers:
            caller.start()
        most, waited = 0, []
        while time.monotonic() < over:
            begun = time.monotonic()
            other.store(row(1, lastName=str(begun)))
            waited.append(time.monotonic() - begun)
            most = max(most, memory(small_server))
        for caller in callers:
            caller.join(60)
            assert not caller.is_alive()
        assert set(statuses) <= {200, 429} and statuses[200] > CALLERS
        assert most < MEMORY_MB << 20
        # It would wait for seconds in the others' queue.
        assert sorted(waited)[len(waited) // 2] < 1
        assert api.count() == sum(SIZES)
        refused = api.call("POST", BULK, content=b"{}".ljust(40 << 20), headers={"connection": "close"})
        assert refused.status_code == 413


def test_pool_of_one_connection_serves_all_calls(tmp_path: Path, http: httpx.Client) -> None:
    server = Server(tmp_path, POOL_SIZE="1")
    try:
        with embedded.running(server.data_dir, exclusive=False) as url:
            apis = [Api.of_new_organization(http, server.url, url) for _ in range(12)]
        answers: list[int] = []

        def call(api: Api) -> None:
            for number in range(10):
                answers.extend(api.store(*(row(i, lastName=str(number)) for i in range(50))))

        callers = [threading.Thread(target=call, args=(api,)) for api in apis]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(60)
        assert len(answers) == 12 * 10 * 50
        assert [api.count() for api in apis] == [50] * 12
    finally:
        server.stop()


def test_full_disk_fails_only_the_calls_that_need_space(tmp_path: Path, http: httpx.Client) -> None:
    mounted = subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", tmp_path])
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    tmp_path.chmod(0o755)
    try:
        server = Server(tmp_path, fresh=True)
        with embedded.running(server.data_dir, exclusive=False) as url:
            api = Api.of_new_organization(http, server.url, url)
        stored = api.store(row("first"))
        refused, sent = 0, 0
        while not refused and sent < 200:
            rows = [row(f"{sent}-{i}", lastName="x" * 400) for i in range(1000)]
            reply = api.call("POST", BULK, json={"contacts": rows})
            refused, sent = (reply.status_code if reply.status_code != 200 else 0), sent + 1
        assert refused in (503, 507), reply.text
        subprocess.run(["/bin/mount", "-o", "remount,size=600m", tmp_path], check=True)
        deadline = time.monotonic() + 60
        while http.get(f"{server.url}/ready").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert api.contact("first")["id"] == stored[0]
        assert api.count() == 1 + 1000 * (sent - 1)
        assert api.store(row("later"))
        server.stop()
    finally:
        subprocess.run(["/bin/umount", "-l", tmp_path], check=True)


def test_request_that_waits_too_long_gets_429(small_server: Server, http: httpx.Client) -> None:
    """A body that does not arrive delays nobody. A call that cannot write holds the only slot, and the
    requests that wait for it are refused after a while."""
    with embedded.running(small_server.data_dir, exclusive=False) as url, psycopg.connect(url) as owner:
        api = Api.of_new_organization(http, small_server.url, url)
        stuck = Api.of_new_organization(http, small_server.url, url)
        statuses: dict[str, int] = {}

        def drip() -> Iterator[bytes]:
            yield b'{"contacts":['
            time.sleep(23)
            yield b"]}"

        def send(api: Api, name: str, **body: Any) -> threading.Thread:
            def call() -> None:
                with httpx.Client(trust_env=False, timeout=60) as patient:
                    own = Api(patient, small_server.url, api.organization, api.token)
                    statuses[name] = own.call("POST", BULK, **body).status_code

            thread = threading.Thread(target=call)
            thread.start()
            return thread

        large = {"contacts": [row(i, lastName="x" * 50) for i in range(2000)]}
        sending = [send(api, "slow", content=drip())]
        time.sleep(0.3)
        begun = time.monotonic()
        assert api.call("POST", BULK, json=large).status_code == 200
        assert time.monotonic() - begun < 15
        hold_up_writes(owner, stuck.organization)
        sending.append(send(stuck, "stuck", json=large))
        time.sleep(0.5)
        assert api.store(row(1))  # A small request overtakes it.
        begun = time.monotonic()
        reply = api.call("POST", BULK, json=large, headers={"connection": "close"})
        assert reply.status_code == 429 and int(reply.headers["retry-after"]) > 0
        assert 25 < time.monotonic() - begun < 45
        owner.rollback()
        for thread in sending:
            thread.join(60)
        assert statuses == {"slow": 408, "stuck": 200}
