"""Values that clients write differently from the vendor's pages, and arrays as clients read them."""

from __future__ import annotations

from typing import Any

import pytest

from .client import EMAIL, PHONE, Api, person

OFFICE = {"locationName": "Office", "streetAddress": "25 Corporate Drive", "country": "US"}


def test_path_with_an_empty_value_is_left_out(api: Api) -> None:
    """Some clients always send all paths of the organization."""
    given = {"pathId": EMAIL, "value": "n@example.com"}
    empty: list[dict[str, Any]] = [
        {"pathId": PHONE, "value": ""},
        {"pathId": PHONE, "value": None, "countryCode": "US"},
        {"prompt": "SMS 1", "value": "  ", "skipValidation": True},
    ]
    api.store(person("1", paths=[empty[0], given, *empty[1:]]))
    assert [path["pathId"] for path in api.get("1")["paths"]] == [EMAIL]
    api.put({"externalId": "1", "paths": empty}, updateType="partial")
    assert api.get("1")["paths"] == []
    answer = api.put(person("1", paths=[empty[0], {"pathId": EMAIL, "value": "x"}]), status=400)
    assert answer["message"] == "paths[1].value [x] is not an e-mail address."


def test_empty_arrays_are_shown(api: Api) -> None:
    api.store(person("1"))
    lists = ("groups", "groupsName", "topics", "paths", "address", "contactAttributes")
    for contact in (api.get("1"), *api.page()):
        assert {name: contact[name] for name in lists} == {name: [] for name in lists}


def test_zero_and_empty_ids_are_none(api: Api) -> None:
    (group, id_) = (api.create("groups", name="g"), *api.store(person("1")))
    api.create("contactAttributes", name="a", dataType="STRING", displayFormat="F")
    for none in (0, "", "0", 0.0, None, " "):
        contact = person(
            "1",
            id=none,
            recordTypeId=none,
            individualAccountId=none,
            contactAttributes=[{"orgAttrId": none, "name": "a", "values": ["x"]}],
            paths=[{"pathId": none, "prompt": "phone", "value": "+17815551212"}],
            topics=[5, none or 0],
            groups=[none or ""],
            groupsName=["g"],
        )
        assert api.put(contact) == {"message": "OK", "code": 100}
        after = api.get("1")
        assert (after["id"], after["groups"], after["topics"]) == (id_, [group], [5])
        assert "individualAccountId" not in after
    child = api.create("groups", name="child", parentId=0)
    assert api.ask("GET", f"/groups/{{org}}/{child}")["result"]["parentId"] == -1
    members = {"groupId": 0, "groupName": "g"}
    assert api.external_ids("/contacts/groups/{org}", **members) == ["1"]


@pytest.mark.parametrize("groups", [{"groups": []}, {"groups": None}, {"groups": [0]}, {}])
def test_no_groups_beside_names_of_groups_count_as_absent(api: Api, groups: dict[str, Any]) -> None:
    api.create("groups", name="group1")
    api.store(person("1"))
    api.put(person("1", groupsName=["group1"], **groups))
    assert api.get("1")["groupsName"] == ["group1"]


def test_invalid_id_in_a_batch_is_ignored(api: Api) -> None:
    first, second = api.store(person("1"), person("2"))
    for odd in ("x", -5, "1.5", 10**30, 0.5, "{C0FFEE}"):
        assert api.put(person("1", id=odd, suffix=str(odd)[:5])) == {"message": "OK", "code": 100}
        assert api.get("1")["suffix"] == str(odd)[:5]
    api.put(person("2", id=str(second), suffix="II"))
    assert api.get("2")["suffix"] == "II" and api.get("1")["id"] == first
    for nobody in ({"id": "x"}, {"id": 0, "externalId": " "}):
        contact = {"firstName": "F", "lastName": "L", "recordTypeName": "Employee", **nobody}
        assert api.put(contact, status=404)["message"] == "Missing Contact Id"


def test_blank_external_id_is_none(api: Api) -> None:
    for blank in ("", "   ", "\t"):
        answer = api.ask("POST", "/contacts/{org}/batch", [person(blank)], 400)
        assert answer["message"] == "externalId is required."
    assert api.page() == []


