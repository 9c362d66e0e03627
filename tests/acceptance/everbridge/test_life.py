"""The calls beside the batch: single contacts, lists, groups, partial updates, deletion."""

from __future__ import annotations

from typing import Any

import pytest

from .client import EMAIL, PHONE, Api, person


def test_sync_creates_updates_and_deletes_contacts(api: Api) -> None:
    group = api.create("groups", name="Staff")
    names = [f"E{number:04}" for number in range(1000)]
    assert api.ask("POST", "/contacts/{org}/batch", [person(name, groups=[group]) for name in names]) == {
        "message": "OK",
        "code": 100,
    }
    assert api.external_ids(externalIds=",".join(names[:99]), sortBy='"externalId"') == names[:99]
    assert api.external_ids(externalIds=names[5:7]) == names[5:7]
    members = {"byType": "name", "groupName": "Staff", "pageSize": 3000}
    assert len(api.page("/contacts/groups/{org}", **members)) == 1000
    by_key: dict[str, Any] = {"groupId": group, "idType": "externalId"}
    api.ask("DELETE", "/groups/{org}/contacts", names[:10], **by_key)
    assert len(api.page("/contacts/groups/{org}", groupIds=group, pageSize=3000)) == 990
    api.ask("POST", "/groups/{org}/contacts", names[:5], **by_key)
    assert len(api.page("/contacts/groups/{org}", groupId=group, pageSize=3000)) == 995
    api.ask("DELETE", "/contacts/{org}/batch", names[1:], idType="externalId")
    assert api.external_ids() == names[:1]
    api.ask("DELETE", f"/contacts/{{org}}/{api.get(names[0])['id']}")
    assert api.page() == []
    assert api.put(person(names[0]), status=404)["message"] == f"Contact {names[0]} not found."


def test_contact_is_created_read_replaced_and_deleted(api: Api) -> None:
    created = api.ask("POST", "/contacts/{org}/", person("1"))
    base = f"{api.base}/contacts/{api.organization}/"
    assert created == {
        "message": "OK",
        "id": created["id"],
        "baseUri": base,
        "instanceUri": f"{base}{created['id']}",
    }
    shown = api.ask("GET", f"/contacts/{{org}}/{created['id']}")
    assert shown["message"] == "OK" and shown["result"]["externalId"] == "1"
    assert api.ask("POST", "/contacts/{org}", person("1", suffix="I"))["id"] == created["id"]
    replaced = api.ask("PUT", "/contacts/{org}/1", person("2", id=99), idType="externalId")
    assert replaced["id"] == created["id"]
    assert "suffix" not in api.get("2")
    assert api.ask("DELETE", "/contacts/{org}/2", idType="externalId")["id"] == created["id"]
    for method in ("GET", "PUT", "DELETE"):
        gone = api.ask(method, f"/contacts/{{org}}/{created['id']}", person("2"), 404)
        shown = f"Unable to find contact {created['id']}"
        assert gone["message"] == (shown if method == "GET" else f"Contact {created['id']} not found.")


def test_lists_are_paged_sorted_and_filtered(api: Api) -> None:
    group = api.create("groups", name="g")
    last_names = {"1": "Cole", "2": "Abel", "3": "Byrd"}
    ids = api.store(*(person(key, lastName=name) for key, name in last_names.items()))
    api.put(person("3", lastName="Byrd", groups=[group]))
    assert api.external_ids(sortBy="lastName") == ["2", "3", "1"]
    assert api.external_ids(sortBy="lastName", direction="DESC") == ["1", "3", "2"]
    assert api.external_ids(sortBy="lastModifiedDate")[0] == "3"
    assert api.external_ids(contactIds=f"{ids[0]},{ids[1]}") == ["1", "2"]
    assert api.external_ids(contactIds=ids[0], groupIds=group) == []
    assert api.external_ids(contactIds=ids[0], groupIds=group, searchType="OR") == ["1", "3"]
    answer = api.ask("GET", "/contacts/{org}", pageSize=2, pageNumber=2)
    page, base = answer["page"], f"{api.base}/contacts/{api.organization}/?pageNumber="
    assert [contact["externalId"] for contact in page.pop("data")] == ["3"]
    assert page == {"pageSize": 2, "start": 2, "totalCount": 3, "totalPageCount": 2, "currentPageNo": 2}
    assert (answer["firstPageUri"], answer["previousPageUri"]) == (f"{base}1", f"{base}1")
    assert (answer["lastPageUri"], "nextPageUri" in answer) == (f"{base}2", False)
    query = {"externalIds": ["1", 2], "sortBy": "lastName", "pageSize": 1}
    assert api.ask("POST", "/contacts/{org}/query", query)["page"]["totalCount"] == 2


