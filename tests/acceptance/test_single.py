"""Calls for single records. Contacts, companies and customers are one resource with other names."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from .client import Api


class Kind(NamedTuple):
    path: str
    label: str
    exists: int
    several: int
    not_found: int
    owner: int
    name: str  # a field


KINDS = [
    Kind("contacts", "Contact", 50004, 50005, 50006, 50007, "firstName"),
    Kind("customers", "Customer", 60004, 60005, 60006, 60007, "firstName"),
    Kind("companies", "Company", 40004, 40005, 40006, 40007, "name"),
]
PRICING = {"products": [{"id": 1797, "pricing": {"type": "net", "price": 10}}], "categories": []}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.path)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


def create(api: Api, kind: Kind, **fields: Any) -> int:
    reply = api.post(f"/{kind.path}/", fields, 201)
    assert reply["messages"] == [f"{kind.label} created"]
    assert reply["data"] == fields | {"id": reply["data"]["id"]}
    id_: int = reply["data"]["id"]
    return id_


def test_record_is_created_read_updated_and_deleted(api: Api, kind: Kind) -> None:
    id_ = create(api, kind, source="ERP", sourceId=1, language="nl", **{kind.name: "Miles"})
    one = f"/{kind.path}/sourceId/1"
    assert api.get(one, source="ERP", expands="sources")["data"]["sources"] == [
        {"source": "ERP", "sourceId": "1"}
    ]
    changed = api.call("PATCH", one, json={"phone": "0032", "email": ""})
    assert (changed.status_code, changed.json()) == (
        200,
        {
            "data": {"email": "", "id": id_, "phone": "0032"},
            "messages": [f"{kind.label} updated"],
            "total": 1,
        },
    )
    shown = api.get(f"/{kind.path}/id/{id_}")["data"]
    assert (shown[kind.name], shown["phone"], shown["language"]) == ("Miles", "0032", "NL")
    found = api.post(f"/{kind.path}/search", {"name": "mil"})
    assert [record["id"] for record in found["data"]] == [id_]
    deleted = api.call("DELETE", one)
    assert deleted.json() == {"data": {}, "messages": [f"{kind.label} deleted"]}
    assert api.error(kind.not_found, "GET", one) == [f"{kind.label} with sourceId [1] not found"]
    for method in ("PATCH", "DELETE"):
        assert api.error(kind.not_found, method, f"/{kind.path}/id/{id_}", json={}) == [
            f"{kind.label} with id [{id_}] not found"
        ]
    assert create(api, kind, source="ERP", sourceId=1) != id_
    bulk = {kind.path: [{"source": "ERP", "sourceId": 1, "language": "NL"}]}
    assert api.post(f"/{kind.path}/bulk/sourceId", bulk)["data"][0]["action"] == "update"


def test_record_with_an_existing_source_id_is_not_created_again(api: Api, kind: Kind) -> None:
    create(api, kind, source="ERP", sourceId="1")
    for again in ({"source": "ERP", "sourceId": 1}, {"source": "ERP", "sourceId": "1", "language": "NL"}):
        assert api.error(kind.exists, "POST", f"/{kind.path}", json=again) == [f"{kind.label} already exists"]
    create(api, kind, source="ERP", sourceId="1", language="DE")
    create(api, kind, source="PIM", sourceId="1")
    (text,) = api.error(kind.several, "GET", f"/{kind.path}/sourceId/1")
    assert text.startswith("Multuple " if kind.label == "Contact" else "Multiple ")
    assert api.get(f"/{kind.path}/sourceId/1", source="ERP", language="de")["data"]["language"] == "DE"


def test_records_without_a_source_id_are_always_new(api: Api, kind: Kind) -> None:
    first, second = create(api, kind, **{kind.name: "A"}), create(api, kind, **{kind.name: "A"})
    assert first != second
    api.call("PATCH", f"/{kind.path}/id/{first}", json={"source": "ERP", "sourceId": "7"})
    assert api.get(f"/{kind.path}/sourceId/7")["data"]["id"] == first
    taken = {"source": "ERP", "sourceId": "7"}
    assert api.error(kind.exists, "PATCH", f"/{kind.path}/id/{second}", json=taken)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_violations_are_in_the_validators_words(api: Api, kind: Kind, method: str) -> None:
    create(api, kind, source="ERP", sourceId="1")
    path = f"/{kind.path}" if method == "POST" else f"/{kind.path}/sourceId/1"
    wrong = {"fax": "1", "email": 5}
    assert api.error(10007, method, path, json=wrong) == [
        "#: extraneous key [fax] is not permitted",
        "#/email: expected type: String, found: Integer",
    ]
    assert api.error(10007, method, path, json={"source": "ERP"}) == ["#: property [sourceId] is required"]
    assert api.error(10007, method, path, json=[]) == ["#: expected type: JSONObject, found: JSONArray"]
    assert api.error(10005, method, path, content=b"{") == ["Invalid JSON Payload"]
    assert api.error(10006, method if method == "PATCH" else "GET", f"/{kind.path}/ids/1", json={}) == [
        "Invalid lookup key [ids], key must contain one of the following values: [id,sourceId,]"
    ]


def test_language_cannot_be_changed(api: Api, kind: Kind) -> None:
    id_ = create(api, kind, language="NL")
    assert api.call("PATCH", f"/{kind.path}/id/{id_}", json={"language": "nl"}).status_code == 200
    assert api.error(10017, "PATCH", f"/{kind.path}/id/{id_}", json={"language": "EN"})


def test_unknown_parent_is_refused(api: Api, kind: Kind) -> None:
    (company,) = api.store_companies({"source": "ERP", "sourceId": "C", "language": "NL"})
    id_ = create(api, kind, parent={"id": company})
    assert api.get(f"/{kind.path}/id/{id_}", expands="parent")["data"]["parent"]["id"] == company
    missing = "Parent resource [Company] with id [9484] not found"
    for method, path in (("POST", f"/{kind.path}"), ("PATCH", f"/{kind.path}/id/{id_}")):
        assert api.error(40007, method, path, json={"parent": {"id": 9484}}) == [missing]


def test_prices_are_set_and_deleted(api: Api, kind: Kind) -> None:
    id_ = create(api, kind)
    one = f"/{kind.path}/id/{id_}"
    reply = api.post(f"{one}/pricing", PRICING)
    assert reply == {
        "data": [{"action": "create", "key": 1797, "lookupKey": "id", "success": True}],
        "messages": ["Completed"],
        "total": 1,
    }
    assert api.get(one)["data"]["pricing"] == PRICING
    assert api.call("DELETE", f"{one}/pricing").json() == {"data": {}, "messages": ["completed"]}
    assert "pricing" not in api.get(one)["data"]
    missing = f"/{kind.path}/id/999999999/pricing"
    assert api.error(kind.owner, "POST", missing, json=PRICING) == api.error(kind.owner, "DELETE", missing)
    assert api.error(10007, "POST", f"{one}/pricing", json={"shopId": 1})


def test_attribute_values_are_set_listed_and_deleted(api: Api, kind: Kind) -> None:
    attribute = {"class": "user", "name": "TIER", "type": "text"}
    definition = api.post("/attributes", attribute, 201)["data"]["id"]
    number = api.post("/attributes", {"class": "user", "name": "SCORE", "type": "integer"}, 201)["data"]["id"]
    one = f"/{kind.path}/id/{create(api, kind)}/attributes"
    rows = [
        attribute | {"value": "gold"},
        {"id": number, "type": "integer", "value": 5},
        {"id": number, "type": "text", "value": "x"},
        attribute | {"name": "NONE", "value": "x"},
    ]
    reply = api.post(one, rows)
    assert [row["success"] for row in reply["data"]] == [True, True, False, False]
    assert reply["data"][0] == {"action": "put", "key": "TIER", "lookupKey": "name", "success": True}
    assert reply["data"][2]["error"] == "Invalid value provided. Attribute type is [integer]."
    assert reply["data"][3]["error"] == "Attribute with name [NONE] not found."
    listed = api.get(one)
    assert [(row["id"], row["value"], row["inherited"]) for row in listed["data"]] == [
        (definition, "gold", False),
        (number, 5, False),
    ]
    assert api.post(one, [attribute])["data"][0]["action"] == "delete"
    assert [row["name"] for row in api.get(one, offset="1")["data"]] == ["SCORE"]
    gone = f"/{kind.path}/id/999999999/attributes"
    assert api.error(kind.owner, "GET", gone) == api.error(kind.owner, "POST", gone, json=rows)


def test_attribute_values_are_inherited_from_parent_companies(api: Api) -> None:
    for name in ("A", "B", "C"):
        api.post("/attributes", {"class": "user", "name": name, "type": "text"}, 201)

    def values(**given: str) -> list[dict[str, str]]:
        return [
            {"class": "user", "name": name, "type": "text", "value": value} for name, value in given.items()
        ]

    (top,) = api.store_companies(
        {"source": "E", "sourceId": "T", "attributes": values(A="top", B="top", C="top")}
    )
    below = {"source": "E", "sourceId": "M", "parent": {"id": top}, "attributes": values(B="middle")}
    (middle,) = api.store_companies(below)
    (id_,) = api.store(
        {"source": "E", "sourceId": 1, "parent": {"id": middle}, "attributes": values(C="own")}
    )
    rows = api.get(f"/contacts/id/{id_}/attributes")["data"]
    assert [(row["name"], row["value"], row["inherited"]) for row in rows] == [
        ("A", "top", True),
        ("B", "middle", True),
        ("C", "own", False),
    ]


def test_definition_can_be_changed_except_name_class_and_type(api: Api) -> None:
    attribute = {"class": "user", "name": "TIER", "type": "text", "group": "old", "isPublic": False}
    id_ = api.post("/attributes", attribute, 201)["data"]["id"]
    changed = api.call(
        "PATCH", "/attributes/name/TIER", json={"group": "new"}, params={"attributeClass": "user"}
    )
    assert changed.json() == {
        "data": {"group": "new", "id": id_},
        "messages": ["Attribute updated"],
        "total": 1,
    }
    shown = api.get(f"/attributes/id/{id_}")["data"]
    assert (shown["group"], shown["isPublic"], shown["name"]) == ("new", False, "TIER")
    assert api.error(10007, "PATCH", f"/attributes/id/{id_}", json={"name": "X"}) == [
        "#: extraneous key [name] is not permitted"
    ]
    assert api.error(14001, "PATCH", "/attributes/id/999999", json={})


def test_single_contact_has_login_and_full_name(api: Api) -> None:
    id_ = api.post("/contacts/", {"fullName": "Miles van der McCoy", "login": "miles"}, 201)["data"]["id"]
    shown = api.get(f"/contacts/id/{id_}")["data"]
    assert (shown["firstName"], shown["lastName"], shown["login"]) == ("Miles van der", "McCoy", "miles")
    assert shown["name"] == "Miles van der McCoy"


def test_attributes_are_read_and_written_in_the_form_of_v2(api: Api) -> None:
    described = {
        "name": "SIZES",
        "type": "text",
        "attributeClass": "contact",
        "descriptions": [{"language": "NL", "value": "maten"}],
        "group": "G",
    }
    made = api.post("/v2/attribute-descriptions", described, 201)["data"]
    assert made == described | {"id": made["id"]}
    number = api.post("/v2/attribute-descriptions", described | {"name": "N", "type": "integer"}, 201)[
        "data"
    ]["id"]
    one = f"/v2/attribute-descriptions/id/{made['id']}"
    assert api.get(one)["data"]["attributeClass"] == "contact"
    assert api.call("PATCH", one, json={"group": "H"}).status_code == 200
    assert api.get(one)["data"]["group"] == "H"
    id_ = api.post("/v2/contacts", {}, 201)["data"]["id"]
    values = f"/v2/attributes/contacts/id/{id_}/attributes"
    text = {"textValues": [{"language": "NL", "values": ["S", "M"]}]}
    rows = [
        {"attributeDescriptionName": "SIZES", "value": text},
        {"attributeDescriptionId": number, "value": {"intValue": 5}},
        {"attributeDescriptionName": "NONE", "value": text},
    ]
    assert [row["success"] for row in api.post(values, rows)["data"]] == [True, True, False]
    shown = {row["attributeDescriptionId"]: row["value"] for row in api.get(values)["data"]}
    assert shown == {made["id"]: text, number: {"intValue": 5}}
    assert (
        api.post(values, [{"attributeDescriptionId": number, "value": None}])["data"][0]["action"] == "delete"
    )
    assert len(api.get(values)["data"]) == 1
    assert api.error(10007, "POST", values, json=[{"value": text}])
    assert api.call("DELETE", one).status_code == 200
    assert api.error(14001, "GET", one)


def test_contact_of_the_vendors_example_is_created(api: Api) -> None:
    (parent,) = api.store_companies({"source": "REST-API", "sourceId": 9482, "language": "NL"})
    sent = {
        "abbreviation": "MM",
        "dateOfBirth": "28/08/1993",
        "debtorId": 12345,
        "email": "miles@example.com",
        "firstName": "Miles",
        "gender": "M",
        "language": "NL",
        "lastName": "McCoy",
        "login": "miles@example.com",
        "middleName": "",
        "mobile": "0038975648",
        "parent": {"id": parent},
        "phone": "0032445888",
        "primaryLanguage": "EN",
        "source": "REST-API",
        "sourceId": 3002196,
        "title": "Mr.",
    }
    reply = api.post("/contacts/", sent, 201)
    assert reply == {"data": sent | {"id": reply["data"]["id"]}, "messages": ["Contact created"], "total": 1}
    assert list(reply["data"]) == sorted(reply["data"])
    shown = api.get("/contacts/sourceId/3002196", source="REST-API", expands="sources,parent")["data"]
    assert (shown["dateOfBirth"], shown["debtorId"]) == ("August, 28 1993 00:00:00 +0000", "12345")
    assert (shown["name"], shown["fax"], shown["parent"]["id"]) == ("Miles McCoy", "", parent)
    assert api.get("/v2/contacts/sourceId/3002196")["data"]["dateOfBirth"] == "1993-08-28"
