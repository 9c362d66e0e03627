"""A body that breaks the schema is refused as a whole, in the words of the vendor's validator."""

from __future__ import annotations

from typing import Any

import pytest

from .client import BULK, Api, row

WRONG: dict[str, Any] = {
    "Null": None,
    "Boolean": True,
    "Integer": 5,
    "Long": 3_000_000_000,
    "BigInteger": 10**20,
    "BigDecimal": 1.5,
    "JSONArray": [],
    "JSONObject": {},
}
TEXTS = (
    *("source", "email", "mobile", "dateOfBirth", "primaryLanguage", "language"),
    *("firstName", "middleName", "lastName", "abbreviation", "title"),
    *("pricelistAmount", "pricelistPercentage"),
)


@pytest.mark.parametrize("field", TEXTS)
def test_field_of_text_refuses_other_types(api: Api, field: str) -> None:
    refused = api.refused(*(row(1, **{field: value}) for value in WRONG.values()))
    assert refused == [
        f"#/contacts/{index}/{field}: expected type: String, found: {found}"
        for index, found in enumerate(WRONG)
    ]


@pytest.mark.parametrize("field", ["sourceId", "debtorId", "phone", "ssn"])
def test_field_of_number_or_text_refuses_other_types(api: Api, field: str) -> None:
    wrong = {found: value for found, value in WRONG.items() if not isinstance(value, int) or value is True}
    assert api.refused(*(row(1) | {field: value} for value in wrong.values())) == [
        f"#/contacts/{index}/{field}: expected type: {expected}, found: {found}"
        for index, found in enumerate(wrong)
        for expected in ("Integer", "String")
    ]


@pytest.mark.parametrize(
    ("field", "expected"), [("parent", "JSONObject"), ("attributes", "JSONArray"), ("pricing", "JSONObject")]
)
def test_field_of_object_or_list_refuses_other_types(api: Api, field: str, expected: str) -> None:
    wrong = {found: value for found, value in WRONG.items() if found != expected} | {"String": "x"}
    assert api.refused(*(row(1, **{field: value}) for value in wrong.values())) == [
        f"#/contacts/{index}/{field}: expected type: {expected}, found: {found}"
        for index, found in enumerate(wrong)
    ]


def test_row_must_be_an_object(api: Api) -> None:
    wrong = {found: value for found, value in WRONG.items() if found != "JSONObject"} | {"String": "x"}
    assert api.refused(*wrong.values()) == [
        f"#/contacts/{index}: expected type: JSONObject, found: {found}" for index, found in enumerate(wrong)
    ]


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({}, ["#: required key [contacts] not found"]),
        ({"contacts": {}}, ["#/contacts: expected type: JSONArray, found: JSONObject"]),
        ({"contacts": None}, ["#/contacts: expected type: JSONArray, found: Null"]),
        ({"contacts": [], "bogus": 1}, ["#: extraneous key [bogus] is not permitted"]),
        (
            {"contact": []},
            ["#: required key [contacts] not found", "#: extraneous key [contact] is not permitted"],
        ),
        ([], ["#: expected type: JSONObject, found: JSONArray"]),
        (True, ["#: expected type: JSONObject, found: Boolean"]),
        ("contacts", ["#: expected type: JSONObject, found: String"]),
        (5, ["#: expected type: JSONObject, found: Integer"]),
    ],
)
def test_body_must_be_an_object_of_contacts(api: Api, body: Any, messages: list[str]) -> None:
    assert api.error(10007, "POST", BULK, json=body) == messages


@pytest.mark.parametrize(
    ("sent", "messages"),
    [
        ({}, [": required key [source] not found", ": required key [sourceId] not found"]),
        ({"source": "CRM"}, [": required key [sourceId] not found"]),
        ({"sourceId": 1}, [": required key [source] not found"]),
        (row(1, company="x"), [": extraneous key [company] is not permitted"]),
        (row(1, id=5), [": extraneous key [id] is not permitted"]),
        (row(1, sourceid=5), [": extraneous key [sourceid] is not permitted"]),
        (row(1, **{"q~r": 1}), [": extraneous key [q~r] is not permitted"]),
        (row(1, source=""), ["/source: expected minLength: 1, actual: 0"]),
        (row(1, gender="X"), ["/gender: X is not a valid enum value"]),
        (row(1, gender=None), ["/gender: null is not a valid enum value"]),
        (row(1, language="NLD"), ["/language: string [NLD] does not match pattern ^([A-Za-z]{2})?$"]),
        (
            row(1, parent={}),
            ["/parent: required key [id] not found", "/parent: required key [sourceId] not found"],
        ),
        (row(1, parent={"id": 1, "name": "x"}), ["/parent: extraneous key [name] is not permitted"]),
        (row(1, parent={"id": "9"}), ["/parent/id: expected type: Integer, found: String"]),
        (row(1, parent={"id": 9.0}), ["/parent/id: expected type: Integer, found: BigDecimal"]),
        (row(1, parent={"id": None}), ["/parent/id: expected type: Integer, found: Null"]),
        (
            row(1, attributes=[{"class": "user", "name": "A"}, 5]),
            [
                "/attributes/0: required key [type] not found",
                "/attributes/1: expected type: JSONObject, found: Integer",
            ],
        ),
        (
            row(1, attributes=[{"id": 1, "type": "text", "value": None}]),
            ["/attributes/0/value: expected type: String, found: Null"],
        ),
        (
            row(1, attributes=[{"id": 1, "type": "text", "label": ""}]),
            ["/attributes/0: extraneous key [label] is not permitted"],
        ),
        (
            row(1, pricing={"products": [{"id": 1, "pricing": {"type": "gross"}}]}),
            ["/pricing/products/0/pricing/type: gross is not a valid enum value"],
        ),
        (
            row(1, pricing={"products": [{"id": 1, "pricing": {"price": "9"}}]}),
            ["/pricing/products/0/pricing/price: expected type: Number, found: String"],
        ),
        (row(1, pricing={"products": [], "shop": 1}), ["/pricing: extraneous key [shop] is not permitted"]),
    ],
)
def test_violations_of_a_row_are_in_the_validators_words(api: Api, sent: Any, messages: list[str]) -> None:
    assert api.refused(sent) == [f"#/contacts/0{message}" for message in messages]


def test_language_with_a_line_break_is_refused(api: Api) -> None:
    assert api.refused(row(1, language="NL\n"))


@pytest.mark.parametrize("email", ["nella", "@example.com", "nella@", "nella@example", "a b@example.com"])
def test_invalid_email_is_refused(api: Api, email: str) -> None:
    assert api.refused(row(1, email=email)) == [f"#/contacts/0/email: [{email}] is not a valid email address"]
    others = [row(number, email="nella@example.com") for number in range(2, 50)]
    assert len(api.refused(*others, row(1, email=email), *others)) == 1


@pytest.mark.parametrize("email", ["", "miles@propel.us", "o'x+y.z@a-b.example.museum", "zoë@example.com"])
def test_empty_and_unusual_emails_are_accepted(api: Api, email: str) -> None:
    api.store(row(1, email=email))
    assert api.contact(1)["email"] == email