@pytest.mark.parametrize(
    "query", [{"pageSize": 3001}, {"pageNumber": 0}, {"pageSize": "x"}, {"contactIds": "x"}]
)
def test_invalid_page_is_refused(api: Api, query: dict[str, Any]) -> None:
    assert api.ask("GET", "/contacts/{org}", status=400, **query)["status"] == 400


def patch(api: Api, *operations: tuple[str, str, Any], status: int = 200) -> Any:
    body = [{"op": op, "path": path, "value": value} for op, path, value in operations]
    return api.ask("PATCH", "/contacts/{org}/1", body, status, idType="externalId")


def test_partial_update_uses_the_vendors_pointers(api: Api) -> None:
    first, second = api.create("groups", name="group1"), api.create("groups", name="group2")
    states = {"name": "states", "dataType": "STRING", "displayFormat": "S", "definedValues": ["MA", "NH"]}
    api.create("contactAttributes", **states)
    frames = [{"name": "Sun", "days": [1], "fromHour": 1, "fromMin": 0, "toHour": 2, "toMin": 0}]
    phone = {"pathId": PHONE, "value": "7815551212", "countryCode": "US", "quietTimeFrames": frames}
    attributes = [{"name": "states", "values": ["MA"]}]
    home = {"locationName": "Home", "streetAddress": "a", "country": "NL"}
    extra = {"groups": [second], "contactAttributes": attributes, "paths": [phone], "address": [home]}
    api.store(person("1", suffix="I", timezoneId="Europe/Paris", **extra))
    patch(
        api,
        ("replace", "/firstName", "Orla"),
        ("remove", "/suffix", None),
        ("replace", f"/paths/pathId:{PHONE}/pathEnable", False),
        ("replace", "/contactAttributes/name:states/values", ["MA", "NH"]),
        ("add", "/paths/-", {"pathId": EMAIL, "value": "o@example.com"}),
        ("add", "/groupsName/-", "group1"),
        ("replace", "/paths/prompt:phone/quietTimeFrames/name:Sun/toHour", 3),
        ("replace", "/address/locationName:Home/city", "Delft"),
    )
    after = api.get("1")
    assert after["firstName"] == "Orla" and "suffix" not in after
    assert [path["pathEnable"] for path in after["paths"]] == [False, True]
    assert after["contactAttributes"][0]["values"] == ["MA", "NH"]
    assert after["groups"] == [first, second]
    assert after["paths"][0]["quietTimeFrames"][0]["toHour"] == 3
    assert after["address"][0]["city"] == "Delft"
    patch(api, ("remove", f"/groups/value:{second}", None), ("remove", f"/paths/pathId:{EMAIL}", None))
    after = api.get("1")
    assert after["groups"] == [first] and len(after["paths"]) == 1
    patch(api, ("remove", f"/paths/pathId:{PHONE}/quietTimeFrames", None), ("remove", "/groups", None))
    after = api.get("1")
    assert "quietTimeFrames" not in after["paths"][0] and after["groups"] == []


def test_partial_update_of_nothing_is_refused_and_changes_nothing(api: Api) -> None:
    api.store(person("1"))
    before = api.get("1")
    answer = patch(
        api, ("replace", "/firstName", "X"), ("remove", "/address/locationName:loc1", None), status=400
    )
    assert answer["message"] == "Patch failed due to input invalid!"
    (detail,) = answer["detail"]
    assert detail["errorPatch"]["path"] == "/address/locationName:loc1"
    assert (detail["details"], detail["errorMessage"]) == (
        "locationName:loc1",
        "No such item in target array!",
    )
    assert api.get("1") == before
    assert patch(api, ("add", "/paths/-", "x"), status=400)["message"] == (
        "type mismatch exception: paths[0] is text, expected object"
    )
    assert patch(api, ("frob", "/x", 1), status=400)["status"] == 400


