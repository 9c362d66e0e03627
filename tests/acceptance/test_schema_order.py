"""Several violations: all are shown, in the validator's order, and nothing is written."""

from __future__ import annotations

from .client import BULK, Api, row


def test_single_violations_come_before_those_of_rows_with_several(api: Api) -> None:
    body = {
        "contacts": [row(1), {"company": 1, "firstName": 1, "source": "CRM"}, {"sourceId": 2}],
        "bogus": 1,
    }
    assert api.error(10007, "POST", BULK, json=body) == [
        "#: extraneous key [bogus] is not permitted",
        "#/contacts/2: required key [source] not found",
        "#/contacts/1: required key [sourceId] not found",
        "#/contacts/1: extraneous key [company] is not permitted",
        "#/contacts/1/firstName: expected type: String, found: Integer",
    ]


def test_unknown_keys_come_in_the_order_of_a_java_map(api: Api) -> None:
    sent = {"source": "A", "sourceId": 1, "company": "x", "zeta": 1, "alpha": 2}
    slashed = {"source": "A", "sourceId": 1, "a/b": 1, "q~r": 1}
    assert api.refused(sent, slashed) == [
        "#/contacts/0: extraneous key [zeta] is not permitted",
        "#/contacts/0: extraneous key [alpha] is not permitted",
        "#/contacts/0: extraneous key [company] is not permitted",
        "#/contacts/1: extraneous key [q~r] is not permitted",
        "#/contacts/1: extraneous key [a/b] is not permitted",
    ]


def test_fields_of_a_row_come_in_the_order_of_a_java_map(api: Api) -> None:
    sent = row(1, firstName=1, lastName=1, email=1, gender="X", phone=True, ssn=True, mobile=1)
    assert list(dict.fromkeys(message.split(":")[0] for message in api.refused(sent))) == [
        f"#/contacts/0/{field}"
        for field in ("lastName", "gender", "mobile", "firstName", "email", "ssn", "phone")
    ]


def test_wrong_number_or_text_comes_after_other_fields(api: Api) -> None:
    assert api.refused(row(True, firstName=1), row("")) == [
        "#/contacts/0/firstName: expected type: String, found: Integer",
        "#/contacts/0/sourceId: expected type: Integer, found: Boolean",
        "#/contacts/0/sourceId: expected type: String, found: Boolean",
        "#/contacts/1/sourceId: expected type: Integer, found: String",
        "#/contacts/1/sourceId: expected minLength: 1, actual: 0",
    ]


def test_attribute_requires_id_or_name_and_class(api: Api) -> None:
    assert api.refused(row(1, attributes=[{"name": "A"}])) == [
        "#/contacts/0/attributes/0: required key [type] not found",
        "#/contacts/0/attributes/0: required key [id] not found",
        "#/contacts/0/attributes/0: required key [class] not found",
    ]


def test_pricing_requires_a_list_and_its_items_a_key(api: Api) -> None:
    assert api.refused(row(1, pricing={})) == [
        "#/contacts/0/pricing: required key [categories] not found",
        "#/contacts/0/pricing: required key [products] not found",
    ]
    assert api.refused(row(1, pricing={"categories": [{"sourceId": 5}]})) == [
        "#/contacts/0/pricing/categories/0: required key [id] not found",
        "#/contacts/0/pricing/categories/0: required key [source] not found",
    ]


def test_companies_are_checked_in_the_same_way(api: Api) -> None:
    body = {"companies": [row(1, name="Dry Dock"), row(2, company="x"), row(3, email="x", firstName="x")]}
    assert api.error(10007, "POST", "/companies/bulk/sourceId", json=body) == [
        "#/companies/1: extraneous key [company] is not permitted",
        "#/companies/2: extraneous key [firstName] is not permitted",
        "#/companies/2/email: [x] is not a valid email address",
    ]


def test_only_the_first_hundred_violations_are_shown(api: Api) -> None:
    refused = api.refused(*(row(number, company="x") for number in range(150)))
    assert refused == [
        f"#/contacts/{index}: extraneous key [company] is not permitted" for index in range(100)
    ]


def test_one_row_that_breaks_the_schema_refuses_the_call(api: Api) -> None:
    api.store(row(0, firstName="Nella"))
    rows = [row(number, firstName="Orla") for number in range(2000)]
    assert len(api.refused(*rows, row(1, email="nobody"))) == 1
    assert len(api.refused(row(1, firstName=None), *rows)) == 1
    assert (api.count(), api.contact(0)["firstName"]) == (1, "Nella")
