"""PUT /contacts/{organizationId}/batch: the examples of the vendor's page, and further cases."""

from __future__ import annotations

from typing import Any

import pytest

from .client import EMAIL, PHONE, Api, Contact, person


def record_type(api: Api) -> int:
    id_: int = api.page("/recordTypes/{org}")[0]["id"]
    return id_


def test_record_type_is_given_by_id_or_name(api: Api) -> None:
    api.store(person("001"))
    by_id = {"firstName": "F", "lastName": "L", "externalId": "001", "recordTypeId": record_type(api)}
    by_name = {"firstName": "F", "lastName": "L", "externalId": "001", "recordTypeName": "Employee"}
    for contact in (by_id, by_name):
        assert api.put(contact) == {"message": "OK", "code": 100}
        assert api.get("001")["recordTypeId"] == record_type(api)
    wrong = by_name | {"recordTypeId": 17, "externalId": "001"}
    answer = api.put(wrong, status=300)
    assert answer == {
        "status": 300,
        "code": 300,
        "message": "The 001 recordType not found in org.",
        "data": ["The [1] The 001 recordType not found in org."],
    }


def test_groups_are_given_by_id_or_name_and_only_added(api: Api) -> None:
    api.store(person("001"))
    first, second, third = (api.create("groups", name=f"group{number}") for number in (1, 2, 3))
    api.put(person("001", groups=[first, second]))
    api.put(person("001", groupsName=["group2", "group3"]))
    assert api.get("001")["groups"] == [first, second, third]
    same: list[dict[str, Any]] = [{}, {"groups": []}, {"groups": [first], "groupsName": ["nonsense"]}]
    for unchanged in same:
        api.put(person("001", **unchanged))
        assert api.get("001")["groupsName"] == ["group1", "group2", "group3"]
    answer = api.put(person("001", groupsName=["nobody's"]), status=400)
    assert answer["message"] == "groups[0] [nobody's] is not a group of the organization."


def test_attributes_are_given_by_id_or_name_and_replaced(api: Api) -> None:
    api.store(person("001"))
    options = ["option1", "option2", "option3"]
    first = api.create(
        "contactAttributes", name="attr1", dataType="STRING", displayFormat="S", definedValues=options
    )
    second = api.create("contactAttributes", name="attr2", dataType="NUMBER", displayFormat="F")
    values = {"values": ["option1", "option2"]}
    for named in ({"orgAttrId": first, "name": "attr1"}, {"name": "attr1"}):
        api.put(person("001", contactAttributes=[named | values, {"orgAttrId": second, "values": [3]}]))
        assert api.get("001")["contactAttributes"] == [
            {"orgAttrId": first, "name": "attr1", "values": ["option1", "option2"]},
            {"orgAttrId": second, "name": "attr2", "values": ["3"]},
        ]
    api.put(person("001", contactAttributes=[{"name": "attr1", "values": ["option3"]}]))
    assert [a["name"] for a in api.get("001")["contactAttributes"]] == ["attr1"]
    api.put(person("001"))
    assert api.get("001")["contactAttributes"] == []


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["other"], "[other] is not one of the values defined for [Kind]."),
        (["a", "b"], "has 2 values, and [Kind] takes one."),
    ],
)
def test_values_that_a_definition_does_not_allow_are_refused(
    api: Api, values: list[str], reason: str
) -> None:
    api.store(person("001"))
    api.create(
        "contactAttributes", name="Kind", dataType="STRING", displayFormat="L", definedValues=["a", "b"]
    )
    answer = api.put(person("001", contactAttributes=[{"name": "Kind", "values": values}]), status=400)
    assert answer["message"] == f"contactAttributes[0].values {reason}"


def test_paths_are_given_by_id_or_prompt(api: Api) -> None:
    api.store(person("001"))
    path = {"countryCode": "CN", "value": "17525889654"}
    for named in ({"pathId": PHONE}, {"prompt": "phone"}):
        api.put(person("001", paths=[named | path]))
        (kept,) = api.get("001")["paths"]
        assert (kept["pathId"], kept["value"], kept["countryCode"]) == (PHONE, "17525889654", "CN")


