"""POST /contacts/bulk/id."""

from __future__ import annotations

from typing import Any

import pytest

from .client import Api, MakeApi, Row, row

BULK_ID = "/contacts/bulk/id"


def send(api: Api, *rows: Row) -> list[Any]:
    data: list[Any] = api.post(BULK_ID, {"contacts": rows})["data"]
    return data


def by_id(api: Api, id_: int, **query: str) -> Any:
    return api.get(f"/contacts/id/{id_}", **query)["data"]


def test_contact_with_an_existing_id_is_updated(api: Api) -> None:
    (id_,) = api.store(row(1, firstName="Nella", lastName="Vosk"))
    reply = api.post(BULK_ID, {"contacts": [{"id": id_, "firstName": "Orla", "dateOfBirth": "28/08/1993"}]})
    assert reply == {
        "data": [{"action": "update", "id": id_, "key": id_, "lookupKey": "id", "success": True}],
        "messages": ["Completed"],
        "total": 1,
    }
    assert (by_id(api, id_)["name"], api.count()) == ("Orla Vosk", 1)


def test_id_zero_creates_a_contact_each_time(api: Api) -> None:
    first, second = send(api, {"id": 0, "firstName": "Nella"}, {"id": 0, "firstName": "Orla"})
    assert (first["action"], first["key"], second["action"], second["key"]) == ("create", 0, "create", 0)
    assert [by_id(api, reply["id"])["name"] for reply in (first, second)] == ["Nella", "Orla"]


@pytest.mark.parametrize("unknown", [987_654_321, 2**63 - 1, 2**63, 10**20, -5])
def test_unknown_id_creates_a_contact_with_a_new_id(api: Api, unknown: int) -> None:
    (reply,) = send(api, {"id": unknown, "firstName": "Nella"})
    assert (reply["action"], reply["key"], reply["success"]) == ("create", unknown, True)
    assert reply["id"] != unknown
    assert by_id(api, reply["id"])["firstName"] == "Nella"
    (later,) = api.store(row(1))
    assert later > reply["id"]


def test_outcomes_are_in_the_order_of_rows_and_rows_fail_alone(api: Api) -> None:
    ids = api.store(*map(row, range(3)))
    rows: list[Row] = [
        {"id": ids[2], "firstName": "Nella"},
        {"id": 0, "dateOfBirth": "x"},
        {"id": ids[0], "parent": {"id": ids[1]}},
        {"id": ids[2], "firstName": "Orla"},
    ]
    first, new, orphan, last = send(api, *rows)
    assert (first["success"], last["success"], by_id(api, ids[2])["firstName"]) == (True, True, "Orla")
    assert new == {
        "action": "create",
        "error": "Invalid value [x] for field [dateOfBirth]",
        "key": 0,
        "lookupKey": "id",
        "success": False,
    }
    assert (orphan["action"], orphan["key"], orphan["success"]) == ("update", ids[0], False)
    assert orphan["error"] == f"Parent resource [Company] with id [{ids[1]}] not found"
    assert api.count() == 3


def test_row_requires_a_numeric_id(api: Api) -> None:
    assert api.refused({}, {"id": "4"}, {"id": None}, {"id": 4.0}, path=BULK_ID) == [
        "#/contacts/0: required key [id] not found",
        "#/contacts/1/id: expected type: Integer, found: String",
        "#/contacts/2/id: expected type: Integer, found: Null",
        "#/contacts/3/id: expected type: Integer, found: BigDecimal",
    ]


def test_source_id_becomes_a_further_identity(api: Api) -> None:
    (id_,) = api.store(row(1))
    (new,) = send(api, {"id": 0, "source": "ERP", "sourceId": 77})
    assert send(api, {"id": id_, **row("b4", source="ERP")})[0]["success"]
    assert send(api, {"id": id_, **row("b4", source="ERP")})[0]["success"]
    assert send(api, {"id": id_, **row(0, source="ERP")})[0]["success"]
    assert api.store(row("b4", source="ERP"), row(1), row(77, source="ERP")) == [id_, id_, new["id"]]
    assert api.store(row(0, source="ERP")) == [id_]
    assert by_id(api, id_, expands="sources")["sources"] == [
        {"source": "CRM", "sourceId": "1"},
        {"source": "ERP", "sourceId": "0"},
        {"source": "ERP", "sourceId": "b4"},
    ]


def test_source_id_of_another_contact_fails_the_row(api: Api) -> None:
    first, second = api.store(row(1), row(2))
    replies = send(
        api,
        {"id": second, **row(1), "firstName": "Nella"},
        {"id": 0, **row(1)},
        {"id": first, **row("new")},
        {"id": second, **row("new")},
    )
    assert [reply["success"] for reply in replies] == [False, False, True, False]
    assert {reply["error"] for reply in replies if not reply["success"]} == {"Contact already exists"}
    assert [reply["action"] for reply in replies] == ["update", "create", "update", "update"]
    assert (by_id(api, second)["firstName"], api.count()) == ("", 2)
    assert api.store(row(1), row("new")) == [first, first]


def test_source_id_requires_its_source(api: Api) -> None:
    (id_,) = api.store(row(1))
    response = api.call("POST", BULK_ID, json={"contacts": [{"id": id_, "sourceId": "x"}]})
    assert response.status_code == 400 or not response.json()["data"][0]["success"]


def test_id_of_another_organization_is_unknown(api: Api, make_api: MakeApi) -> None:
    other = make_api()
    (theirs,) = other.store(row(1, firstName="Nella"))
    (reply,) = send(api, {"id": theirs, "firstName": "Orla"})
    assert (reply["action"], reply["key"]) == ("create", theirs)
    assert reply["id"] != theirs
    assert (other.contact(1)["firstName"], other.count(), api.count()) == ("Nella", 1, 1)


def test_unknown_id_that_is_sent_twice_creates_one_contact(api: Api) -> None:
    (known,) = api.store(row(1))
    rows: list[Row] = [
        {"id": 888_888_888, "dateOfBirth": "x"},
        {"id": 888_888_888, "firstName": "Nella"},
        {"id": known, "firstName": "Pia"},
        {"id": 888_888_888, "lastName": "Vosk", **row("v")},
        {"id": -3, "firstName": "Orla"},
        {"id": -3, "firstName": "Orla"},
    ]
    replies = send(api, *rows)
    assert [reply["success"] for reply in replies] == [False, True, True, True, True, True]
    assert [reply["action"] for reply in replies[1:]] == ["create", "update", "update", "create", "create"]
    assert replies[1]["id"] == replies[3]["id"] == api.contact("v")["id"]
    assert (by_id(api, replies[1]["id"])["name"], api.count()) == ("Nella Vosk", 4)
