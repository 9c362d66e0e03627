"""Concurrent calls: no duplicates, no lost rows, no errors."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from .client import Api, MakeApi, Row, row
from .server import Server

THREADS = 8


def at_once(call: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Start all calls together, and return their results."""
    barrier = Barrier(threads)

    def run(number: int) -> Any:
        barrier.wait(30)
        return call(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def answers(rows: list[Row], api: Api) -> list[tuple[str, str, int]]:
    """Return the source, the key and the contact of each row of a call, all of which must be accepted."""
    ids = api.store(*rows)
    return [(each["source"], str(each["sourceId"]), id_) for each, id_ in zip(rows, ids, strict=True)]


@pytest.mark.parametrize("language", [{}, {"language": "DE"}], ids=["default language", "language"])
def test_concurrent_creates_of_the_same_contacts_create_each_once(api: Api, language: Row) -> None:
    rows = [row(number, firstName="Nella", **language) for number in range(500)]
    replies = [reply for data in at_once(lambda _: api.send(*rows)) for reply in data]
    assert all(reply["success"] for reply in replies)
    assert len({(reply["key"], reply["id"]) for reply in replies}) == api.count() == 500
    actions = Counter((reply["key"], reply["action"]) for reply in replies)
    assert {actions[number, "create"] for number in range(500)} == {1}


def test_concurrent_writes_of_overlapping_keys_in_any_order_succeed(api: Api) -> None:
    api.store_companies(row("c"))
    known = answers([row(number, phone="0") for number in range(0, 900, 3)], api)

    def sync(thread: int) -> list[tuple[str, str, int]]:
        order, found = random.Random(thread), []
        for turn in range(4):
            rows = [row(number, phone=f"{thread}-{turn}") for number in order.sample(range(900), 300)]
            rows += [
                row(str(number), source="ERP", parent={"source": "CRM", "sourceId": "c"})
                for number in order.sample(range(300), 200)
            ]
            order.shuffle(rows)
            found += answers(rows, api)
        return found

    found = {answer for data in at_once(sync) for answer in data} | set(known)
    keys = {answer[:2] for answer in found}
    ids = {answer[2] for answer in found}
    assert len(found) == len(keys) == len(ids) == api.count()


def test_many_concurrent_creates_starve_no_call(api: Api) -> None:
    def sync(thread: int) -> list[tuple[str, str, int]]:
        order, found = random.Random(thread), []
        for _ in range(20):
            found += answers([row(number) for number in order.sample(range(15_000), 300)], api)
        return found

    found = {answer for data in at_once(sync) for answer in data}
    keys = {answer[:2] for answer in found}
    assert len(found) == len(keys) == api.count()


def test_concurrent_updates_of_the_same_contacts_are_not_mixed(api: Api) -> None:
    numbers = list(range(300))
    ids = set(api.store(*map(row, numbers)))

    def sync(thread: int) -> set[int]:
        mine = random.Random(thread).sample(numbers, len(numbers))
        return set(api.store(*(row(n, firstName=f"{thread}", lastName=f"{thread}") for n in mine)))

    for _ in range(3):
        assert at_once(sync) == [ids] * THREADS
        names = {found["name"] for found in api.search(offset=1000)["data"]}
        assert len(names) == 1, "a call was applied between the rows of another"
    assert api.count() == 300


def test_updates_by_key_and_new_keys_by_id_do_not_deadlock(api: Api, server: Server) -> None:
    """Send calls that identify contacts by key, and others by id, of which some give every third a further
    key."""
    numbers = range(600)
    ids = api.store(*map(row, numbers))
    log = server.data_dir / "postgres.log"
    before = log.read_text().count("deadlock detected")

    def sync(thread: int) -> None:
        mine = random.Random(thread).sample(numbers, len(numbers))
        if thread % 2:
            api.store(*(row(n, phone=f"{thread}") for n in mine))
            return
        rows: list[Row] = [{"id": ids[n], "phone": f"{thread}"} for n in mine]
        for number, each in zip(mine, rows, strict=True):
            if number % 3 == thread % 3:
                each |= row(number, source=f"ERP {thread}")
        replies = api.post("/contacts/bulk/id", {"contacts": rows})["data"]
        assert all(reply["success"] for reply in replies)

    at_once(sync)
    assert api.count() == 600
    assert api.store(*(row(n, source="ERP 4") for n in numbers[1::3])) == ids[1::3]
    assert log.read_text().count("deadlock detected") == before


def test_new_key_given_by_concurrent_calls_belongs_to_one_contact(api: Api) -> None:
    ids = api.store(*map(row, range(THREADS)))

    def link(thread: int) -> list[Any]:
        rows = [{"id": ids[(n + thread) % THREADS], **row(n, source="ERP")} for n in range(THREADS)]
        data: list[Any] = api.post("/contacts/bulk/id", {"contacts": rows})["data"]
        return data

    replies = at_once(link)
    for number in range(THREADS):
        answers = [data[number] for data in replies]
        (owner,) = (answer["id"] for answer in answers if answer["success"])
        assert api.contact(number, source="ERP")["id"] == owner


def test_concurrent_calls_of_organizations_are_isolated(make_api: MakeApi) -> None:
    ours = [make_api() for _ in range(4)]
    rows = [row(number) for number in range(300)]
    replies = at_once(
        lambda thread: ours[thread % 4].send(
            *(each | {"firstName": f"Org {thread % 4}"} for each in rows), row("c", parent={"sourceId": "c"})
        )
    )
    ids = [{reply["id"] for data in replies[n::4] for reply in data if reply["success"]} for n in range(4)]
    assert [len(each) for each in ids] == [300] * 4
    assert len(set.union(*ids)) == 1200
    for number, api in enumerate(ours):
        page = api.search(offset=1000)
        assert (page["itemsFound"], {found["id"] for found in page["data"]}) == (300, ids[number])
        assert {found["firstName"] for found in page["data"]} == {f"Org {number}"}


def test_contacts_of_another_organization_are_neither_seen_nor_changed(api: Api, make_api: MakeApi) -> None:
    other = make_api()
    (theirs,) = other.store(row(1, firstName="Nella", debtorId=1))
    (mine,) = api.store(row(1, firstName="Orla", debtorId=1))
    assert mine != theirs
    assert api.store(row(1, lastName="Vosk")) == [mine]
    assert (other.contact(1)["name"], api.contact(1)["name"]) == ("Nella", "Orla Vosk")
    assert [found["id"] for found in api.search(debtorIds=["1"])["data"]] == [mine]
    assert api.send(row(1), directives={"skipCreate": []})[0]["id"] == mine


def test_concurrent_definitions_of_an_attribute_create_it_once(api: Api) -> None:
    rows = [{"name": f"A{number}", "class": "user", "type": "text"} for number in range(10)]
    statuses = at_once(lambda _: [api.call("POST", "/attributes", json=row).status_code for row in rows])
    for each in zip(*statuses, strict=True):
        assert Counter(each) == {201: 1, 400: THREADS - 1}


def test_concurrent_definitions_by_name_create_attributes_once(api: Api) -> None:
    rows = [{"name": f"A{number}", "class": "user", "type": "text"} for number in range(100)]
    replies = at_once(lambda _: api.post("/attributes/bulk/name", rows)["data"])
    found = [reply for data in replies for reply in data]
    assert len({(reply["key"], reply["id"]) for reply in found}) == 100
    assert Counter(reply["action"] for reply in found)["create"] == 100
