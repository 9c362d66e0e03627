"""Acknowledged writes survive a kill of service and database a moment later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Thread

import httpx
import pytest

from contactory.store import embedded

from .client import BULK, Api, row
from .server import Server


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a server with a database of its own."""
    server = Server(tmp_path_factory.mktemp("mortal"), fresh=True)
    yield server
    server.stop()


@pytest.fixture
def connect(mortal: Server, http: httpx.Client) -> Callable[[], Api]:
    """Make a client of the server as it runs now, always of the same new organization."""
    with embedded.running(mortal.data_dir, exclusive=False) as url:
        made = Api.of_new_organization(http, mortal.url, url)
    return lambda: Api(http, mortal.url, made.organization, made.token)


def test_acknowledged_writes_survive_a_kill_of_service_and_database(
    mortal: Server, connect: Callable[[], Api]
) -> None:
    api = connect()
    (company,) = api.store_companies(row("c"))
    api.store(*(row(number, firstName="Nella") for number in range(300)))
    rows = [
        row(number, firstName="Orla", ssn=f"93-{number}", parent={"id": company}) for number in range(600)
    ]
    ids = api.store(*rows)
    mortal.kill()
    mortal.start()
    api = connect()
    assert api.count() == 600
    for number in (0, 299, 300, 599):
        found = api.contact(number, expands="parent")
        assert (found["id"], found["firstName"], found["ssn"]) == (ids[number], "Orla", f"93-{number}")
        assert found["parent"]["id"] == company
    assert api.store(*rows) == ids
    (later,) = api.store(row("later"))
    assert later > max(ids)


def test_interrupted_call_is_written_wholly_or_not_at_all(mortal: Server, connect: Callable[[], Api]) -> None:
    api = connect()
    answered: list[int] = []

    def send() -> None:
        for batch in range(1000):
            try:
                api.store(*(row(f"{batch}-{number}") for number in range(1000)))
            except httpx.TransportError:
                return
            answered.append(batch)

    sender = Thread(target=send)
    sender.start()
    while len(answered) < 3 and sender.is_alive():
        sender.join(0.01)
    mortal.kill()
    sender.join()
    mortal.start()
    assert len(answered) >= 3
    assert connect().count() in (1000 * len(answered), 1000 * len(answered) + 1000)


def test_service_recovers_when_its_database_was_killed(mortal: Server, connect: Callable[[], Api]) -> None:
    api = connect()
    ids = api.store(row(1), row(2))
    mortal.kill_database()
    deadline = time.monotonic() + 60
    statuses = [0]
    # Sessions live a moment longer than the server, so one success does not show that it is back.
    while set(statuses[-2:]) != {200}:
        assert time.monotonic() < deadline, statuses
        written = api.call("POST", BULK, json={"contacts": [row(1), row(2), row(3)]})
        found = api.call("POST", "/contacts/search", json={"offset": 1})
        for response in (written, found):
            statuses.append(response.status_code)
            assert response.status_code in (200, 503)
            if response.status_code == 503:
                assert response.headers["retry-after"] == "2"
                time.sleep(0.1)
    assert [reply["id"] for reply in written.json()["data"]][:2] == ids
    assert found.json()["itemsFound"] == 3
