"""Rows that are sent again unchanged: recognised by their digests, and never confused with others."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from .client import BULK, Api, row
from .test_bulk_source_id import stored_versions

PERSON = row(1, firstName="Nella", email="nella@example.com", dateOfBirth="28/08/1993")


def digests(owner: psycopg.Connection, api: Api) -> list[Any]:
    query = "SELECT digest FROM contacts WHERE organization_id = %s ORDER BY id"
    return [digest for (digest,) in owner.execute(query, [api.organization])]


def test_repeated_row_is_recognised_and_not_written(owner: psycopg.Connection, api: Api) -> None:
    ids = api.store(PERSON, row("2"))
    assert None not in digests(owner, api)
    before = stored_versions(owner, api)
    assert api.store(row("2"), PERSON) == ids[::-1]
    assert stored_versions(owner, api) == before


def test_key_of_a_failed_new_row_stays_free(owner: psycopg.Connection, api: Api) -> None:
    unknown = [{"class": "user", "name": "NOWHERE", "type": "text", "value": "x"}]
    answers = api.send(row("A"), row("B", attributes=unknown), row("C"))
    assert [answer["success"] for answer in answers] == [True, False, True]
    keys = owner.execute("SELECT key FROM identities WHERE organization_id = %s", [api.organization])
    assert sorted(keys) == [("A",), ("C",)]
    again = api.send(row("B", attributes=unknown), row("B", firstName="Bea"))
    assert [(answer["action"], answer["success"]) for answer in again] == [
        ("create", False),
        ("create", True),
    ]
    assert api.contact("B")["firstName"] == "Bea"


def test_repeated_row_is_written_after_another_has_changed_its_contact(api: Api) -> None:
    (id_,) = api.store(PERSON)
    api.store(row(1, firstName="Orla"))
    api.store(PERSON)
    assert api.contact(1)["firstName"] == "Nella"
    api.post("/contacts/bulk/id", {"contacts": [{"id": id_, "firstName": "Pia"}]})
    api.store(PERSON)
    assert api.contact(1)["firstName"] == "Nella"


def test_last_of_several_repeated_rows_for_a_contact_counts(api: Api) -> None:
    first, last = PERSON, PERSON | {"firstName": "Orla"}
    for _ in range(2):
        api.store(first, last)
        assert api.contact(1)["firstName"] == "Orla"
    api.store(first)
    assert api.contact(1)["firstName"] == "Nella"
    api.store(first, last)
    assert api.contact(1)["firstName"] == "Orla"
    api.store(last, first)
    assert api.contact(1)["firstName"] == "Nella"


def test_parent_of_a_repeated_row_is_looked_up(api: Api) -> None:
    company, other = ({"source": "CRM", "sourceId": key, "language": "NL"} for key in ("A", "B"))
    (first, _) = api.store_companies(company, other)
    child = row(1, parent={"source": "CRM", "sourceId": "A"})
    (id_,) = api.store(child)
    moved = {"contacts": [{"id": id_, "parent": {"source": "CRM", "sourceId": "B"}}]}
    api.post("/contacts/bulk/id", moved)
    api.store(child)
    assert api.contact(1, expands="parent")["parent"]["id"] == first


@pytest.mark.parametrize("value", [{"value": "gold"}, {}], ids=["set", "deleted"])
def test_repeated_row_fails_when_its_attribute_was_deleted(api: Api, value: dict[str, str]) -> None:
    attribute = {"class": "user", "name": "TIER", "type": "text"}
    api.post("/attributes/bulk/name", [attribute])
    rich = row(1, attributes=[attribute | value])
    for _ in range(2):
        assert api.send(rich)[0]["success"]
    assert api.call("DELETE", "/attributes/name/TIER").status_code == 200
    assert api.send(rich)[0]["error"] == "Attribute with name [TIER] not found."


def test_body_of_repeated_rows_is_still_checked(api: Api) -> None:
    api.store(PERSON)
    assert api.refused(PERSON, row(2, gender="X")) == ["#/contacts/1/gender: X is not a valid enum value"]
    assert api.refused(PERSON, company="x") == ["#: extraneous key [company] is not permitted"]
    assert api.refused(PERSON, row(2, email="nobody")) == [
        "#/contacts/1/email: [nobody] is not a valid email address"
    ]
    assert api.error(10005, "POST", BULK, content=b'{"contacts":[{"source":"CRM","sourceId":1}') == [
        "Invalid JSON Payload"
    ]


def test_directives_apply_to_repeated_rows(api: Api) -> None:
    api.store(PERSON)
    api.store(row(1, firstName="Orla"))
    api.store(PERSON, directives={"skipIfNotEmpty": ["firstName"]})
    assert api.contact(1)["firstName"] == "Orla"
    api.store(PERSON)
    assert api.contact(1)["firstName"] == "Nella"


@pytest.mark.parametrize("place", [0, 1, 2_100])
def test_repeated_rows_beside_an_unusual_one_are_recognised(
    owner: psycopg.Connection, api: Api, place: int
) -> None:
    """The scanner reads the body up to the unusual row. Both readers give a row the same digest."""
    usual = [json.dumps(row(number, firstName="Nella", lastName="Ö")) for number in range(2_200)]
    odd = '{"source": "CRM", "sourceId": "odd", "firstName": "A", "firstName": "Bea"}'

    def send(*rows: str) -> Any:
        body = ('{"contacts": [' + ", ".join(rows) + "]}").encode()
        headers = {"content-type": "application/json"}
        answer = api.call("POST", BULK, content=body, headers=headers).json()
        assert all(row["success"] for row in answer["data"])
        return stored_versions(owner, api)

    before = send(*usual[:place], odd, *usual[place:])
    assert api.contact("odd")["firstName"] == "Bea"
    assert send(*usual[:place], odd, *usual[place:]) == before
    assert send(*usual) == before
