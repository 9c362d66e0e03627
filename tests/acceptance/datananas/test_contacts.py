"""Single contacts, lists, and the rights of users."""

from __future__ import annotations

from typing import Any

import pytest

from .client import Api
from .conftest import MakeApi


def test_contact_is_created_read_updated_and_deleted(api: Api) -> None:
    made = api.create(
        email="Ada@Example.org", firstName="Ada", employees="11-50", vars={"stand": "B4", "n": None}
    )
    assert len(made["_id"]) == 24
    assert (made["email"], made["source"], made["language"]) == ("Ada@Example.org", "manual", "en")
    assert (made["vars"], made["list"], made["owner"], made["lastName"]) == (
        {"stand": "B4"},
        None,
        None,
        None,
    )
    one = f"/contacts/{made['_id']}"
    assert api.ask("GET", one)["contact"] == made
    changed = api.ask(
        "PUT", one, {"firstName": None, "lastName": "Byron", "employees": "", "vars": {"x": 1}}
    )["contact"]
    assert (changed["firstName"], changed["lastName"], changed["employees"]) == ("Ada", "Byron", "11-50")
    assert changed["vars"] == {"stand": "B4", "x": 1}
    api.ask("DELETE", one, status=204)
    assert api.ask("GET", one, status=404)["reason"] == "not_found"
    assert api.create(email="ada@example.org")["_id"] != made["_id"]


def test_contacts_are_recognised_by_email_then_by_profile(api: Api) -> None:
    first = api.create(linkedin="https://www.linkedin.com/in/bob?x=1")
    again = api.create(200, email="bob@example.org", linkedin="http://nl.linkedin.com/in/bob/")
    assert (again["_id"], again["email"]) == (first["_id"], "bob@example.org")
    assert api.create(200, email=" BOB@example.org ", firstName="Bob")["_id"] == first["_id"]
    assert api.create(firstName="Bob")["_id"] != first["_id"]
    eve = api.create(email="eve@example.org", linkedin="https://linkedin.com/in/eve")
    torn = api.create(200, email="eve@example.org", linkedin="https://linkedin.com/in/bob", city="Delft")
    assert (torn["_id"], torn["city"], torn["linkedin"]) == (eve["_id"], "Delft", eve["linkedin"])
    assert api.create(200, linkedin="https://linkedin.com/in/bob")["_id"] == first["_id"]
    moved = api.ask("PUT", f"/contacts/{first['_id']}", {"email": "robert@example.org"})["contact"]
    assert moved["_id"] == first["_id"]
    assert api.create(200, email="robert@example.org")["_id"] == first["_id"]
    assert api.create(email="bob@example.org")["_id"] != first["_id"]
    taken = api.ask("PUT", f"/contacts/{first['_id']}", {"email": "eve@example.org"}, 409)
    assert taken["reason"] == "already_exists"


def test_every_likely_name_of_a_field_is_accepted(api: Api) -> None:
    words: dict[str, Any] = {
        "e_mail-address": "a@b.c",
        "FIRST_NAME": "A",
        "jobTitle": "CTO",
        "zip-code": "01803",
        "tel": 5,
    }
    made = api.create(**words, nonsense="x", companyName="Ex", gravatar="g", collected="2024-02-03")
    assert (made["email"], made["firstName"], made["position"]) == ("a@b.c", "A", "CTO")
    assert (made["zip"], made["phone"], made["company"], made["picture"]) == ("01803", "5", "Ex", "g")
    assert made["collectedAt"] == "2024-02-03T00:00:00.000Z"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"email": "nobody"}, {"field": "email", "message": "is not an e-mail address"}),
        (
            {"linkedin": "javascript:x"},
            {"field": "linkedin", "message": "is not an absolute http or https URL"},
        ),
        ({"city": "x" * 1001}, {"field": "city", "message": "has 1001 characters, more than 1000"}),
        ({"vars": [1]}, {"field": "vars", "message": "is not an object"}),
        ({"zip": True}, {"field": "zip", "message": "is not a text"}),
        (
            {"collectedAt": "soon"},
            {"field": "collectedAt", "message": "is neither a date nor a moment of RFC 3339"},
        ),
    ],
)
def test_wrong_values_are_refused_with_field_and_reason(
    api: Api, fields: dict[str, Any], error: dict[str, str]
) -> None:
    answer = api.ask("POST", "/contacts", fields, 400)
    assert (answer["reason"], answer["errors"]) == ("validation_error", [{"i": 0, **error}])
    assert answer["errorCount"] == 1
    assert api.contacts() == []


