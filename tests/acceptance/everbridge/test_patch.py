"""Partial updates as in the vendor's document, and its refusals."""

from __future__ import annotations

from typing import Any

import pytest

from .client import EMAIL, PHONE, Api, person

ATTRIBUTE, GROUP = "{attribute}", "{group}"
PHONE_PATH = {"pathId": PHONE, "value": "15256988545", "countryCode": "CN"}
EMAIL_PATH = {"pathId": EMAIL, "value": "old@example.com"}


@pytest.fixture
def seeded(api: Api) -> Api:
    """Seed an organization as the examples have it: an administrator has named the first e-mail `email`."""
    api.ask("PUT", f"/contactPaths/{{org}}/{EMAIL}", {"prompt": "email"})
    values = ["MA", "NH", "ME"]
    api.create("contactAttributes", name="states", dataType="STRING", displayFormat="S", definedValues=values)
    api.create("groups", name="group1")
    return api


def values_of(contact: dict[str, Any]) -> Any:
    """Return the fields of a contact that the examples change."""
    paths = {path["pathId"]: (path["value"], path["pathEnable"]) for path in contact["paths"]}
    attributes = [(one["name"], one["values"]) for one in contact["contactAttributes"]]
    return paths, attributes, contact["groupsName"]


NO_PATHS: dict[int, Any] = {}
ADDED = {PHONE: ("15256988545", True), EMAIL: ("new@example.com", True)}
CHANGED = {PHONE: ("15256988545", False), EMAIL: ("new@example.com", True)}
STATES = [("states", ["MA", "NH"])]


@pytest.mark.parametrize("by", ["id", "name"])
def test_paths_attributes_and_groups_are_added_changed_and_removed(seeded: Api, by: str) -> None:
    api = seeded
    (attribute,), (group,) = api.page("/contactAttributes/{org}"), api.page("/groups/{org}")
    if by == "id":
        phone: dict[str, Any] = {"pathId": PHONE}
        email: dict[str, Any] = {"pathId": EMAIL}
        states: dict[str, Any] = {"orgAttrId": attribute["id"]}
        groups, member = "groups", group["id"]
    else:
        phone, email, states = {"prompt": "phone"}, {"prompt": "email"}, {"name": "states"}
        groups, member = "groupsName", "group1"

    def key(of: dict[str, Any]) -> str:
        ((name, value),) = of.items()
        return f"{name}:{value}"

    def patch(*operations: dict[str, Any]) -> Any:
        api.ask("PATCH", "/contacts/{org}/1", [*operations], idType="externalId")
        return values_of(api.get("1"))

    api.store(person("1"))
    added = patch(
        {"op": "add", "path": "/paths/-", "value": phone | {"countryCode": "CN", "value": "15256988545"}},
        {"op": "add", "path": "/paths/-", "value": email | {"value": "new@example.com"}},
        {"op": "add", "path": "/contactAttributes/-", "value": states | {"values": ["ME"]}},
    )
    assert added == (ADDED, [("states", ["ME"])], [])
    changed = patch(
        {"op": "replace", "path": f"/paths/{key(phone)}/pathEnable", "value": False},
        {"op": "replace", "path": f"/paths/{key(email)}/value", "value": "other@example.com"},
        {"op": "replace", "path": f"/contactAttributes/{key(states)}/values", "value": ["MA", "NH"]},
    )
    assert changed == (CHANGED | {EMAIL: ("other@example.com", True)}, STATES, [])
    assert patch({"op": "add", "path": f"/{groups}/-", "value": member})[2] == ["group1"]
    assert patch({"op": "remove", "path": f"/{groups}/value:{member}"})[2] == []
    assert patch({"op": "remove", "path": f"/paths/{key(phone)}"})[0] == {EMAIL: ("other@example.com", True)}


def test_names_and_keys_are_replaced(api: Api) -> None:
    (id_,) = api.store(person("1"))
    operations = [
        {"op": "replace", "path": "/externalId", "value": "A001"},
        {"op": "replace", "path": "/firstName", "value": "Orla"},
    ]
    for operation in operations:
        api.ask("PATCH", f"/contacts/{{org}}/{id_}", [operation])
    assert (api.get("A001")["id"], api.get("A001")["firstName"]) == (id_, "Orla")


