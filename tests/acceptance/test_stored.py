"""Values that clients cannot read: they are refused, and those that earlier versions stored are left out
without failing the page that they are on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from .client import BULK, Api, row
from .datananas.client import Api as Datananas
from .everbridge.client import Api as Everbridge
from .everbridge.client import person
from .server import Server

HUGE = "9" * 5000
DEEP = "[" * 900 + "]" * 900
UNREADABLE = {"digits": HUGE, "exponent": "1e5000", "negative": f"-{HUGE}", "fraction": f"{HUGE}.5"}


def numbers() -> Iterator[tuple[str, str]]:
    """Yield JSON paths in bodies of the Propeller API that take any value, or a number."""
    for field in (
        '"pricing":{"products":[{"id":1,"pricing":{"x":%s}}]}',
        '"pricing":{"products":[{"id":1,"pricing":{"amount":%s}}]}',
        '"pricing":{"products":[{"id":%s}]}',
        '"pricing":{"shopId":%s,"products":[]}',
        '"attributes":[{"class":"contact","name":"LIST","type":"list","value":[%s]}]',
        '"attributes":[{"class":"contact","name":"LIST","type":"list","value":%s}]',
        '"attributes":[{"id":%s,"type":"list","value":[]}]',
        '"parent":{"id":%s}',
        '"debtorId":%s',
    ):
        yield BULK, '{"contacts":[{"source":"S","sourceId":1,' + field + "}]}"
    yield BULK, '{"contacts":[{"source":"S","sourceId":%s}]}'
    yield BULK, '{"contacts":[{"source":"S","sourceId":1}],"directives":[%s]}'
    yield "/contacts/bulk/id", '{"contacts":[{"id":%s}]}'
    yield "/contacts", '{"source":"S","sourceId":%s}'
    yield "/contacts/search", '{"page":%s}'
    yield "/contacts/search", '{"debtorIds":[%s]}'
    yield "/contacts/sourceId/9/pricing", '{"products":[{"id":1,"pricing":{"x":%s}}]}'
    yield "/contacts/sourceId/9/attributes", '[{"class":"contact","name":"LIST","type":"list","value":[%s]}]'
    yield "/attributes", '{"class":"contact","name":"X","type":"list","value":[%s]}'
    yield "/attributes/bulk/id", '[{"id":%s}]'


@pytest.mark.parametrize("name", UNREADABLE)
def test_numbers_that_clients_cannot_read_are_refused(api: Api, name: str) -> None:
    api.post("/attributes", {"class": "contact", "name": "LIST", "type": "list"}, 201)
    api.store(row(9))
    for path, body in numbers():
        response = api.call("POST", path, content=body % UNREADABLE[name])
        if response.status_code == 200:
            assert [reply["success"] for reply in response.json()["data"]] == [False], (path, body)
            continue
        error = response.json()["error"]
        assert 400 <= response.status_code < 500, (path, body)
        assert error["type"] != "InvalidJSONPayload", (path, body)
        assert len(response.content) < 10_000
    assert api.count() == 1
    assert api.error(10017, "POST", BULK, content=next(numbers())[1] % UNREADABLE[name]) == [
        "#/contacts/0/pricing/products/0/pricing/x: the number is out of range"
    ]


@pytest.mark.parametrize("name", UNREADABLE)
def test_numbers_that_clients_cannot_read_are_refused_by_the_other_apis(
    everbridge: Everbridge, datananas: Datananas, name: str
) -> None:
    (id_,) = everbridge.store(person("1"))
    for body in ('[{"externalId":"1","topics":[%s]}]', '[{"externalId":%s}]'):
        answer = everbridge.call("POST", "/contacts/{org}/batch", content=body % UNREADABLE[name])
        assert 400 <= answer.status_code < 500
    patch = f'[{{"op":"add","path":"/suffix","value":{UNREADABLE[name]}}}]'
    assert everbridge.call("PATCH", f"/contacts/{{org}}/{id_}", content=patch).status_code == 400
    for body in ('{"email":"a@example.org","vars":{"x":[%s]}}', '{"email":"a@example.org","zip":%s}'):
        assert datananas.call("POST", "/contacts", content=body % UNREADABLE[name]).status_code == 400
        rows = '{"contacts":[%s]}' % (body % UNREADABLE[name])
        assert datananas.call("POST", "/contacts/bulk", content=rows).status_code == 400
    assert len(everbridge.page()) == 1


@pytest.fixture
def poisoned(api: Api, owner: psycopg.Connection) -> tuple[int, int]:
    """Store a contact that can be read, and one with values that cannot."""
    group = owner.execute(
        "SELECT number FROM directory WHERE organization_id = %s AND kind = 'record_type'", [api.organization]
    ).fetchone()
    assert group is not None
    good, bad = api.store(row(1, lastName="Good"), row(2, lastName="Bad"))
    owner.execute(
        f"""UPDATE contacts SET pricing = '{{"x": {HUGE}, "y": 1}}', attributes = '{{"5": 1e5000, "x": 1}}',
                vars = '{{"a": {DEEP}, "b": -1e9999}}', paths = '[{{"pathId": {HUGE}, "value": "p"}}, 5]',
                addresses = '{{"no": "array"}}', topic_ids = '[1e400]', date_of_birth = '20000-01-01',
                contact_attributes = '[{{"orgAttrId": 1e500}}, {{}}, 7, {{"orgAttrId": 1}}]',
                collected_at = '294000-01-01', created_at = '-infinity'
            WHERE organization_id = %s AND id = %s""".encode(),
        [api.organization, bad],
    )
    return good, bad


def test_contact_with_unreadable_values_is_shown_without_them(
    poisoned: tuple[int, int],
    api: Api,
    everbridge: Everbridge,
    datananas: Datananas,
    server: Server,
) -> None:
    good, bad = poisoned
    for version in ("", "/v2"):
        shown = api.get(f"{version}/contacts/id/{bad}", expands="sources,parent")["data"]
        assert (shown["lastName"], shown["pricing"]) == ("Bad", {"x": None, "y": 1})
    assert [found["id"] for found in api.search()["data"]] == [good, bad]
    assert api.get(f"/contacts/id/{bad}/attributes")["data"] == []
    assert [found["id"] for found in everbridge.page()] == [good, bad]
    assert everbridge.ask("GET", f"/contacts/{{org}}/{bad}")["result"]["lastName"] == "Bad"
    listed = datananas.contacts()
    assert [contact["lastName"] for contact in listed] == ["Good", "Bad"]
    assert listed[1]["collectedAt"] == "9999-12-31T23:59:59.999999Z"
    assert listed[1]["createdAt"] == "0001-01-01T00:00:00.000Z"
    assert listed[1]["vars"] == {}
    assert datananas.ask("GET", f"/contacts/{listed[1]['_id']}")["contact"] == listed[1]
    log = server.log.read_text()
    assert f"a stored document cannot be read: contacts {bad} pricing" in log
    assert f"a stored moment is out of range: contacts {bad} collected_at" in log
    assert HUGE[:50] not in log


def test_contact_with_unreadable_values_can_be_changed_and_deleted(
    poisoned: tuple[int, int], api: Api, everbridge: Everbridge, datananas: Datananas
) -> None:
    _, bad = poisoned
    assert api.call("PATCH", f"/contacts/id/{bad}", json={"firstName": "F"}).status_code == 200
    assert api.send(row(2, title="T"))[0]["success"]
    id_ = datananas.contacts()[1]["_id"]
    datananas.ask("PUT", f"/contacts/{id_}", {"city": "Gent", "collectedAt": "2020-02-02"})
    changes = [{"op": "add", "path": f"/{name}", "value": value} for name, value in person("E2").items()]
    changed = everbridge.call("PATCH", f"/contacts/{{org}}/{bad}", json=changes)
    assert changed.status_code == 200, changed.text
    assert datananas.contacts()[1]["collectedAt"] == "2020-02-02T00:00:00.000Z"
    assert api.call("DELETE", f"/contacts/id/{bad}").status_code == 200
    assert api.count() == 1


MOMENTS = [
    "0001-01-01T00:00:00+00:01",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59.9999999-01:00",
]


@pytest.mark.parametrize(
    "moment",
    [
        *(*MOMENTS, "10000-01-01", "20240203", "2024-W05-6", "2024-034", "20240203T101112Z", "", 5),
        *(1764011000333, 1764011000, 1.5, True, [], "2024-02-03T10:11:12+0100"),
    ],
)
def test_dates_that_cannot_be_shown_are_refused(datananas: Datananas, moment: Any) -> None:
    contact = {"email": "a@example.org", "collectedAt": moment}
    if moment in ("", []):  # say nothing
        datananas.create(**contact)
        return
    for path, body in (("/contacts", contact), ("/contacts/bulk", {"contacts": [contact]})):
        (error,) = datananas.ask("POST", path, body, 400)["errors"]
        assert error["field"] == "collectedAt"
        assert error["message"] in (
            "is neither a date nor a moment of RFC 3339",
            "is out of range: in UTC it is not in the years 1 to 9999",
            "is a number, and not a date as YYYY-MM-DD or a moment of RFC 3339",
            "is not a text",
        )
        assert ("out of range" in error["message"]) == (moment in MOMENTS)
    assert datananas.contacts() == []


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("0001-01-01", "0001-01-01T00:00:00.000Z"),
        ("0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.999Z"),
        ("2024-02-03t10:11:12z", "2024-02-03T10:11:12.000Z"),
        ("2024-02-03 10:11:12.5+01:00", "2024-02-03T09:11:12.500Z"),
    ],
)
def test_first_and_last_dates_are_shown_everywhere(
    datananas: Datananas, everbridge: Everbridge, api: Api, moment: str, shown: str
) -> None:
    assert datananas.create(email="a@example.org", collectedAt=moment)["collectedAt"] == shown
    assert datananas.contacts()[0]["collectedAt"] == shown
    assert len(everbridge.page()) == api.count() == 1


def test_date_of_birth_must_be_a_date(api: Api) -> None:
    for text in ("19930828", "1993-W10-1", "1993-240", "0000-01-01", "10000-01-01", "31/02/2000"):
        (reply,) = api.send(row(1, dateOfBirth=text))
        assert reply["error"] == f"Invalid value [{text}] for field [dateOfBirth]"


# Numbers in URLs and texts in headers, of authenticated clients and others


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000 + "1", "²", "٣" * 20, "9" * 19, "9" * 20])
def test_wrong_numbers_in_urls_are_not_internal_errors(
    api: Api, everbridge: Everbridge, datananas: Datananas, http: httpx.Client, digits: str
) -> None:
    def check(response: httpx.Response) -> None:
        assert 400 <= response.status_code < 500, (response.request.url, response.text)

    for path in (
        "/contacts/id/{}",
        "/contacts/sourceId/{}",
        "/contacts/id/{}/attributes",
        "/attributes/id/{}",
    ):
        check(api.call("GET", path.format(digits)))
    for path in ("/contacts/{org}/", "/groups/{org}/", "/contactPaths/{org}/", "/organizations/"):
        check(everbridge.call("GET", path + digits))
        check(http.get(everbridge.base + path.replace("{org}", digits) + "1", auth=("a@example.org", "x")))
    for query in ("pageNumber", "pageSize", "contactIds", "groupIds"):
        check(everbridge.call("GET", "/contacts/{org}", params={query: digits[:2000] + "x"}))
    for path in ("/contacts/", "/lists/", "/contacts/bulk/"):
        check(datananas.call("GET", path + digits))
    for query in ("page", "perPage"):
        check(datananas.call("GET", "/contacts", params={query: digits[:2000] + "x"}))


@pytest.mark.parametrize(
    "shown",
    [
        b"Basic \xff\xfe",
        b"Basic !!!",
        b"Basic /////w==",
        b"Basic \xc3\xa9",
        b"\xff",
        b"Bearer \xff",
        b"Basic",
    ],
)
def test_malformed_authorization_is_not_an_internal_error(
    http: httpx.Client, server: Server, shown: bytes
) -> None:
    form = {"grant_type": "client_credentials"}
    for path in (
        "/propeller/oauth2/token",
        "/everbridge/authorization/v1/tokens",
        "/datananas/oauth2/token",
        "/datananas/oauth2/revoke",
    ):
        response = http.post(server.url + path, data=form, headers={b"authorization": shown})
        assert 400 <= response.status_code < 500, (path, response.text)
    for path in ("/propeller/contacts/id/1", "/everbridge/rest/contacts/1/1", "/datananas/contacts"):
        assert http.get(server.url + path, headers={b"authorization": shown}).status_code == 401


def test_database_error_is_reported_in_the_format_of_the_vendor(datananas: Datananas) -> None:
    """Check that a database error gets a response in the API's format."""
    answer = datananas.call(
        "POST", "/contacts", content=json.dumps({"email": "a@example.org", "vars": {"x": "\x00"}})
    )
    assert (answer.status_code, answer.json()["statusCode"]) == (400, 400)