def test_groups_are_created_updated_read_and_deleted(api: Api) -> None:
    staff = api.create("groups", name="Staff", organizationId=api.organization)
    night = api.create("groups", name="Night", parentId=staff, description="d")
    shown = api.ask("GET", f"/groups/{{org}}/{night}")["result"]
    assert (shown["name"], shown["parentId"], shown["description"]) == ("Night", staff, "d")
    assert api.ask("GET", "/groups/{org}/Staff", queryType="name")["result"]["parentId"] == -1
    nobody = api.ask("GET", "/groups/{org}/Nobody", queryType="name")["result"]
    assert (nobody["id"], nobody["organizationId"], nobody["dirty"]) == (0, 0, False)
    assert [group["name"] for group in api.page("/groups/{org}")] == ["Staff", "Night"]
    assert [group["name"] for group in api.page("/groups/{org}/pagination", pageSize=1)] == ["Staff"]
    api.ask("PUT", f"/groups/{{org}}/{night}", {"name": "Nights"})
    assert api.ask("GET", f"/groups/{{org}}/{night}")["result"]["name"] == "Nights"
    assert (
        api.ask("POST", "/groups/{org}", {"name": "Staff"}, 400)["message"] == "Group Staff already exists."
    )
    assert api.ask("POST", "/groups/{org}", {"name": "x", "parentId": 5}, 400)["status"] == 400
    message = api.ask("POST", "/groups/{org}", {"name": 5}, 400)["message"]
    assert message == "type mismatch exception: name is not text"
    api.store(person("1", groups=[staff, night]))
    api.ask("DELETE", f"/groups/{{org}}/{staff}")
    assert api.get("1")["groups"] == [night]
    assert api.ask("DELETE", f"/groups/{{org}}/{staff}", status=404)["message"] == f"Group {staff} not found."


def test_sequence_replaces_the_members_of_a_group(api: Api) -> None:
    group = api.create("groups", name="g")
    first, second, third = api.store(*(person(key, groups=[group]) for key in "123"))
    api.ask("POST", "/groups/{org}/contacts/sequence", [third, first], byType="id", groupId=group)
    assert api.external_ids("/contacts/groups/{org}", groupId=group) == ["1", "3"]
    assert api.ask("GET", f"/groups/{{org}}/{group}")["result"]["enableSequencedContact"] is True
    answer = api.ask("POST", "/groups/{org}/contacts", [second, 17], groupId=group)
    assert answer["data"] == ["The [2] Contact 17 not found."]
    assert (
        api.ask("POST", "/groups/{org}/contacts", [second], 404, groupId=99)["message"]
        == "Group 99 not found."
    )
    assert api.ask("DELETE", "/groups/{org}/contacts", [second], 400)["message"] == "groupId is required."


def test_unknown_ids_delete_nothing(api: Api) -> None:
    (id_,) = api.store(person("1"))
    answer = api.ask("DELETE", "/contacts/{org}/batch", [id_, 17], 401)
    assert answer == {"message": f"contactIds invalid to the organization {api.organization}", "status": 401}
    assert api.external_ids() == ["1"]


def test_record_types_attributes_and_paths_are_created_and_read(api: Api) -> None:
    (employee,) = api.page("/recordTypes/{org}")
    assert (employee["name"], employee["recordType"]) == ("Employee", "DEFAULT")
    guest = api.create("recordTypes", name="Guest")
    api.store(person("1", recordTypeName=None, recordTypeId=str(guest)))
    assert api.get("1")["recordTypeName"] == "Guest"
    paths = api.page("/contactPaths/{org}")
    assert {path["pathId"]: path["pathType"] for path in paths}[PHONE] == "PHONE"
    assert api.ask("GET", f"/contactPaths/{{org}}/{PHONE}")["result"]["prompt"] == "phone"
    wrong = {"name": "a", "dataType": "STRING", "displayFormat": "L"}
    assert "definedValues" in api.ask("POST", "/contactAttributes/{org}", wrong, 400)["message"]
    answer = api.ask("GET", "/contactAttributes/{org}/17", status=404)
    assert answer == {"message": "Contact attribute 17 not found", "status": 404}


def test_organization_and_constants_are_read(api: Api) -> None:
    api.store(person("1"))
    (organization,) = api.page("/organizations")
    assert (organization["organizationId"], organization["contactCount"]) == (api.organization, 1)
    assert api.ask("GET", "/organizations/{org}")["result"] == organization
    assert {"US", "NL"} <= {country["code"] for country in api.page("/constants/COUNTRY")}
    assert api.ask("GET", "/constants/NOTHING", status=404)["status"] == 404


def test_keys_with_odd_characters_are_found(api: Api) -> None:
    odd = "a/b c&d?ü%"
    (id_,) = api.store(person("x"))
    api.put(person(odd, id=id_))
    assert api.external_ids(externalIds=odd) == [odd]
