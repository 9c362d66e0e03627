"""Organizations, record types, attributes and groups that are created with a given id, which new ids skip."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from contactory.model.limits import LARGEST_GIVEN_ID
from tests.acceptance.everbridge.client import Api, person
from tests.acceptance.server import Server

FURTHER: dict[str, dict[str, Any]] = {
    "recordTypes": {},
    "contactAttributes": {"dataType": "STRING", "displayFormat": "F"},
    "groups": {"parentId": None},
}
RESOURCES = sorted(FURTHER)
VENDORS = 892807736729062


@pytest.mark.parametrize("id_", [453003085611516, LARGEST_GIVEN_ID])
def test_new_organization_gets_the_given_id(
    contactory: Callable[..., Any], http: httpx.Client, server: Server, id_: int
) -> None:
    assert contactory("org", "create", "Moved", "--id", str(id_)) == {"id": id_}
    token = contactory("token", "create", "--org", str(id_))["token"]
    moved = Api(http, server.url, id_, token)
    assert [found["organizationId"] for found in moved.page("/organizations")] == [id_]
    (contact,) = moved.store(person("1"))
    assert moved.page()[0]["id"] == contact
    assert create(moved, "groups", "a", VENDORS)["id"] == VENDORS


def test_ids_of_new_organizations_skip_given_ones(contactory: Callable[..., Any]) -> None:
    first = contactory("org", "create", "First")["id"]
    for id_ in range(first + 1, first + 4):
        assert contactory("org", "create", "Moved", "--id", str(id_)) == {"id": id_}
    assert contactory("org", "create", "Next")["id"] == first + 4


def create(api: Api, resource: str, name: str, id_: Any, status: int = 200) -> Any:
    return api.ask("POST", f"/{resource}/{{org}}", {"id": id_, "name": name, **FURTHER[resource]}, status)


def last_number(owner: psycopg.Connection) -> int:
    row = owner.execute("SELECT last_value FROM directory_numbers").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("resource", RESOURCES)
def test_new_entry_gets_the_given_id(api: Api, resource: str) -> None:
    for name, id_ in (("a", VENDORS), ("b", str(VENDORS + 1)), ("c", LARGEST_GIVEN_ID), ("d", 1)):
        answer = create(api, resource, name, id_)
        assert (answer["message"], answer["id"]) == ("OK", int(id_))
        assert answer["instanceUri"].endswith(f"/{resource}/{api.organization}/{id_}")
        assert api.ask("GET", f"/{resource}/{{org}}/{id_}")["result"]["name"] == name


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize("nothing", [None, 0, "", "0"])
def test_empty_id_is_none(api: Api, resource: str, nothing: Any) -> None:
    assert create(api, resource, "a", nothing)["id"] > 1000


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize(
    ("id_", "why"),
    [
        (-1, "id [-1] is not between 1 and 9007199254740991."),
        (LARGEST_GIVEN_ID + 1, "id [9007199254740992] is not between 1 and 9007199254740991."),
        (10**30, None),
        ("abc", "id [abc] is not a whole number."),
        (1.5, None),
        (True, "id is neither a text nor a whole number."),
        (False, "id is neither a text nor a whole number."),
        ([7], "id is neither a text nor a whole number."),
        ({"id": 7}, "id is neither a text nor a whole number."),
    ],
)
def test_invalid_id_is_refused(api: Api, resource: str, id_: Any, why: str | None) -> None:
    answer = create(api, resource, "a", id_, 400)
    assert answer["message"] == why if why else answer["message"].startswith("id ")
    assert "a" not in [entry["name"] for entry in api.page(f"/{resource}/{{org}}")]


@pytest.mark.parametrize(
    ("resource", "label"),
    [("recordTypes", "Record type"), ("contactAttributes", "Contact attribute"), ("groups", "Group")],
)
def test_id_or_name_in_use_is_refused(api: Api, resource: str, label: str) -> None:
    create(api, resource, "a", VENDORS)
    taken = f"{label} {VENDORS} already exists."
    assert create(api, resource, "b", VENDORS, 400)["message"] == taken
    assert create(api, resource, "a", VENDORS, 400)["message"] == taken
    assert create(api, resource, "a", VENDORS + 1, 400)["message"] == f"{label} a already exists."
    found = [entry["name"] for entry in api.page(f"/{resource}/{{org}}") if entry["id"] >= VENDORS]
    assert found == ["a"]


def test_kinds_and_organizations_have_separate_numbers(api: Api, make_everbridge: Callable[[], Api]) -> None:
    other = make_everbridge()
    for owner in (api, other):
        for resource in RESOURCES:
            create(owner, resource, f"{resource} of {owner.organization}", VENDORS)
    for owner in (api, other):
        owner.store(person("1", recordTypeName=None, recordTypeId=VENDORS, groups=[VENDORS]))
        shown = owner.get("1")
        assert (shown["recordTypeId"], shown["groups"]) == (VENDORS, [VENDORS])
        assert shown["groupsName"] == [f"groups of {owner.organization}"]
    api.ask("DELETE", f"/groups/{{org}}/{VENDORS}")
    assert other.get("1")["groups"] == [VENDORS]
    assert other.ask("GET", f"/groups/{{org}}/{VENDORS}")["result"]["id"] == VENDORS


def test_id_of_a_deleted_entry_can_be_given_again(api: Api) -> None:
    (employee,) = api.page("/recordTypes/{org}")
    assert create(api, "recordTypes", "Employee", VENDORS, 400)["message"].endswith(
        "Employee already exists."
    )
    api.ask("DELETE", f"/recordTypes/{{org}}/{employee['id']}")
    assert create(api, "recordTypes", "Employee", VENDORS)["id"] == VENDORS


def test_id_in_the_body_of_an_update_is_ignored(api: Api) -> None:
    create(api, "groups", "a", VENDORS)
    changed = {"id": VENDORS + 5, "name": "b"}
    assert api.ask("PUT", f"/groups/{{org}}/{VENDORS}", changed)["id"] == VENDORS
    assert [(entry["id"], entry["name"]) for entry in api.page("/groups/{org}")] == [(VENDORS, "b")]


def test_group_cannot_be_its_own_parent(api: Api) -> None:
    body = {"id": VENDORS, "name": "a", "parentId": VENDORS}
    assert "is not another group" in api.ask("POST", "/groups/{org}", body, 400)["message"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_ids_of_new_entries_skip_given_ones(
    api: Api, make_everbridge: Callable[[], Api], owner: psycopg.Connection, resource: str
) -> None:
    """The next numbers of the sequence and the largest are given; the sequence skips them."""
    before = last_number(owner)
    create(api, resource, "largest", LARGEST_GIVEN_ID)
    given = {create(api, resource, f"given {number}", before + number)["id"] for number in range(1, 40)}
    assert last_number(owner) == before
    made = [create(api, resource, f"ours {number}", None)["id"] for number in range(50)]
    assert len({*made, *given}) == 50 + 39
    assert last_number(owner) == before + 50
    other = make_everbridge()
    # The record type Employee of the other organization has the number before.
    assert other.create(resource, name="theirs", **FURTHER[resource]) == before + 52


def test_given_and_new_numbers_do_not_collide_in_concurrent_calls(
    api: Api, owner: psycopg.Connection
) -> None:
    """Two kinds of call use the next numbers: one gives them, the other gets new ones."""
    before = last_number(owner)

    def make(number: int) -> int:
        given = before + number if number % 2 else None
        response = api.call("POST", "/groups/{org}", json={"id": given, "name": f"group {number}"})
        if response.status_code == 400 and given:
            assert response.json()["message"] == f"Group {given} already exists."
            return 0
        assert response.status_code == 200, response.text
        id_: int = response.json()["id"]
        assert given in (None, id_)
        return id_

    with ThreadPoolExecutor(8) as pool:
        made = [id_ for id_ in pool.map(make, range(120)) if id_]
    assert len(set(made)) == len(made) >= 60
    assert sorted(entry["id"] for entry in api.page("/groups/{org}")) == sorted(made)


def test_concurrent_calls_with_one_number_create_one_entry(api: Api) -> None:
    def make(number: int) -> int:
        body = {"id": VENDORS, "name": f"group {number}"}
        return api.call("POST", "/groups/{org}", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(make, range(16)))
    assert statuses == [200] + [400] * 15
    assert len(api.page("/groups/{org}")) == 1
