"""UCSB EverbridgeClient (C#): organization and record types are constants, and its types send zeros and nulls
for what they do not have."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Move, Moved, contacts, groups, paths, record_types

STUDENT, EMPLOYEE = 2643230248142444, 453003085614510
EMAIL, OWN = 241901148045316, 2203425597033859
NOTHING: dict[str, Any] = {
    "accountId": 0,
    "organizationId": 0,
    "id": 0,
    "createdId": 0,
    "createdDate": None,
    "createdName": None,
    "lastModifiedId": 0,
    "lastModifiedDate": None,
    "lastModifiedName": None,
}


@pytest.fixture(scope="module")
def org(move: Move) -> Moved:
    known = {
        "id": 3083052079123481,
        "externalId": "Made-Up-1",
        "firstName": "Ada",
        "lastName": "Reyes",
        "recordTypeId": EMPLOYEE,
    }
    return move(
        453003085614511,
        record_types((STUDENT, "Student"), (EMPLOYEE, "Employee")),
        paths((EMAIL, "Email", "EMAIL"), (OWN, "Campus phone", "PHONE")),
        groups((4402341478500, "Library")),
        contacts(known),
    )


def post_of(**given: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "registeredDate": None,
        "groups": [],
        "address": [],
        "uploadProcessing": None,
        "topics": [],
    }
    return NOTHING | empty | {"individualAccountId": None, "country": "US"} | given


def test_a_student_is_added_read_changed_and_deleted(org: Moved) -> None:
    mail = {"waitTime": 0, "pathId": EMAIL, "value": "student@example.com", "countryCode": None}
    student = post_of(
        recordTypeId=STUDENT,
        firstName="First",
        lastName="Last",
        externalId="Made-Up-Guid",
        registeredEmail="student@example.com",
        ssoUserId="Made-Up-Guid",
        paths=[mail],
    )
    id_ = org.ask("POST", "/contacts/{org}", student)["id"]
    assert isinstance(id_, int)
    result = org.ask("GET", "/contacts/{org}/Made-Up-Guid?idType=externalId")["result"]
    assert (result["id"], result["recordTypeId"], result["ssoUserId"]) == (id_, STUDENT, "Made-Up-Guid")
    kept = {name: result.get(name) for name in student.keys() - NOTHING.keys()}
    changed = NOTHING | kept | {"id": id_, "lastName": "Changed"}
    assert org.ask("PUT", f"/contacts/{{org}}/{id_}", changed)["id"] == id_
    assert org.ask("GET", f"/contacts/{{org}}/{id_}")["result"]["lastName"] == "Changed"
    assert org.ask("DELETE", f"/contacts/{{org}}/{id_}")["id"] == id_
    assert org.send("GET", "/contacts/{org}/Made-Up-Guid?idType=externalId").status_code == 404


def test_what_it_lists_fits_its_types(org: Moved) -> None:
    page = org.ask("GET", "/contacts/{org}/?pageNumber=1")["page"]
    assert 3083052079123481 in [one["id"] for one in page["data"]]
    assert all(isinstance(page[name], int) for name in ("totalCount", "totalPageCount", "currentPageNo"))
    for path in org.ask("GET", "/contactPaths/{org}")["page"]["data"]:
        numbers = {name: path[name] for name in ("pathId", "seq", "pathFlag", "resourceBundleId")}
        assert all(isinstance(value, int) for value in numbers.values())
        assert 0 < numbers["seq"] < 2**31 and 0 <= numbers["pathFlag"] < 2**31
    types = org.ask("GET", "/recordTypes/{org}")["page"]["data"]
    assert {type_["id"] for type_ in types} == {STUDENT, EMPLOYEE}
    assert [group["parentId"] for group in org.ask("GET", "/groups/{org}")["page"]["data"]] == [-1]
    organizations = org.ask("GET", "/organizations")["page"]["data"]
    assert [one["organizationId"] for one in organizations] == [org.organization]