def test_contacts_are_listed_by_page_and_filtered_by_every_field(api: Api) -> None:
    a_list = api.ask("POST", "/lists", {"name": "Expo"}, 201)["list"]["_id"]
    for number in range(25):
        api.create(email=f"p{number}@example.org", city="Delft" if number % 5 else "Breda", list=a_list)
    answer = api.ask("GET", "/contacts", page=2)
    assert (len(answer["contacts"]), answer["page"]) == (5, {"page": 2, "pages": 2, "total": 25})
    assert len(api.contacts(city="Breda")) == 5
    assert [contact["email"] for contact in api.contacts(email="P7@example.org")] == ["p7@example.org"]
    assert len(api.contacts(list=a_list, perPage=100)) == 25
    assert api.contacts(city="Rome") == []
    assert api.ask("GET", "/contacts", status=400, page=0)["reason"] == "validation_error"
    assert api.ask("GET", f"/lists/{a_list}")["list"]["contacts"] == 25
    assert api.ask("DELETE", f"/lists/{a_list}", status=409)["reason"] == "already_exists"


def test_list_is_created_renamed_read_and_deleted(api: Api) -> None:
    made = api.ask("POST", "/lists", {"name": "Expo"}, 201)["list"]
    assert api.ask("POST", "/lists", {"name": "Expo"}, 409)["reason"] == "already_exists"
    assert api.ask("PUT", f"/lists/{made['_id']}", {"name": "Expo 2024"})["list"]["name"] == "Expo 2024"
    assert [a_list["name"] for a_list in api.ask("GET", "/lists")["lists"]] == ["Expo 2024"]
    api.ask("DELETE", f"/lists/{made['_id']}", status=204)
    assert api.ask("GET", f"/lists/{made['_id']}", status=404)["reason"] == "list_not_found"


def test_user_reaches_own_contacts_and_manager_all(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    boss = make_datananas(ada.organization, role="manager", name="boss")
    made = ada.create(email="x@example.org")
    assert made["owner"] == "ada@example.com"
    one = f"/contacts/{made['_id']}"
    for method, body in (("GET", None), ("PUT", {"city": "Delft"}), ("DELETE", None)):
        assert bob.ask(method, one, body, 403)["reason"] == "contact_forbidden"
    assert bob.ask("POST", "/contacts", {"email": "x@example.org"}, 403)["reason"] == "contact_forbidden"
    assert bob.contacts() == [] and len(boss.contacts()) == 1
    assert boss.ask("PUT", one, {"owner": "BOB@example.com"})["contact"]["owner"] == "bob@example.com"
    assert bob.ask("PUT", one, {"city": "Delft"})["contact"]["city"] == "Delft"
    assert (
        boss.ask("PUT", one, {"owner": "nobody@example.com"}, 400)["errors"][0]["message"]
        == "owner_not_found"
    )
    wide = make_datananas(ada.organization, role="user", name="eve", scopes="contacts:read:company")
    assert len(wide.contacts()) == 1
    assert wide.ask("DELETE", one, status=403)["reason"] == "insufficient_scope"
    assert ada.ask("GET", "/users/me")["email"] == "ada@example.com"


def test_another_company_sees_no_contacts(make_datananas: MakeApi) -> None:
    ours, theirs = make_datananas(), make_datananas()
    made = ours.create(email="x@example.org")
    for method in ("GET", "PUT", "DELETE"):
        assert theirs.ask(method, f"/contacts/{made['_id']}", {}, 404)["reason"] == "not_found"
    assert theirs.contacts() == [] and theirs.contacts(email="x@example.org") == []
    assert (
        theirs.call("GET", "/contacts", headers={"authorization": "Bearer x"}).json()["reason"]
        == "invalid_token"
    )
