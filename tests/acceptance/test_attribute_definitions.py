"""Attribute definitions: created, updated, found, listed with their values, deleted."""

from __future__ import annotations

from typing import Any

from .client import Api, MakeApi, row

SIZE: dict[str, Any] = {"name": "SIZE", "class": "user", "type": "text"}
CREATED = "Attribute created."
UPDATED = "Attribute updated. Fields 'name', 'type' and 'class' are not updated."


def define(api: Api, **fields: Any) -> int:
    id_: int = api.post("/attributes", SIZE | fields, 201)["data"]["id"]
    return id_


def test_new_definition_is_returned_with_its_id(api: Api) -> None:
    reply = api.post("/attributes", SIZE | {"group": "G", "isPublic": False}, 201)
    assert reply == {
        "data": SIZE | {"group": "G", "isPublic": False, "id": reply["data"]["id"]},
        "messages": ["Attribute created"],
        "total": 1,
    }


def test_definition_is_found_by_id_and_by_name_with_its_defaults(api: Api) -> None:
    id_ = define(api, descriptions=[{"language": "NL", "value": "maat"}])
    expected = {
        "class": "user",
        "defaultLanguage": "",
        "descriptions": [{"language": "NL", "value": "maat"}],
        "group": "",
        "id": id_,
        "isHidden": False,
        "isPublic": True,
        "isSearchable": False,
        "isSystem": False,
        "name": "SIZE",
        "type": "text",
        "typeParam": "",
        "units": [],
        "value": "",
    }
    for path in (f"/attributes/id/{id_}", "/attributes/name/SIZE"):
        assert api.get(path) == {"data": expected, "messages": [], "total": 1}


def test_name_is_unique_in_its_class(api: Api) -> None:
    users, products = define(api), define(api, **{"class": "product"})
    assert api.call("POST", "/attributes", json=SIZE).status_code == 400
    for class_, id_ in (("user", users), ("product", products)):
        assert api.get("/attributes/name/SIZE", attributeClass=class_)["data"]["id"] == id_


def test_definitions_that_break_the_schema_are_refused(api: Api) -> None:
    assert api.error(10007, "POST", "/attributes", json={"isPublic": "yes", "class": "x"}) == [
        "#: required key [name] not found",
        "#: required key [type] not found",
        "#/isPublic: expected type: Boolean, found: String",
        "#/class: x is not a valid enum value",
    ]
    for path in ("/attributes/bulk/id", "/attributes/bulk/name"):
        assert api.error(10007, "POST", path, json={}) == ["#: expected type: JSONArray, found: JSONObject"]
        assert api.error(10005, "POST", path, content=b"[") == ["Invalid JSON Payload"]


def test_definitions_by_name_are_created_and_then_updated(api: Api) -> None:
    rows = [SIZE, SIZE | {"name": "COLOR", "type": "color"}]
    reply = api.post("/attributes/bulk/name", rows)
    assert (reply["messages"], reply["total"]) == (["Completed"], 2)
    first = reply["data"][0]
    assert first == {
        "action": "create",
        "id": first["id"],
        "key": "SIZE",
        "lookupKey": "name",
        "message": CREATED,
        "success": True,
    }
    (again,) = api.post("/attributes/bulk/name", [SIZE | {"type": "list", "group": "G"}])["data"]
    assert again == first | {"action": "update", "message": UPDATED}
    found = api.get("/attributes/name/SIZE")["data"]
    assert (found["type"], found["group"]) == ("text", "G")


def test_definitions_by_id_are_created_with_zero_and_fail_with_an_unknown_one(api: Api) -> None:
    id_ = define(api)
    rows = [{**SIZE, "id": 0, "name": "NEW"}, {"id": id_, "group": "G"}, {"id": 999_999_999, "group": "G"}]
    created, updated, failed = api.post("/attributes/bulk/id", rows)["data"]
    assert (created["action"], created["key"], created["message"]) == ("create", 0, CREATED)
    assert api.get(f"/attributes/id/{created['id']}")["data"]["name"] == "NEW"
    assert (updated["action"], updated["id"], updated["message"]) == ("update", id_, UPDATED)
    assert api.get(f"/attributes/id/{id_}")["data"]["group"] == "G"
    assert failed == {
        "action": "update",
        "error": "Attribute with id [999999999] not found.",
        "key": 999_999_999,
        "lookupKey": "id",
        "success": False,
    }


def test_unknown_definition_is_refused(api: Api, make_api: MakeApi) -> None:
    theirs = define(make_api())
    for path, named in (
        ("id/999999999", "id [999999999]"),
        (f"id/{theirs}", f"id [{theirs}]"),
        ("id/0", "id [0]"),
        ("id/x", "id [x]"),
        (f"id/{'9' * 40}", f"id [{'9' * 40}]"),
        ("name/SIZE", "name [SIZE]"),
    ):
        for method in ("GET", "DELETE"):
            assert api.error(14001, method, f"/attributes/{path}") == [f"Attribute with {named} not found."]
    assert api.call("GET", "/attributes/code/SIZE").json()["error"]["code"] == 10006


def test_values_of_a_deleted_definition_are_deleted(api: Api) -> None:
    id_, kept = define(api), define(api, name="KEPT")
    given = [{"id": each, "type": "text", "value": "v"} for each in (id_, kept)]
    api.store(row(1, attributes=given), row(2, attributes=given))
    assert api.call("DELETE", f"/attributes/id/{id_}").json() == {
        "data": {},
        "messages": ["Attribute deleted"],
    }
    api.error(14001, "GET", f"/attributes/id/{id_}")
    again = define(api)
    assert again != id_
    for source_id in (1, 2):
        found = api.get(f"/contacts/sourceId/{source_id}/attributes")["data"]
        assert [each["name"] for each in found] == ["KEPT"]


def test_values_of_a_contact_come_in_pages(api: Api) -> None:
    names = [f"A{number:02}" for number in range(15)]
    api.post("/attributes/bulk/name", [SIZE | {"name": name} for name in names])
    given = [{"class": "user", "name": name, "type": "text", "value": "v"} for name in names]
    (id_,) = api.store(row(1, attributes=given))
    first = api.get(f"/contacts/id/{id_}/attributes")
    assert [each["name"] for each in first["data"]] == names[:12]
    assert first["data"][0].items() >= {"class": "user", "type": "text", "value": "v"}.items()
    second = api.get("/contacts/sourceId/1/attributes", page="2", source="CRM")
    assert [each["name"] for each in second["data"]] == names[12:]
    paging = {key: each for key, each in second.items() if key != "data"}
    assert paging == {
        "end": 15,
        "itemsFound": 15,
        "messages": [],
        "offset": 12,
        "page": 2,
        "pages": 2,
        "start": 13,
        "total": 3,
    }
    for query in ({"offset": "101"}, {"offset": "0"}, {"page": "0"}, {"page": "x"}, {"page": "9" * 5000}):
        api.error(10015, "GET", f"/contacts/id/{id_}/attributes", params=query)
