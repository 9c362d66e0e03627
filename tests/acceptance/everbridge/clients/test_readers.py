"""Clients that only read: the Go SDK, everbridge-proxy, the dispatch of a search and rescue team, a rail
agency, the Expected-Location-Importer, FortiSOAR; the PHP client that is generated from the vendor's Swagger;
and a React tool that gets a token."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.acceptance.everbridge.account_files import Command

from .conftest import Move, Moved, attributes, contacts, groups, paths, record_types

EMAIL, PHONE = 241901148045316, 241901148045319
TEAM, OTHERS = 4402341478600, 4402341478601
TYPES = {
    *("EMAIL", "TA", "CALLIN", "FAX", "TTYTTD", "ALPHA", "IM", "SMS", "TELEX", "TTYTDD", "IPHONE", "PHONE"),
    *("COMPACT", "PAGER", "RECIP", "SECUREPUSH", "ONEBRIDGE"),
}


@pytest.fixture(scope="module")
def org(move: Move) -> Moved:
    def contact(place: int, *groups: int) -> dict[str, Any]:
        values = {"orgAttrId": 1550000000000002, "values": [str(place)]}
        return {
            "id": 1550000000000100 + place,
            "externalId": f"E{place}",
            "firstName": "Lea",
            "lastName": f"Ortiz{place}",
            "recordTypeId": 1550000000000001,
            "ssoUserId": f"lea{place}@example.com",
            "groups": [*groups],
            "contactAttributes": [values],
            "paths": [{"pathId": EMAIL, "value": f"lea{place}@example.com", "waitTime": 0}] * (place % 2),
        }

    return move(
        1550000000000000,
        record_types((1550000000000001, "Employee")),
        attributes((1550000000000002, "Job code")),
        paths((EMAIL, "Email", "EMAIL"), (PHONE, "Mobile", "EXTPHONE")),
        groups((TEAM, "SAR-Team"), (OTHERS, "Admin")),
        contacts(*(contact(place, TEAM if place % 2 else OTHERS) for place in range(5))),
    )


def test_the_go_sdk(org: Moved) -> None:
    """It asks /organizations for its number, and decodes to int64, string and []string."""
    found = org.ask("GET", "/organizations")["page"]["data"]
    assert [one["organizationId"] for one in found] == [org.organization]
    body = org.ask("GET", "/contacts/{org}?pageNumber=1&pageSize=2")
    assert body["nextPageUri"] and body["lastPageUri"] and body["page"]["totalPageCount"] == 3
    numbers = ("id", "organizationId", "createdDate", "lastModifiedDate", "lastModifiedTime", "accountId")
    for one in body["page"]["data"]:
        assert all(type(one[name]) is int for name in (*numbers, "recordTypeId", "resourceBundleId"))
        assert all(type(one[name]) is str for name in ("firstName", "lastName", "externalId", "status"))
        assert all(type(value) is str for each in one["contactAttributes"] for value in each["values"])
        assert all(type(path["pathId"]) is int and type(path["waitTime"]) is int for path in one["paths"])


def test_everbridge_proxy(org: Moved) -> None:
    path = f"/contacts/{{org}}?pageNumber=1&groupIds={TEAM}&searchType=AND"
    assert [one["id"] % 100 for one in org.ask("GET", path)["page"]["data"]] == [1, 3]
    assert org.missing("GET", "/calendars/{org}")


def test_search_and_rescue(org: Moved) -> None:
    listed = org.ask("GET", "/groups/{org}?pageSize=1000")["page"]["data"]
    assert {one["name"]: one["id"] for one in listed} == {"SAR-Team": TEAM, "Admin": OTHERS}
    everybody = org.ask("GET", "/contacts/{org}?pageSize=1000")["page"]["data"]
    assert len(everybody) == 5 and all(isinstance(one["paths"], list) for one in everybody)
    path = f"/contacts/groups/{{org}}?byType=id&groupId={TEAM}&groupName=0&pageSize=1000"
    assert [one["externalId"] for one in org.ask("GET", path)["page"]["data"]] == ["E1", "E3"]
    path = f"/contacts/{{org}}?byType=id&contactIds={1550000000000101}&pageSize=1"
    (one,) = org.ask("GET", path)["page"]["data"]
    assert [path["value"] for path in one["paths"]] == ["lea1@example.com"]
    assert org.missing("POST", "/notifications/{org}")


def test_the_rail_agency(org: Moved) -> None:
    """It looks through the first page for a login."""
    page = org.ask("GET", "/contacts/{org}")["page"]["data"]
    (one,) = [one for one in page if one["ssoUserId"].lower() == "lea4@example.com"]
    assert [(each["name"], each["values"]) for each in one["contactAttributes"]] == [("Job code", ["4"])]


def test_the_expected_location_importer(org: Moved) -> None:
    assert org.ask("GET", "/contacts/{org}/E1?idType=externalId")["result"]["id"] == 1550000000000101
    assert org.ask("GET", "/contacts/{org}/1550000000000101?idType=id")["result"]["externalId"] == "E1"
    assert org.missing("GET", "/contacts/{org}/nobody?idType=externalId")
    assert org.missing("POST", "/expectedLocations/{org}")


def test_fortisoar(org: Moved) -> None:
    """It puts `/rest/` before `/organizations`."""
    found = org.ask("GET", "//organizations")["page"]["data"]
    assert [one["organizationId"] for one in found] == [org.organization]
    assert org.missing("GET", "//incidents/{org}")


def test_the_php_client(org: Moved) -> None:
    """Its setters refuse a `type` that is not in the vendor's list, and a `seq` beyond 32 bits."""
    for path in org.ask("GET", "/contactPaths/{org}")["page"]["data"]:
        assert path["type"] in TYPES and 0 < path["seq"] < 2**31
        assert org.ask("GET", f"/contactPaths/{{org}}/{path['id']}")["result"]["pathId"] == path["pathId"]


def test_the_react_tool(org: Moved, http: httpx.Client, server_database: str) -> None:
    words = ("--org", org.organization, "--name", "Tool", "--json")
    client = Command(server_database)("client", "create", *words).report
    form = {
        "grant_type": "password",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "username": org.user,
        "password": org.password,
        "roleId": "12",
        "scope": "openid user-profile role",
    }
    token = http.post(f"{org.server}/everbridge/authorization/v1/tokens", data=form)
    assert token.status_code == 200, token.text
    shown = {"authorization": f"Bearer {token.json()['id_token']}"}
    assert org.ask("GET", "/contacts/{org}?pageSize=1", **shown)["page"]["totalCount"] == 5
