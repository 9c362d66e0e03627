"""Frames on the wire: a start is sent before the reply, however slowly sockets are read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.model.limits import READER_STALL_SECONDS
from contactory.store import access, embedded
from contactory.store.administration import Administration
from tests.acceptance.server import Server

from .client import Api
from .conftest import MakeApi
from .raw import Raw
from .test_bulk import finish, people, send
from .watching import ENDING, RUNNING, STARTING, watching


def begins(raw: Raw, uuid: str) -> bool:
    frame = f'{{"type":"{STARTING}","payload":{{"listId":null,"uuid":"{uuid}"}}}}'
    return frame.encode() in raw.received()


def test_start_event_is_sent_before_the_reply(make_datananas: MakeApi) -> None:
    """Frames of earlier calls are still being sent."""
    api = make_datananas(role="manager")
    with Raw(api) as raw:
        began = []
        for number in range(8):
            uuid = send(api, *people(3000, 3000 * number))["uuid"]
            began.append(begins(raw, uuid))
        finish(api, uuid)
    assert began == [True] * 8


def test_socket_that_never_reads_delays_no_reply(make_datananas: MakeApi) -> None:
    api = make_datananas(role="manager")
    with Raw(api) as reader, Raw(api, reads=False), Raw(api, reads=False):
        finish(api, send(api, *people(10_000))["uuid"])
        seconds, began = [], []
        for _ in range(5):
            begun = time.monotonic()
            uuid = send(api, *people(1))["uuid"]
            seconds.append(time.monotonic() - begun)
            began.append(begins(reader, uuid))
    assert began == [True] * 5
    assert min(seconds) < READER_STALL_SECONDS  # which all of them together would take


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory, http: httpx.Client) -> Iterator[Api]:
    """Start a service of two processes."""
    server = Server(tmp_path_factory.mktemp("several"), workers="2")
    with embedded.running(server.data_dir, exclusive=False) as url, Administration(url) as administration:
        organization = administration.create_organization("Acme")
        token = new_token(organization)
        with administration.organization(organization) as (transaction, _):
            access.create_token(transaction, hash_secret(token), scopes=["*"])
    yield Api(http, server.url, organization, token)
    server.stop()


def test_sockets_of_several_processes_get_the_start_before_the_reply(several: Api) -> None:
    with ExitStack() as stack:
        readers = [stack.enter_context(Raw(several)) for _ in range(6)]
        stack.enter_context(Raw(several, reads=False))
        began = []
        for number in range(4):
            uuid = send(several, *people(3000, 3000 * number))["uuid"]
            began += [begins(reader, uuid) for reader in readers]
        finish(several, uuid)
    assert began == [True] * 24


def replayed(api: Api, uuid: str) -> list[Any]:
    with watching(api, f"?replay={uuid}") as sockets:
        return sockets.until_end()


@pytest.mark.parametrize("after", [0, 0.02, 0.05, 0.1, 0.2, 0.3])
def test_replay_of_a_running_call_has_each_row_once(api: Api, after: float) -> None:
    uuid = send(api, *people(6000))["uuid"]
    time.sleep(after)
    events = replayed(api, uuid)
    assert [event["type"] for event in events[1:-1]] == [RUNNING] * (len(events) - 2)
    assert (events[0]["type"], events[-1]["type"]) == (STARTING, ENDING)
    rows = [event["payload"]["i"] for event in events[1:-1]]
    assert rows == list(range(6000))[-len(rows) :]
    assert {event["payload"]["uuid"] for event in events} == {uuid}


@pytest.mark.parametrize(("processed", "rows"), [(0, []), (3, [2])])
def test_replay_of_a_failed_call_ends(
    api: Api, owner: psycopg.Connection, processed: int, rows: list[int]
) -> None:
    uuid = send(api, *people(5))["uuid"]
    finish(api, uuid)
    owner.execute(
        "UPDATE jobs SET state = 'failed', processed = %s, created = %s WHERE id = %s",
        (processed, processed, uuid),
    )
    events = replayed(api, uuid)
    assert [event["type"] for event in events] == [STARTING, *[RUNNING] * len(rows), ENDING]
    assert [event["payload"]["i"] for event in events[1:-1]] == rows
    assert events[-1]["payload"] == {"uuid": uuid, "created": processed, "updated": 0, "failed": 0}


def test_replay_of_another_managers_call_is_refused(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="manager", name="ada")
    bob = make_datananas(ada.organization, role="manager", name="bob")
    uuid = send(ada, *people(5))["uuid"]
    finish(ada, uuid)
    with watching(bob, f"?replay={uuid}") as sockets, pytest.raises(ConnectionClosed) as closed:
        sockets.until_end()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403
