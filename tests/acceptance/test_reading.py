"""GET /contacts/:lookupKey/:lookupValue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from .client import Api, MakeApi, row

SENT = row(
    3002196,
    language="NL",
    firstName="Miles",
    middleName="",
    lastName="McCoy",
    abbreviation="MM",
    title="Mr.",
    gender="m",
    dateOfBirth="28/08/1993",
    ssn="93082811142",
    email="miles@propel.us",
    phone="0032445888",
    mobile="0038975648",
    primaryLanguage="EN",
    debtorId=12345,
    pricelistAmount="A1",
)
SHOWN = {
    "abbreviation": "MM",
    "dateOfBirth": "August, 28 1993 00:00:00 +0000",
    "debtorId": "12345",
    "email": "miles@propel.us",
    "fax": "",
    "firstName": "Miles",
    "gender": "M",
    "language": "NL",
    "lastName": "McCoy",
    "login": "",
    "middleName": "",
    "mobile": "0038975648",
    "name": "Miles McCoy",
    "phone": "0032445888",
    "pricelistAmount": "A1",
    "pricelistPercentage": "",
    "primaryLanguage": "EN",
    "ssn": "93082811142",
    "title": "Mr.",
}
COMPANY_FIELDS = {
    *("authorizeId", "budget", "budgetInherit", "cocNumber", "company", "debtorId", "defaultobjectId"),
    *("department", "id", "inheritOrderList", "inheritProductList", "name", "notes", "office"),
    *("orderListAllowAll", "orderListManagerId", "sources", "taxNumber", "userManagerId"),
}


def test_contact_is_read_by_id_and_by_source_id(api: Api) -> None:
    (id_,) = api.store(SENT)
    reply = api.get(f"/contacts/id/{id_}")
    found = reply["data"]
    dates = {key: found[key] for key in ("dateCreated", "dateModified")}
    assert reply == {"data": SHOWN | {"id": id_} | dates, "messages": [], "total": 1}
    assert list(found) == sorted(found)
    for date in dates.values():
        age = datetime.now(UTC) - datetime.strptime(date, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        assert timedelta() <= age < timedelta(minutes=5)
    assert api.get("/contacts/sourceId/3002196") == reply
    assert api.get("/contacts/sourceId/3002196", source="CRM", language="NL") == reply


def test_empty_fields_are_shown_as_empty_texts(api: Api) -> None:
    api.store(row(1))
    empty = dict.fromkeys(SHOWN, "") | {"gender": "U", "language": "NL"}
    assert api.contact(1).items() >= empty.items()


@pytest.mark.parametrize(("mount", "born"), [("/v1", SHOWN["dateOfBirth"]), ("/v2", "1993-08-28")])
def test_each_version_has_its_own_date_format(api: Api, mount: str, born: str) -> None:
    api.store(SENT)
    assert api.get(f"{mount}/contacts/sourceId/3002196")["data"]["dateOfBirth"] == born
    assert api.post(f"{mount}/contacts/search", {})["data"][0]["dateOfBirth"] == born


def test_sources_and_parent_are_shown_on_request(api: Api) -> None:
    (company,) = api.store_companies(row(9482, source="ERP", name="Dry Dock", taxNumber="T1"))
    api.store(SENT | {"parent": {"id": company}})
    plain = api.contact(3002196)
    assert not {"sources", "parent"} & plain.keys()
    full = api.contact(3002196, expands="sources,parent")
    assert full["sources"] == [{"source": "CRM", "sourceId": "3002196"}]
    assert full["parent"].keys() >= COMPANY_FIELDS
    assert full["parent"].items() >= {"id": company, "name": "Dry Dock", "taxNumber": "T1"}.items()
    assert full["parent"]["sources"] == [{"source": "ERP", "sourceId": "9482"}]
    assert {key: full[key] for key in plain} == plain
    (new,) = api.post("/contacts/bulk/id", {"contacts": [{"id": 0}]})["data"]
    assert api.get(f"/contacts/id/{new['id']}", expands="sources")["data"]["sources"] == []


def test_source_and_language_select_among_contacts_of_one_key(api: Api) -> None:
    ids = api.store(row(1, language="NL"), row(1, language="DE"), row(1, source="ERP", language="DE"))
    several = ["Multuple contacts found. Please provide additional filters"]
    for query in ({}, {"source": "CRM"}, {"language": "DE"}):
        response = api.call("GET", "/contacts/sourceId/1", params=query)
        assert response.status_code == 400
        assert response.json()["error"] == {
            "code": 50005,
            "messages": several,
            "moreInfo": "https://www.propel.us/docs/errors/50005",
            "status": 400,
            "type": "ContactMultipleFound",
        }
    found = [
        api.contact(1, **query)["id"]
        for query in (
            {"language": "NL"},
            {"source": "CRM", "language": "de"},
            {"source": "ERP"},
        )
    ]
    assert found == ids
    assert api.error(50006, "GET", "/contacts/sourceId/1?source=SHOP")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("sourceId/25494", "sourceId [25494]"),
        ("id/25494999", "id [25494999]"),
        ("id/0", "id [0]"),
        ("id/-1", "id [-1]"),
        ("id/one", "id [one]"),
        (f"id/{'9' * 40}", f"id [{'9' * 40}]"),
        (f"id/{'9' * 5000}", f"id [{'9' * 500}...]"),
    ],
    ids=lambda value: value[:20],
)
def test_unknown_contact_is_refused_with_its_key(api: Api, path: str, named: str) -> None:
    response = api.call("GET", f"/contacts/{path}")
    assert response.status_code == 404
    assert response.json()["error"] == {
        "code": 50006,
        "messages": [f"Contact with {named} not found"],
        "moreInfo": "https://www.propel.us/docs/errors/50006",
        "status": 404,
        "type": "ContactNotFound",
    }


@pytest.mark.parametrize("key", ["ids", "sourceid", "email", "ID"])
def test_unknown_lookup_key_is_refused(api: Api, key: str) -> None:
    expected = f"Invalid lookup key [{key}], key must contain one of the following values: [id,sourceId,]"
    for resource in ("contacts", "companies"):
        assert api.error(10006, "GET", f"/{resource}/{key}/1") == [expected]


@pytest.mark.parametrize(
    "key", ["a b", "é", "a%2Fb", "a?b", "a#b", "a+b", "a&source=ERP", "2024/17", "/a/%2F/"]
)
def test_contact_is_found_by_any_key(api: Api, key: str) -> None:
    (id_,) = api.store(row(key))
    assert api.contact(quote(key, safe=""), source="CRM")["id"] == id_


@pytest.mark.parametrize("path", ["%00", "1?source=%00", "1?language=%00", "%FF", "%F0%9F"])
def test_invalid_key_is_not_found(api: Api, path: str) -> None:
    assert api.call("GET", f"/contacts/sourceId/{path}").status_code in (400, 404)


def test_contacts_of_another_organization_are_not_found(api: Api, make_api: MakeApi) -> None:
    (theirs,) = make_api().store(SENT)
    assert api.error(50006, "GET", f"/contacts/id/{theirs}") == [f"Contact with id [{theirs}] not found"]
    api.error(50006, "GET", "/contacts/sourceId/3002196")
    api.error(50007, "GET", f"/contacts/id/{theirs}/attributes")
    assert api.count() == 0


def test_unknown_route_is_refused_in_the_vendors_words(api: Api) -> None:
    for path in ("/people/id/1", "/contacts/id/1/notes", "/v3/contacts/id/1", ""):
        assert api.error(10008, "GET", path) == ["Resource not found"]
    for method, path in (("PUT", "/contacts/bulk/sourceId"), ("GET", "/contacts/bulk/id")):
        assert api.call(method, path).status_code == 405