@pytest.mark.parametrize(
    ("operation", "part"),
    [
        (("replace", "/address/locationName:loc1/locationName", "loc1change"), "locationName:loc1"),
        (("remove", "/address/locationName:loc1", None), "locationName:loc1"),
        (("replace", "/paths/prompt:email/value", "a@example.com"), "prompt:email"),
        (("replace", f"/paths/pathId:{PHONE}/pathEnable", False), f"pathId:{PHONE}"),
        (("replace", "/contactAttributes/name:states/values", ["MA"]), "name:states"),
        (("remove", "/groups/value:13885629267972", None), "value:13885629267972"),
        (("remove", "/groupsName/value:group1", None), "value:group1"),
        (("remove", "/topics/value:5", None), "value:5"),
    ],
)
def test_pointer_to_no_element_of_an_array_is_refused(
    api: Api, operation: tuple[str, str, Any], part: str
) -> None:
    """The array may be empty, too."""
    api.store(person("1"))
    before = api.get("1")
    op, path, value = operation
    answer = api.ask(
        "PATCH", "/contacts/{org}/1", [{"op": op, "path": path, "value": value}], 400, idType="externalId"
    )
    assert answer == {
        "message": "Patch failed due to input invalid!",
        "status": 400,
        "detail": [
            {
                "details": part,
                "errorMessage": "No such item in target array!",
                "errorPatch": {"op": op, "path": path, "value": value},
            }
        ],
    }
    assert api.get("1") == before


def test_missing_target_is_refused_in_the_vendors_words(api: Api) -> None:
    unknown = 24381885094298011
    refusal = {"status": 404, "message": f"Unable to find contact {unknown}"}
    assert api.ask("GET", f"/contacts/{{org}}/{unknown}", status=404) == refusal
    assert api.ask("GET", f"/contacts/{{org}}/{unknown}", status=404, idType="externalId") == refusal
    refusal["message"] = f"Contact {unknown} not found."
    for method, body in (("PUT", person("1")), ("PATCH", []), ("DELETE", None)):
        assert api.ask(method, f"/contacts/{{org}}/{unknown}", body, 404) == refusal
    words = {
        "contactPaths": f"No contactPath {unknown} found in organization {api.organization}",
        "contactAttributes": f"Contact attribute {unknown} not found",
        "groups": f"Group {unknown} not found.",
        "recordTypes": f"Record type {unknown} not found.",
    }
    definition = {"name": "x", "dataType": "STRING", "displayFormat": "F"}
    for resource, message in words.items():
        for method, given in (("GET", None), ("PUT", definition), ("DELETE", None)):
            answer = api.ask(method, f"/{resource}/{{org}}/{unknown}", given, 404)
            assert answer == {"status": 404, "message": message}
        for wrong in ("x", "-1", "9" * 30):
            assert api.ask("GET", f"/{resource}/{{org}}/{wrong}", status=404)["message"] == (
                message.replace(str(unknown), wrong)
            )


def test_empty_contact_is_shown_with_empty_arrays(api: Api) -> None:
    (id_,) = api.store(person("1"))
    group = api.create("groups", name="g")
    shown = api.get("1")
    empty = {"paths", "address", "contactAttributes", "groups", "groupsName", "topics"}
    assert {name for name in empty if shown[name] == []} == empty
    pages = [api.page(), api.page(externalIds="1"), api.page("/contacts/{org}", contactIds=id_)]
    pages.append(api.ask("POST", "/contacts/{org}/query", {"externalIds": ["1"]})["page"]["data"])
    assert all(page == [shown] for page in pages)
    api.ask("PUT", f"/contacts/{{org}}/{id_}", shown)
    assert api.get("1") == shown
    api.ask("POST", "/groups/{org}/contacts", [id_], groupId=group)
    assert api.page("/contacts/groups/{org}", groupId=group)[0]["paths"] == []
