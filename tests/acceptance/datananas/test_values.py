"""Values as clients write them: those that are accepted, as they are stored, and those that are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contactory.dialects.datananas.names import FIELDS

from .client import Api
from .conftest import MakeApi
from .test_bulk import bulk, counts, finish, send

HALF = "contains half of a surrogate pair"
NO_NUMBER = "is a number, and not a date as YYYY-MM-DD or a moment of RFC 3339"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"source": "linkedin"}, {"source": "linkedin"}),
        ({"source": "Sales Navigator"}, {"source": "Sales Navigator"}),
        ({"source": " CONNECT "}, {"source": "connect"}),
        ({"zip": 75001.0}, {"zip": "75001"}),
        ({"zip": -0.0}, {"zip": "0"}),
        ({"phone": 33123456789.0}, {"phone": "33123456789"}),
        ({"phone": 9007199254740991.0}, {"phone": "9007199254740991"}),
        ({"employees": 11.5}, {"employees": "11.5"}),
        ({"employees": 9007199254740993}, {"employees": "9007199254740993"}),
        ({"vars": [], "list": []}, {"vars": {}, "list": None}),
        ({"vars": {}, "list": {}}, {"vars": {}, "list": None}),
        ({"city": [], "zip": " \t"}, {"city": None, "zip": None}),
        ({"list": ""}, {"list": None}),
        ({"list": 0}, {"list": None}),
        ({"list": {"_id": ""}}, {"list": None}),
        ({"list": {"_id": 0, "name": ""}}, {"list": None}),
        ({"list": {"id": "0"}}, {"list": None}),
        ({"owner": {"email": ""}}, {"owner": None}),
        ({"owner": ""}, {"owner": None}),
        ({"owner": 0}, {"owner": None}),
    ],
)
def test_values_are_accepted(api: Api, given: dict[str, Any], kept: dict[str, Any]) -> None:
    made = api.create(**given)
    assert {name: made[name] for name in kept} == kept


@pytest.mark.parametrize(
    "written",
    [
        "ada@example.org",
        " ada@example.org\t",
        "ada@example.org,",
        "ada@example.org;",
        "ada@example.org.",
        "<ada@example.org>",
        "<ada@example.org>,",
        "'ada@example.org'",
        '"ada@example.org"',
        "(ada@example.org)",
        "mailto:ada@example.org",
        "MAILTO:ada@example.org?subject=Hello",
        '"Ada" <ada@example.org>',
        "Ada Byron <ada@example.org>",
        '"Byron, Ada" <mailto:ada@example.org>',
    ],
)
def test_address_is_cleaned_of_quotes_and_brackets(api: Api, written: str) -> None:
    made = api.create(email=written)
    assert made["email"] == "ada@example.org"
    assert api.create(200, email="ADA@example.org")["_id"] == made["_id"]
    assert len(api.contacts(email=written)) == 1


@pytest.mark.parametrize(
    "written",
    ["o'neil+x@mail.example.org", "ada@localhost", "a..b.@example.org", "é@exämple.org", '"a.b"@example.org'],
)
def test_unusual_addresses_are_stored_as_they_are(api: Api, written: str) -> None:
    assert api.create(email=written)["email"] == written


@pytest.mark.parametrize(
    "written",
    [
        "ada@example..org",
        "ada@.example.org",
        "ada@",
        "@example.org",
        "ada",
        "ada@example.org, ben@example.org",
        "ada@example.org,ben@example.org",
        "Ada <ada@example.org> <ben@example.org>",
        "Ada <>",
        "ada byron@example.org",
        "ada@exam ple.org",
        "ada@exam,ple.org",
        "mailto:",
        "a" * 243 + "@example.org",
    ],
)
def test_text_that_is_no_address_is_refused(api: Api, written: str) -> None:
    answer = api.ask("POST", "/contacts", {"email": written}, 400)
    assert answer["errors"] == [{"i": 0, "field": "email", "message": "is not an e-mail address"}]


def test_longest_address_is_accepted(api: Api) -> None:
    assert api.create(email="a" * 242 + "@example.org")["email"] == "a" * 242 + "@example.org"


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        (r'{"firstName":"\ud83d"}', "firstName", HALF),
        (r'{"firstName":"x\ude00y"}', "firstName", HALF),
        (r'{"first_name":"\ud83dx"}', "firstName", HALF),
        (r'{"email":"a\ud83d@example.org"}', "email", HALF),
        (r'{"vars":{"a":["\ud83d"]}}', "vars", HALF),
        (r'{"vars":{"\ud83d":1}}', "vars", HALF),
        ('{"zip":1e400}', "zip", "is a number out of range"),
        ('{"zip":-1e400}', "zip", "is a number out of range"),
        ('{"zip":' + "9" * 5000 + "}", "zip", "is a number out of range"),
        ('{"zip":9007199254740993.0}', "zip", "is a number that has lost digits: send it as a text"),
        ('{"vars":{"a":{"b":[1,1e400]}}}', "vars", "contains a number out of range"),
        ('{"vars":[1]}', "vars", "is not an object"),
        ('{"collectedAt":1764011000333}', "collectedAt", NO_NUMBER),
        ('{"collectedAt":20200505}', "collectedAt", NO_NUMBER),
        ('{"owner":["x"]}', "owner", "is not a text"),
    ],
)
def test_unstorable_values_are_refused_with_their_row(api: Api, row: str, field: str, message: str) -> None:
    expected = {"field": field, "message": message}
    body = f'{{"contacts":[{{"city":"Delft"}},{row}]}}'
    for path, sent, i in (("/contacts/bulk", body, 1), ("/contacts", row, 0)):
        answer = api.call("POST", path, content=sent)
        assert (answer.status_code, answer.json()["errors"]) == (400, [{"i": i, **expected}])
    assert api.contacts() == []
    answer = api.call("POST", "/contacts/bulk?partial=true", content=body)
    assert counts(finish(api, answer.json()["uuid"])) == (1, 0, 1)


def test_unstorable_values_of_ignored_fields_are_accepted(api: Api) -> None:
    """A number beyond a double, or a lone surrogate, under an unknown key does not refuse the call."""
    body = r'{"contacts":[{"firstName":"Zo\u00eb \ud83d\ude00","nonsense":1e400,"other":"\ud83d"}]}'
    answer = api.call("POST", "/contacts/bulk", content=body)
    assert counts(finish(api, answer.json()["uuid"])) == (1, 0, 0)
    assert api.contacts()[0]["firstName"] == "Zoë 😀"


@pytest.mark.parametrize(
    "body",
    ['{"contacts":[{"a":NaN}]}', '{"contacts":[{"a":"\\ud83d"}', '{"contacts":[{"a":1e400}],}', "\ufeff"],
)
def test_body_that_is_no_json_is_refused(api: Api, body: str) -> None:
    for path in ("/contacts/bulk", "/contacts", "/lists"):
        answer = api.call("POST", path, content=body)
        assert (answer.status_code, answer.json()["reason"]) == (400, "validation_error")


def test_byte_order_mark_is_skipped(api: Api) -> None:
    bodies = {
        "/contacts/bulk": '{"contacts":[{}]}',
        "/contacts": '{"email":"ada@example.org"}',
        "/lists": '{"name":"Expo"}',
    }
    for path, body in bodies.items():
        assert api.call("POST", path, content=f"\ufeff{body}").status_code in (200, 201)


def test_list_is_named_in_the_same_way_in_all_calls(make_datananas: MakeApi) -> None:
    api = make_datananas(role="manager")
    made = api.ask("POST", "/lists", {"name": "Expo"}, 201)["list"]["_id"]
    forms: list[Any] = [
        made,
        {"_id": made},
        {"id": made, "name": "Other"},
        {"name": "Expo"},
        {"_id": "", "name": "Expo"},
        {"_id": 0, "name": " Expo "},
        "Expo",
    ]
    for i, form in enumerate(forms):
        contact = api.create(email=f"a{i}@example.org", list=form)
        assert contact["list"] == made
        other = api.create(email=f"b{i}@example.org")
        assert api.ask("PUT", f"/contacts/{other['_id']}", {"list": form})["contact"]["list"] == made
        assert send(api, {}, a_list=form)["listId"] == made
    new = api.create(list={"name": "New"})["list"]
    assert api.ask("GET", f"/lists/{new}")["list"]["name"] == "New"
    for wrong in (5, True, [1], {"colour": "red"}, {"name": 5}, {"name": "x" * 201}, {"name": "x\ud83d"}):
        body = api.call("POST", "/contacts", content=json.dumps({"list": wrong}))
        assert (body.status_code, body.json()["errors"][0]["field"]) == (400, "list")
    assert api.ask("POST", "/contacts", {"list": {"_id": "f" * 24}}, 404)["reason"] == "list_not_found"
    narrow = make_datananas(api.organization, scopes="contacts:write")
    assert narrow.ask("POST", "/contacts", {"list": {"name": "X"}}, 403)["reason"] == "insufficient_scope"


def test_user_may_send_the_list_that_a_contact_is_in(make_datananas: MakeApi) -> None:
    """Other uses of another user's list are refused."""
    boss = make_datananas(role="manager", name="boss")
    ada = make_datananas(boss.organization, role="user", name="ada")
    made = boss.ask("POST", "/lists", {"name": "Boss"}, 201)["list"]["_id"]
    own = ada.create(email="x@example.org")
    boss.ask("PUT", f"/contacts/{own['_id']}", {"list": made})
    read = ada.ask("GET", f"/contacts/{own['_id']}")["contact"]
    assert ada.ask("PUT", f"/contacts/{own['_id']}", read)["contact"] == read
    other = ada.create(email="y@example.org")
    assert ada.ask("PUT", f"/contacts/{other['_id']}", {"list": made}, 403)["reason"] == "list_forbidden"
    assert ada.ask("POST", "/contacts", {"list": made}, 403)["reason"] == "list_forbidden"


