"""sync-ad-to-everbridge (State of Hawaii, Python), both generations: the record type and the paths are
numbers in its code, and it shows its login without the word Basic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Move, Moved, paths, record_types

EMPLOYEE = 892807736729062
EMAIL, MOBILE, DESK, SMS = 241901148045316, 241901148045319, 241901148045321, 241901148045324


@pytest.fixture(scope="module")
def org(move: Move) -> Moved:
    methods = ((EMAIL, "Work Email", "EMAIL"), (MOBILE, "Work Cell", "PHONE"))
    more = ((DESK, "Work Desk", "EXTPHONE"), (SMS, "Work Cell SMS", "SMS"))
    return move(892807736728255, record_types((EMPLOYEE, "Employee")), paths(*methods, *more))


def person(number: int, **fields: Any) -> dict[str, Any]:
    def path(path_id: int, value: str, **more: Any) -> dict[str, Any]:
        return {
            "waitTime": 0,
            "status": "A",
            "pathId": path_id,
            "value": value,
            "skipValidation": False,
        } | more

    mail = f"staff{number}@example.com"
    phone = f"80822210{number:02}"
    return {
        "firstName": "Ann",
        "lastName": f"Kane{number}",
        "externalId": mail,
        "recordTypeId": EMPLOYEE,
        "paths": [
            path(EMAIL, mail),
            path(DESK, phone, countryCode="US", phoneExt="12"),
            path(MOBILE, phone, countryCode="US"),
            path(SMS, phone, countryCode="US", skipValidation="false"),
        ],
    } | fields


def test_its_run(org: Moved) -> None:
    def ask(method: str, path: str, body: Any = None) -> Any:
        """Every call of it has a body, a GET the body null."""
        response = org.send(method, path, body, authorization=org.login)
        assert response.status_code == 200, response.text
        return response.json()

    unknown = ask("GET", "/groups/{org}/Staff?queryType=name")
    assert (unknown["message"], unknown["result"]["id"]) == ("OK", 0)
    body = {"name": "Staff", "organizationId": str(org.organization), "parentId": None}
    group = ask("POST", "/groups/{org}", body)["id"]
    assert ask("GET", "/groups/{org}/Staff?queryType=name")["result"]["id"] == group

    people = [person(number) for number in range(3)]
    made = ask("POST", "/contacts/{org}/batch?version=1", people)
    assert made == {"message": "OK", "code": 100}
    wanted = "".join(f"&externalIds={one['externalId']}" for one in people)
    found = ask("GET", '/contacts/{org}/?sortBy="lastName"&searchType=OR' + wanted)["page"]["data"]
    assert [one["externalId"] for one in found] == [one["externalId"] for one in people]
    for one, sent in zip(found, people, strict=True):
        assert [(path["pathId"], path["value"]) for path in one["paths"]] == [
            (path["pathId"], path["value"]) for path in sent["paths"]
        ]
        assert one["paths"][1]["phoneExt"] == "12"
    ids = [one["id"] for one in found]
    member = f"/groups/{{org}}/contacts?byType=id&groupId={group}&idType=id"
    assert ask("POST", member, ids)["message"] == "OK"

    changed = [person(1, id=ids[1], lastName="Kalani")]
    assert ask("PUT", "/contacts/{org}/batch?idType=id&updateType=partial", changed)["code"] == 100
    members = f"/contacts/groups/{{org}}?byType=id&groupId={group}&pageSize=100&pageNumber=1"
    page = ask("GET", members)["page"]
    assert (page["totalPageCount"], page["totalCount"]) == (1, 3)
    assert [(one["lastName"], len(one["groups"])) for one in page["data"]] == [
        ("Kane0", 1),
        ("Kalani", 1),
        ("Kane2", 1),
    ]
    assert ask("DELETE", member, ids[:1])["code"] == 100
    assert ask("DELETE", "/contacts/{org}/batch", ids[:1])["code"] == 100
    assert ask("GET", members)["page"]["totalCount"] == 2
    assert ask("DELETE", f"/groups/{{org}}/{group}")["message"] == "OK"


def test_a_person_without_paths_has_a_list_of_them(org: Moved) -> None:
    """Its older module takes the length of `paths`, and makes contacts one by one."""
    made = org.ask("POST", "/contacts/{org}/", person(9, paths=[]), authorization=org.login)
    read = org.send("GET", f"/contacts/{{org}}/?contactIds={made['id']}", authorization=org.login)
    assert json.loads(read.content)["page"]["data"][0]["paths"] == []
