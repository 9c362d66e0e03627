"""Filters of contacts, references as objects, and the JSON of users and lists."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contactory.dialects.datananas.names import FIELDS, TEXTS
from contactory.model.directory import User
from contactory.store import access
from contactory.store.administration import Administration

from .client import Api
from .conftest import MakeApi
from .test_bulk import bulk

VALUES = {name: f"{name} of one" for name in TEXTS} | {
    "email": "One@example.org",
    "linkedin": "https://linkedin.com/in/one",
    "language": "fr",
}


@pytest.fixture(scope="module")
def team(make_datananas: MakeApi) -> Api:
    """Make two contacts, of which the first has all fields, and the users boss, ada and bob."""
    boss = make_datananas(role="manager", name="boss")
    for name in ("ada", "bob"):
        make_datananas(boss.organization, role="user", name=name)
    others = {"owner": "ada@example.com", "collectedAt": "2020-05-05T10:20:30.123Z", "list": {"name": "Expo"}}
    boss.ask("POST", "/contacts", VALUES | others, 201)
    boss.create(email="two@example.org", collectedAt="2021-01-01")
    return boss


def emails(api: Api, **query: Any) -> list[str]:
    return [contact["email"] for contact in api.contacts(**query)]


@pytest.mark.parametrize("name", TEXTS)
def test_every_scalar_field_is_a_filter_under_all_its_names(team: Api, name: str) -> None:
    for word in (name, *FIELDS[name][1]):
        assert emails(team, **{word: VALUES[name]}) == ["One@example.org"]
        assert team.contacts(**{word: "of nobody"}) == []
    if name not in ("email", "source", "language"):
        assert emails(team, **{name: ""}) == ["two@example.org"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"owner": "ADA@example.com"}, 1),
        ({"ownerEmail": "boss@example.com"}, 1),
        ({"owner": "bob@example.com"}, 0),
        ({"owner": "nobody@example.com"}, 0),
        ({"owner": "nonsense"}, 0),
        ({"owner": "f" * 24}, 0),
        ({"owner": ""}, 0),
        ({"collectedAt": "2020-05-05"}, 1),
        ({"collected": "2020-05-05T10:20:30.123Z"}, 1),
        ({"collected_at": "2020-05-05T12:20:30.123+02:00"}, 1),
        ({"collectedAt": "2020-05-05T10:20:30.124Z"}, 0),
        ({"collectedAt": "2020-05-06"}, 0),
        ({"createdAt": "2020-05-05"}, 0),
        ({"city": "city of one", "country": "country of one"}, 1),
        ({"city": "city of one", "country": "Rome"}, 0),
        ({"email": "<ONE@example.org>"}, 1),
        ({"list": "f" * 24}, 0),
        ({"list": "nonsense"}, 0),
        ({"list": ""}, 1),
        ({"id": "f" * 24}, 0),
        ({"page": "2"}, 0),
        ({"per_page": "1"}, 1),
    ],
)
def test_filters_match(team: Api, query: dict[str, str], found: int) -> None:
    answer = team.call("GET", "/contacts", params=query).json()
    assert len(answer["contacts"]) == found
    if "page" not in query and "per_page" not in query:
        assert answer["page"] == {"page": 1, "pages": min(found, 1), "total": found}


def test_contacts_are_found_by_the_values_in_replies(team: Api) -> None:
    one = team.contacts(email="one@example.org")[0]
    owner = team.ask("GET", f"/contacts/{one['_id']}", projectionFields="owner")["contact"]["owner"]["_id"]
    for name in ("_id", "list", "createdAt", "updatedAt", "collectedAt"):
        assert one in team.contacts(**{name: one[name]})
    assert team.contacts(owner=owner) == team.contacts(_id=one["_id"]) == [one]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"colour": "red", "vars": "x"}, {"colour": "is not a filter", "vars": "is not a filter"}),
        ({"city": ["a", "b"]}, {"city": "city is given twice"}),
        ({"city": "a", "town": "b"}, {"town": "city is given twice"}),
        ({"city": "a\0"}, {"city": "contains the character U+0000"}),
        ({"collectedAt": "soon"}, {"collectedAt": "is neither a date nor a moment of RFC 3339"}),
    ],
)
def test_unknown_filter_is_refused(team: Api, query: dict[str, Any], wrong: dict[str, str]) -> None:
    answer = team.ask("GET", "/contacts", status=400, **query)
    assert answer["reason"] == "validation_error"
    assert {error["field"]: error["message"] for error in answer["errors"]} == wrong
    assert answer["errorCount"] == len(wrong)


def test_user_finds_own_contacts_by_any_filter(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    ada.create(email="x@example.org", city="Delft")
    for query in ({"owner": ada.email}, {"city": "Delft"}, {"email": "x@example.org"}):
        assert (len(ada.contacts(**query)), bob.contacts(**query)) == (1, [])


def test_references_are_shown_as_objects_on_request(team: Api, make_datananas: MakeApi) -> None:
    plain = team.contacts(email="one@example.org")[0]
    for query in ({"projectionFields": "list,owner"}, {"projectionFields": ["owner", "list"]}):
        whole = team.contacts(email="one@example.org", **query)[0]
        assert whole["list"]["_id"] == plain["list"] and whole["list"]["name"] == "Expo"
        assert (whole["owner"]["email"], whole["owner"]["role"]) == ("ada@example.com", "user")
    two = team.contacts(email="two@example.org", projectionFields="list")[0]
    assert (two["list"], two["owner"]) == (None, "boss@example.com")
    refused = team.ask("GET", "/contacts", status=400, projectionFields="vars,owner")
    assert refused["errors"][0]["field"] == "projectionFields"
    narrow = make_datananas(team.organization, scopes="contacts:read")
    assert len(narrow.contacts()) == 2
    for field in ("list", "owner"):
        assert narrow.ask("GET", "/contacts", status=403, projectionFields=field)["reason"] == (
            "insufficient_scope"
        )


def test_lists_have_their_owner_and_number_of_contacts(make_datananas: MakeApi) -> None:
    boss = make_datananas(role="manager", name="boss")
    made = boss.ask("POST", "/lists", {"name": "Empty"}, 201)["list"]
    assert (made["owner"], made["contacts"]) == ("boss@example.com", 0)
    for number, name in enumerate(["A", "B"]):
        rows = [{"email": f"{name}{i}@example.org"} for i in range(number + 1)]
        body = {"list": {"name": name}, "contacts": rows}
        boss.ask("POST", "/contacts/bulk", body)
    bulk(boss, {})
    gone = boss.contacts(email="B0@example.org")[0]["_id"]
    boss.ask("DELETE", f"/contacts/{gone}", status=204)
    lists = boss.ask("GET", "/lists")["lists"]
    assert [(a_list["name"], a_list["contacts"]) for a_list in lists] == [("Empty", 0), ("A", 1), ("B", 1)]
    for a_list in lists:
        one = f"/lists/{a_list['_id']}"
        assert a_list.keys() == {"_id", "name", "owner", "contacts", "createdAt"}
        assert boss.ask("GET", one)["list"] == boss.ask("PUT", one, a_list)["list"] == a_list
    whole = boss.ask("GET", "/lists", projectionFields="owner")["lists"][0]
    assert whole["owner"]["role"] == "manager"


def test_connected_user_is_shown(make_datananas: MakeApi, administration: Administration) -> None:
    company = make_datananas()
    assert company.ask("GET", "/users/me")["email"] is None
    with administration.organization(company.organization) as (transaction, _):
        access.set_quota(transaction, total_contacts=10)
        names = {"first_name": "Ada", "last_name": "Byron"}
        access.create_user(transaction, email="n@example.com", password_hash="-", role="user", **names)
        found = access.find_users(transaction, ["n@example.com"], [])[0]
    assert User(found.id, found.email, found.role, **names).first_name == found.first_name == "Ada"
    ada = make_datananas(company.organization, role="user", name="ada")
    ada.create(email="x@example.org", source="connect")
    shown = ada.ask("GET", "/users/me")
    assert re.fullmatch("[0-9a-f]{24}", shown["_id"])
    assert (shown["email"], shown["role"], shown["company"]["name"]) == ("ada@example.com", "user", "Acme")
    assert (shown["firstName"], shown["lastName"]) == (None, None)
    assert shown["quotas"] == {
        "contact_total_quotas": {"limit": 10, "used": 1},
        "contact_connect_quotas": {"limit": None, "used": 1},
    }


def test_token_that_may_only_write_sees_its_own_calls(make_datananas: MakeApi) -> None:
    boss = make_datananas(role="manager", name="boss")
    writer = make_datananas(boss.organization, scopes="contacts:write")
    theirs, own = bulk(boss, {}), writer.ask("POST", "/contacts/bulk", {"contacts": [{}]})
    assert writer.ask("GET", f"/contacts/bulk/{own['uuid']}")["total"] == 1
    assert [job["uuid"] for job in writer.ask("GET", "/contacts/bulk")["bulks"]] == [own["uuid"]]
    assert writer.ask("GET", f"/contacts/bulk/{theirs['uuid']}", status=404)["reason"] == "not_found"
    assert writer.ask("GET", "/contacts", status=403)["reason"] == "insufficient_scope"