def test_account_is_shown_as_a_number(api: Api) -> None:
    api.store(person("1", individualAccountId="512514152480135"))
    assert api.get("1")["individualAccountId"] == 512514152480135


@pytest.mark.parametrize(
    "place",
    [
        {"state": "AA"},
        {"state": "ae"},
        {"state": "AP", "postalCode": "96278"},
        {"state": "Armed Forces Pacific"},
        {"state": "U.S. Virgin Islands"},
        {"state": "Virgin Islands, U.S."},
        {"state": "Washington, D.C."},
        {"state": "FM"},
        {"state": "Québec", "country": "CA"},
        {"state": "QUE\u0301BEC", "country": "CA"},
        {"state": "Quebec", "country": "CA"},
        {"state": "Nouvelle-Écosse", "country": "CA"},
        {"state": "Noord-Holland", "country": "NL"},
        {"suite": "Fourth Floor"},
        {"suite": "x" * 100},
    ],
)
def test_valid_address_is_stored(api: Api, place: dict[str, str]) -> None:
    api.store(person("1", address=[OFFICE | place]))
    (kept,) = api.get("1")["address"]
    assert {name: kept[name] for name in place} == place


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ({"state": "ON"}, "state [ON] is not a state of US"),
        ({"state": "MA", "country": "CA"}, "state [MA] is not a state of CA"),
        ({"suite": "x" * 101}, "suite has 101 characters, more than 100"),
        ({"gisLocation": {"lat": "1_0", "lon": 0}}, "gisLocation.lat is not a number"),
        ({"gisLocation": {"lat": 1}}, "gisLocation.lon is not a number"),
        ({"gisLocation": {"lat": "nan", "lon": 0}}, "gisLocation.lat is not a number"),
    ],
)
def test_invalid_address_is_refused(api: Api, place: dict[str, Any], reason: str) -> None:
    answer = api.ask("POST", "/contacts/{org}", person("1", address=[OFFICE | place]), 400)
    assert answer["message"] == f"address[0].{reason}."


@pytest.mark.parametrize("letter", ["R", "É", "E\u0301", "R\u0303", "\u0915\u093f"])
def test_letter_with_accents_counts_once(api: Api, letter: str) -> None:
    api.store(person("1", middleInitial=letter))
    assert api.get("1")["middleInitial"] == letter
    for more in (letter + "a", letter + "\u0301" * 4):
        assert "middleInitial has" in api.put(person("1", middleInitial=more), status=400)["message"]


@pytest.mark.parametrize("value", ["1_000", "NaN", "Infinity", "0x10", "1,5", "٣", ""])
def test_value_that_is_no_number_is_refused_for_a_number_attribute(api: Api, value: str) -> None:
    api.create("contactAttributes", name="n", dataType="NUMBER", displayFormat="F")
    contact = person("1", contactAttributes=[{"name": "n", "values": [value]}])
    answer = api.ask("POST", "/contacts/{org}", contact, 400)
    assert answer["message"] == f"contactAttributes[0].values [{value}] is not a number for [n]."


@pytest.mark.parametrize("value", ["3", "-1.5", "+2", ".5", "1e5", 3, -1.5, 3.0])
def test_numbers_are_stored_as_texts(api: Api, value: Any) -> None:
    api.create("contactAttributes", name="n", dataType="NUMBER", displayFormat="F")
    api.store(person("1", contactAttributes=[{"name": "n", "values": [value]}]))
    assert api.get("1")["contactAttributes"][0]["values"] == ["3" if value == 3.0 else str(value)]


def test_external_ids_with_commas_are_found(api: Api) -> None:
    api.store(person("Doe, Jo"), person("a,b"), person("a"))
    assert api.external_ids(externalIds="Doe, Jo") == ["Doe, Jo"]
    assert sorted(api.external_ids(externalIds="a,b")) == ["a", "a,b"]
    assert sorted(api.external_ids(externalIds=["Doe, Jo", "a"])) == ["Doe, Jo", "a"]
    query = {"externalIds": ["a,b"]}
    assert api.ask("POST", "/contacts/{org}/query", query)["page"]["totalCount"] == 1
