"""URLs that lack a part, and pages of every list."""

from __future__ import annotations

from typing import Any

import pytest

from .client import Api, person


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/contacts"),
        ("POST", "/contacts/"),
        ("PUT", "/contacts"),
        *(
            (method, path)
            for method in ("PUT", "POST", "DELETE")
            for path in ("/contacts/batch", "/contacts//batch")
        ),
        ("PUT", "/contacts/%20/batch"),
        ("POST", "/contacts//query"),
        ("GET", "/contacts/groups"),
        ("GET", "/groups/"),
        ("POST", "/groups//contacts"),
        ("DELETE", "/groups/contacts"),
        ("GET", "/groups//pagination"),
        ("GET", "/recordTypes"),
        ("POST", "/contactAttributes"),
        ("GET", "/contactPaths/"),
    ],
)
def test_url_without_an_organization_is_refused_in_the_vendors_words(
    api: Api, method: str, path: str
) -> None:
    response = api.call(method, path, json=[])
    assert (response.status_code, response.json()) == (
        401,
        {"message": "Missing Organization Id", "status": 401},
    )
    assert api.call(method, path, headers={"authorization": ""}).status_code == 401


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/contacts/{org}", "/contacts/{org}/"])
def test_url_without_a_contact_is_refused_in_the_vendors_words(api: Api, method: str, path: str) -> None:
    response = api.call(method, path, json=person("1"))
    assert (response.status_code, response.json()) == (404, {"message": "Missing Contact Id", "status": 404})
    foreign = api.call(method, "/contacts/999999", json=person("1"))
    assert (foreign.status_code, foreign.json()["message"]) == (401, "Org 999999 is invalid.")


def test_incomplete_urls_are_not_in_the_openapi_document(api: Api) -> None:
    paths = api.ask("GET", "/openapi.json")["paths"]
    assert "/contacts" not in paths and "put" not in paths["/contacts/{organization_id}"]


def ids(api: Api, path: str, **query: Any) -> tuple[list[int], dict[str, Any]]:
    page = api.ask("GET", path, **query)["page"]
    return [item["id"] for item in page.pop("data")], page


@pytest.mark.parametrize("resource", ["groups", "recordTypes", "contactAttributes", "contactPaths"])
def test_every_list_has_pages(api: Api, resource: str) -> None:
    attribute = {"dataType": "STRING", "displayFormat": "F"} if resource == "contactAttributes" else {}
    if resource != "contactPaths":
        for number in range(3):
            api.create(resource, name=f"n{number}", **attribute)
    path = f"/{resource}/{{org}}"
    everything, whole = ids(api, path)
    assert (whole["totalPageCount"], whole["totalCount"]) == (1, len(everything))
    paged: list[int] = []
    for number in range(1, 10):
        found, page = ids(api, path, pageNumber=number, pageSize=2)
        paged += found
        last = -(-len(everything) // 2)
        assert (page["currentPageNo"], page["pageSize"], page["totalPageCount"]) == (number, 2, last)
        assert len(found) == (2 if number < last else max(0, len(everything) - 2 * (number - 1)))
    assert paged == everything
    assert ids(api, path, pageNumber=2)[0] == []
    assert ids(api, path, pageSize=1000)[0] == everything
    assert api.ask("GET", path, status=400, pageSize=3001)["status"] == 400


def test_organizations_and_constants_have_pages(api: Api) -> None:
    assert api.page("/organizations", pageNumber=2) == []
    states = api.page("/constants/STATE")
    assert api.page("/constants/STATE", pageNumber=2, pageSize=10) == states[10:20]
    assert api.page("/constants/STATE", pageNumber=50) == []


def test_contact_paths_are_in_order_with_documented_types(api: Api) -> None:
    paths = api.page("/contactPaths/{org}")
    assert [path["seq"] for path in paths] == list(range(1, 13))
    assert [path["prompt"] for path in paths][:4] == [
        "E-Mail Address 1",
        "E-Mail Address 2",
        "E-Mail Address 3",
        "phone",
    ]
    types = {path["prompt"]: (path["type"], path["pathType"], path["extRequired"]) for path in paths}
    assert types["Business Phone"] == ("PHONE", "EXTPHONE", True)
    assert types["SMS 1"] == ("SMS", "SMS", False)
    assert {path["type"] for path in paths} <= {"EMAIL", "PHONE", "SMS", "RECIP", "FAX", "TTYTDD"}