def full(api: Api) -> Contact:
    api.create("groups", name="g")
    api.create("contactAttributes", name="a", dataType="STRING", displayFormat="F")
    frames = [{"name": "Sun", "days": [1, 3], "fromHour": 20, "fromMin": 30, "toHour": 9, "toMin": 0}]
    address = {
        "locationName": "Office",
        "streetAddress": "25 Corporate Drive",
        "city": "Burlington",
        "state": "Massachusetts",
        "postalCode": "01803",
        "country": "US",
        "gisLocation": {"lat": 42.494813, "lon": -71.189554},
    }
    return person(
        "001",
        middleInitial="R",
        suffix="Jr.",
        country="US",
        businessName="Acme",
        timezoneId="Asia/Calcutta",
        preferredLanguage="en_US",
        language="en_US",
        ssoUserId="sso",
        securityPIN="1234",
        individualAccountId="77",
        vip=True,
        expatriate="true",
        uploadProcessing=1,
        topics=[5, 3, 5],
        groupsName=["g"],
        contactAttributes=[{"name": "a", "values": ["x"]}],
        address=[address],
        paths=[
            {"pathId": EMAIL, "value": "n@example.com", "quietTimeFrames": frames},
            {"pathId": PHONE, "value": "+17815551212", "waitTime": "60", "skipValidation": "false"},
        ],
    )


KEPT = {"groups", "groupsName"}
EMPTIED: dict[str, list[Any]] = {"topics": [], "paths": [], "address": [], "contactAttributes": []}
RESET = {"vip": False, "expatriate": False, "uploadProcessing": False}


def test_replacement_follows_the_table_of_fields(api: Api) -> None:
    (id_,) = api.store(full(api))
    before = api.get("001")
    assert before["topics"] == [3, 5]
    assert before["address"][0]["gisLocation"] == {"lat": 42.494813, "lon": -71.189554}
    assert [path["pathId"] for path in before["paths"]] == [EMAIL, PHONE]
    assert (before["paths"][1]["value"], before["paths"][1]["countryCode"]) == ("7815551212", "US")
    assert before["timezoneId"] == "Asia/Calcutta"
    api.put(person("001"))
    after = api.get("001")
    authors = {"createdId", "createdName", "lastModifiedId", "lastModifiedName"}
    bookkeeping = {"lastModifiedDate", "lastModifiedTime", "createdDate"} | authors
    left = {name: value for name, value in before.items() if name in after and name not in bookkeeping}
    required = {"externalId", "firstName", "lastName", "recordTypeId", "recordTypeName"}
    ours = {"id", "organizationId", "accountId", "resourceBundleId", "status"}
    assert set(left) == required | ours | KEPT | set(RESET) | set(EMPTIED)
    assert {name: after[name] for name in RESET | EMPTIED} == RESET | EMPTIED
    assert after["id"] == id_


def test_partial_update_changes_given_fields_and_null_clears(api: Api) -> None:
    (id_,) = api.store(full(api))
    before = api.get("001")
    api.put({"id": id_, "suffix": "Sr.", "businessName": None, "topics": []}, updateType="partial")
    after = api.get("001")
    changed = {"suffix", "businessName", "topics", "lastModifiedDate", "lastModifiedTime"}
    assert {n: v for n, v in after.items() if n not in changed} == {
        n: v for n, v in before.items() if n not in changed
    }
    assert after["suffix"] == "Sr." and "businessName" not in after and after["topics"] == []


def frames(name: str) -> list[dict[str, Any]]:
    return [{"name": name, "days": [2, 6], "fromHour": 0, "fromMin": 0, "toHour": 0, "toMin": 0}]


def test_quiet_times_stay_or_are_removed_or_replaced(api: Api) -> None:
    zone = {"timezoneId": "America/New_York"}
    email = {"pathId": EMAIL, "value": "n@example.com"}
    api.store(person("001", paths=[email | {"quietTimeFrames": frames("A")}], **zone))
    api.put(person("001", paths=[email]))
    assert api.get("001")["paths"][0]["quietTimeFrames"] == frames("A")
    api.put(person("001", paths=[email | {"quietTimeFrames": frames("B")}], **zone))
    assert api.get("001")["paths"][0]["quietTimeFrames"] == frames("B")
    api.put(person("001", paths=[email | {"value": "other@example.com"}]))
    assert api.get("001")["paths"][0]["quietTimeFrames"] == frames("B")
    api.put(person("001", paths=[email | {"quietTimeFrames": []}]))
    assert "quietTimeFrames" not in api.get("001")["paths"][0]
    answer = api.put(person("001", paths=[email | {"quietTimeFrames": frames("A")}]), status=400)
    assert answer["message"] == "timezoneId is required where a path has quietTimeFrames."


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ({"days": [8]}, "days [8] is not between 1 and 7."),
        ({"days": []}, "days is required."),
        ({"toHour": 24}, "toHour [24] is not between 0 and 23."),
        ({"fromMin": 60}, "fromMin [60] is not between 0 and 59."),
        ({"fromMin": None}, "fromMin is required."),
    ],
)
def test_quiet_times_out_of_range_are_refused(api: Api, frame: dict[str, Any], reason: str) -> None:
    api.store(person("001"))
    path = {"pathId": EMAIL, "value": "n@example.com", "quietTimeFrames": [frames("A")[0] | frame]}
    answer = api.put(person("001", paths=[path], timezoneId="Europe/Paris"), status=400)
    assert answer["message"] == f"paths[0].quietTimeFrames[0].{reason}"