def test_unknown_source_is_accepted(api: Api) -> None:
    words = ["csv", "linkedin", "zapier", "Manual", "moon"]
    assert counts(bulk(api, *[{"source": word, "city": word} for word in words])) == (5, 0, 0)
    shown = [contact["source"] for contact in api.contacts()]
    assert shown == ["csv", "linkedin", "zapier", "manual", "moon"]


@pytest.mark.parametrize(
    ("word", "field"),
    [
        ("description", "industry"),
        ("phoneNumber", "phone"),
        ("numberOfEmployees", "employees"),
        ("postcode", "zip"),
        ("pictureUrl", "picture"),
        ("photo_url", "picture"),
        ("employee-count", "employees"),
        ("workPhone", "phone"),
        ("mobile_number", "mobile"),
        ("organisation", "company"),
        ("websiteUrl", "website"),
        ("sector", "industry"),
        ("role", "position"),
        ("languageCode", "language"),
        ("country_name", "country"),
        ("givenName", "firstName"),
        ("surname", "lastName"),
    ],
)
def test_other_likely_names_are_accepted(api: Api, word: str, field: str) -> None:
    assert api.ask("POST", "/contacts", {word: "x"}, 201)["contact"][field] == "x"


def test_no_name_belongs_to_two_fields() -> None:
    words = [word.lower() for name, (_, others) in FIELDS.items() for word in (name, *others)]
    assert len(words) == len(set(words))
