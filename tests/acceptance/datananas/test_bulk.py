"""POST /contacts/bulk: its reply, its events, and the outcome of every row."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from contactory.store import access
from contactory.store.administration import Administration

from .client import Api
from .conftest import MakeApi
from .watching import ENDING, RUNNING, STARTING, watching


def people(count: int, first: int = 0, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"email": f"p{first + i}@example.org", "firstName": f"P{first + i}", **fields} for i in range(count)
    ]


def send(api: Api, *contacts: Any, status: int = 200, a_list: Any = None, **query: Any) -> Any:
    body = {"contacts": list(contacts)} | ({} if a_list is None else {"list": a_list})
    return api.ask("POST", "/contacts/bulk", body, status, **query)


def finish(api: Api, uuid: str) -> Any:
    deadline = time.monotonic() + 30
    while (job := api.ask("GET", f"/contacts/bulk/{uuid}"))["state"] not in ("ended", "failed"):
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
    return job


def bulk(api: Api, *contacts: Any, **query: Any) -> Any:
    return finish(api, send(api, *contacts, **query)["uuid"])


def counts(job: Any) -> tuple[int, int, int]:
    return job["created"], job["updated"], job["failed"]


@pytest.mark.alone
def test_events_come_in_order_around_the_reply(make_datananas: MakeApi) -> None:
    api = make_datananas(role="manager")
    with watching(api) as sockets:
        answer = send(api, *people(6000), a_list={"name": "Expo"})
        # The event is pushed before the reply is sent, so there is no need to wait.
        assert sockets.next(0.05) == {
            "type": STARTING,
            "payload": {"listId": answer["listId"], "uuid": answer["uuid"]},
        }
        events = sockets.until_end()
    assert answer["total"] == 6000
    assert [event["payload"] for event in events[:-1]] == [
        {"uuid": answer["uuid"], "i": i, "total": 6000} for i in range(6000)
    ]
    assert {event["type"] for event in events[:-1]} == {RUNNING}
    expected = {"uuid": answer["uuid"], "created": 6000, "updated": 0, "failed": 0}
    assert events[-1] == {"type": ENDING, "payload": expected}
    assert api.ask("GET", f"/lists/{answer['listId']}")["list"]["contacts"] == 6000


def test_existing_contacts_are_updated_and_absent_fields_stay(api: Api) -> None:
    assert counts(bulk(api, *people(3, city="Delft", vars={"a": 1}))) == (3, 0, 0)
    rows = people(4, city="", vars={"b": 2, "a": None})
    assert counts(bulk(api, *rows, {"email": "P3@EXAMPLE.org", "zip": "01803"})) == (1, 4, 0)
    found = api.contacts(email="p1@example.org")[0]
    assert (found["city"], found["vars"], found["source"]) == ("Delft", {"a": 1, "b": 2}, "manual")
    assert api.contacts(email="p3@example.org")[0]["zip"] == "01803"
    assert counts(bulk(api, {"email": "p1@example.org", "source": "crm"})) == (0, 1, 0)
    assert api.contacts(email="p1@example.org")[0]["source"] == "crm"


def test_lists_and_owners_of_existing_contacts_change_only_on_request(make_datananas: MakeApi) -> None:
    boss = make_datananas(role="manager", name="boss")
    make_datananas(boss.organization, role="user", name="ada")
    first = send(boss, *people(1), a_list="Old")
    finish(boss, first["uuid"])

    def state() -> tuple[str, str]:
        contact = boss.contacts(email="p0@example.org")[0]
        return contact["list"], contact["owner"]

    row = people(1, owner="Ada@example.com")
    second = send(boss, *row, a_list={"name": "New"})
    finish(boss, second["uuid"])
    assert state() == (first["listId"], "boss@example.com")
    finish(boss, send(boss, *row, a_list={"_id": second["listId"]}, move="")["uuid"])
    assert state() == (second["listId"], "boss@example.com")
    finish(boss, send(boss, *row, replace_owner="TRUE")["uuid"])
    assert state() == (second["listId"], "ada@example.com")


def test_every_wrong_row_has_an_error_and_nothing_is_written(api: Api) -> None:
    long, nobody = "x" * 1001, "nobody@example.com"
    rows = [*people(2), {"email": "x"}, {"zip": long, "city": True, "owner": nobody}, {"owner": nobody}, 5]
    expected = [
        (2, "email", "is not an e-mail address"),
        (3, "zip", "has 1001 characters, more than 1000"),
        (3, "city", "is not a text"),
        (3, "owner", "owner_not_found"),
        (4, "owner", "owner_not_found"),
        (5, "", "is not an object"),
    ]
    with watching(api) as sockets:
        answer = send(api, *rows, status=400, a_list="New")
        assert (answer["reason"], answer["errorCount"]) == ("validation_error", 6)
        assert [tuple(error.values()) for error in answer["errors"]] == expected
        answer = send(api, *rows[:2], rows[4], status=400, a_list="New")
        assert answer["errors"] == [{"i": 2, "field": "owner", "message": "owner_not_found"}]
        assert sockets.is_quiet()
    assert (api.contacts(), api.ask("GET", "/lists")["lists"]) == ([], [])
    job = bulk(api, *rows, partial="true")
    assert counts(job) == (2, 0, 4)
    assert [tuple(error.values()) for error in job["errors"]] == [
        expected[0],
        expected[1],
        expected[4],
        expected[5],
    ]


def test_rows_of_others_contacts_are_listed_with_all_errors(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    bulk(ada, *people(2))
    rows = [people(1)[0], {"city": True}, {"email": "p1@example.org", "zip": [1], "owner": "x@example.com"}]
    answer = send(bob, *rows, status=400)
    assert [(error["i"], error["field"], error["message"]) for error in answer["errors"]] == [
        (0, "", "contact_forbidden"),
        (1, "city", "is not a text"),
        (2, "zip", "is not a text"),
        (2, "owner", "owner_not_found"),
        (2, "", "contact_forbidden"),
    ]
    assert answer["errorCount"] == 5


def test_many_errors_are_all_counted_and_the_first_shown(api: Api) -> None:
    answer = send(api, *[{"city": True, "owner": "x@example.com"}] * 700, status=400)
    assert (len(answer["errors"]), answer["errorCount"]) == (1000, 1400)


@pytest.mark.parametrize(
    "body",
    [{}, {"contacts": []}, {"contacts": [{}] * 10_001}, {"contacts": {}}, [], {"contacts": [{}], "list": 5}],
)
def test_invalid_bodies_are_refused(api: Api, body: Any) -> None:
    assert api.ask("POST", "/contacts/bulk", body, 400)["reason"] == "validation_error"


def test_unknown_list_and_list_of_another_user_are_refused(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    mine = ada.ask("POST", "/lists", {"name": "Mine"}, 201)["list"]["_id"]
    assert send(bob, {}, status=403, a_list={"id": mine})["reason"] == "list_forbidden"
    assert send(bob, {}, status=404, a_list="0" * 24)["reason"] == "list_not_found"
    narrow = make_datananas(ada.organization, scopes="contacts:write")
    assert send(narrow, {}, status=403, a_list="Other")["reason"] == "insufficient_scope"


def test_user_cannot_circumvent_ownership(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    bulk(ada, *people(2))
    answer = send(bob, *people(3), status=400)
    assert [(error["i"], error["message"]) for error in answer["errors"]] == [
        (0, "contact_forbidden"),
        (1, "contact_forbidden"),
    ]
    assert counts(bulk(bob, *people(3), partial=1)) == (1, 0, 2)


def test_call_with_the_same_idempotency_key_runs_once(api: Api) -> None:
    headers = {"idempotency-key": "night-1"}
    body = {"contacts": [{"firstName": "Nobody"}] * 3}

    def call(sent: Any) -> Any:
        return api.call("POST", "/contacts/bulk", json=sent, headers=headers)

    with ThreadPoolExecutor(4) as pool:
        answers = [answer.json() for answer in pool.map(call, [body] * 4)]
    assert len({answer["uuid"] for answer in answers}) == 1
    finish(api, answers[0]["uuid"])
    assert call(body).json() == answers[0]
    assert len(api.contacts()) == 3
    assert call({"contacts": [{}]}).json()["reason"] == "idempotency_key_reused"
    assert len(api.ask("GET", "/contacts/bulk")["bulks"]) == 1


def test_quota_holds_for_eight_concurrent_calls(
    make_datananas: MakeApi, administration: Administration
) -> None:
    api = make_datananas(role="manager")
    with administration.organization(api.organization) as (transaction, _):
        access.set_quota(transaction, total_contacts=1000, daily_connect=300)

    def call(number: int) -> Any:
        body = {"contacts": people(300, 300 * number)}
        return api.call("POST", "/contacts/bulk", json=body)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(8)))
    taken = [answer.json()["uuid"] for answer in answers if answer.status_code == 200]
    refused = [answer.json() for answer in answers if answer.status_code != 200]
    assert len(taken) == 3
    assert refused == [{"statusCode": 402, "error": "Payment Required", "reason": "contact_total_quotas"}] * 5
    for uuid in taken:
        finish(api, uuid)
    assert api.ask("GET", "/contacts")["page"]["total"] == 900
    assert counts(bulk(api, *people(100, 90_000, source="connect"))) == (100, 0, 0)
    assert api.ask("POST", "/contacts", {"email": "new@example.org"}, 402)["reason"] == "contact_total_quotas"
    assert counts(bulk(api, *people(100, 90_000))) == (0, 100, 0)
    with administration.organization(api.organization) as (transaction, _):
        access.set_quota(transaction, total_contacts=0)
    rows = people(201, 91_000, source="connect")
    assert send(api, *rows, status=402)["reason"] == "contact_connect_quotas"
    assert counts(bulk(api, *rows[:200])) == (200, 0, 0)


def test_only_the_callers_own_sockets_get_events(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="manager", name="ada")
    bob = make_datananas(ada.organization, role="manager", name="bob")
    other = make_datananas(role="manager", name="ada")
    with (
        watching(ada) as first,
        watching(ada, f"?access_token={ada.token}", {}) as second,
        watching(bob) as colleague,
        watching(other) as stranger,
    ):
        finish(ada, send(ada, *people(5))["uuid"])
        assert len(first.until_end()) == len(second.until_end()) == 7
        assert colleague.is_quiet() and stranger.is_quiet()


def test_socket_accepts_a_token_in_its_first_message(api: Api) -> None:
    with watching(api, headers={}) as sockets:
        sockets.socket.send(json.dumps({"type": "auth", "token": api.token}))
        time.sleep(0.2)
        send(api, *people(1))
        assert sockets.next()["type"] == STARTING
    for words in ({"type": "auth", "token": "x"}, {"hello": 1}):
        with watching(api, headers={}) as sockets, pytest.raises(ConnectionClosed) as closed:
            sockets.socket.send(json.dumps(words))
            sockets.next()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401


@pytest.mark.parametrize(
    ("query", "headers"), [("", {"authorization": "Bearer x"}), ("?access_token=c1_wrong", {})]
)
def test_socket_with_a_wrong_token_is_refused(api: Api, query: str, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused, watching(api, query, headers):
        pass
    assert refused.value.response.status_code == 401
    assert refused.value.response.headers["www-authenticate"] == "Bearer"


def test_late_socket_can_replay_a_call(api: Api) -> None:
    uuid = send(api, *people(5))["uuid"]
    finish(api, uuid)
    with watching(api, f"?replay={uuid}") as sockets:
        events = sockets.until_end()
    assert [event["type"] for event in events] == [STARTING, RUNNING, ENDING]
    assert events[1]["payload"]["i"] == 4