def test_contact_by_id_can_be_renamed_but_not_to_an_external_id_in_use(api: Api) -> None:
    first, second = api.store(person("001"), person("002"))
    assert api.put(person("003", id=first)) == {"message": "OK", "code": 100}
    assert api.get("003")["id"] == first
    assert api.call("GET", "/contacts/{org}/001?idType=externalId").status_code == 404
    answer = api.put(person("002", id=first), person("002", id=str(second), suffix="II"))
    assert answer == {
        "message": "The externalId is already used by another contact.",
        "code": 300,
        "data": ["The [1] The externalId is already used by another contact."],
    }
    assert (api.get("003")["id"], api.get("002")["suffix"]) == (first, "II")
    api.put(person("001", id=second))
    assert api.get("001")["id"] == second


def test_id_in_a_batch_by_external_id_is_ignored(api: Api) -> None:
    first, second = api.store(person("001"), person("002"))
    api.put(person("002", id=first, suffix="II"), idType="externalId")
    assert api.get("002")["suffix"] == "II" and "suffix" not in api.get("001")
    assert api.get("002")["id"] == second


def test_unknown_contacts_fail_and_the_others_are_saved(api: Api) -> None:
    api.store(person("001"))
    answer = api.put(person("001", suffix="I"), person("002"), person("003", id=17))
    assert answer == {
        "message": "Contact 002 not found.",
        "code": 300,
        "data": ["The [2] Contact 002 not found.", "The [3] Contact 17 not found."],
    }
    assert api.get("001")["suffix"] == "I"
    assert len(api.page()) == 1
    nobody = {"firstName": "F", "lastName": "L", "recordTypeName": "Employee"}
    assert api.put(nobody, status=404)["message"] == "Missing Contact Id"


def test_rows_for_the_same_contact_are_applied_in_order(api: Api) -> None:
    api.store(person("001"))
    assert api.put(person("001", suffix="I"), person("001", firstName="Orla")) == {
        "message": "OK",
        "code": 100,
    }
    after = api.get("001")
    assert after["firstName"] == "Orla" and "suffix" not in after


def test_path_of_the_second_of_two_rows_has_no_quiet_times(api: Api) -> None:
    api.store(person("001"))
    email = {"pathId": EMAIL, "value": "n@example.com"}
    api.put(person("001"), person("001", paths=[email]))
    assert "quietTimeFrames" not in api.get("001")["paths"][0]


def test_empty_batch_is_accepted(api: Api) -> None:
    assert api.put() == {"message": "OK", "code": 100}


@pytest.mark.parametrize("query", [{"idType": "name"}, {"updateType": "some"}])
def test_unknown_choice_refuses_the_call(api: Api, query: dict[str, str]) -> None:
    (name,) = query
    message = api.put(person("1"), status=400, **query)["message"]
    assert message.startswith(f"type mismatch exception: {name} is not one of ")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"firstName": ""}, "firstName is required."),
        ({"lastName": None}, "lastName is required."),
        ({"recordTypeName": None}, "recordTypeId or recordTypeName is required."),
        ({"middleInitial": "RR"}, "middleInitial has 2 characters, more than 1."),
        ({"vip": "perhaps"}, "vip [perhaps] is not true or false."),
        ({"timezoneId": "Mars/Base"}, "timezoneId [Mars/Base] is not a time zone of the IANA database."),
        ({"paths": [{"pathId": 1, "value": "x"}]}, "paths[0] [1] is not a contact path of the organization."),
        ({"paths": [{"pathId": EMAIL}]}, "paths[0].value is required."),
        ({"individualAccountId": "x"}, "individualAccountId [x] is not a whole number."),
        ({"address": [{"locationName": "Home"}]}, "address[0].streetAddress is required."),
        ({"suffix": "a\0"}, "suffix contains the character U+0000."),
    ],
)
def test_wrong_contact_fails_with_field_and_reason(api: Api, fields: dict[str, Any], reason: str) -> None:
    api.store(person("001"), person("002"))
    answer = api.put(person("002", suffix="II"), person("001", **fields))
    assert answer == {"message": reason, "code": 300, "data": [f"The [2] {reason}"]}
    assert api.get("002")["suffix"] == "II"


def test_contact_can_be_sent_back_as_it_was_read(api: Api) -> None:
    api.store(full(api))
    before = api.get("001")
    assert api.put(before) == {"message": "OK", "code": 100}
    after = api.get("001")
    assert after == before
