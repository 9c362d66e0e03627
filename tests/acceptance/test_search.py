"""POST /contacts/search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from .client import Api, row

SEARCH = "/contacts/search"


def keys(reply: Any) -> list[str]:
    return [found["phone"] for found in reply["data"]]


def test_contacts_come_in_pages_of_twelve(api: Api) -> None:
    ids = api.store(*map(row, range(25)))
    first, second, third = (api.search(page=page) for page in (1, 2, 3))
    assert api.search() == first
    assert [found["id"] for page in (first, second, third) for found in page["data"]] == sorted(ids)
    assert {key: value for key, value in second.items() if key != "data"} == {
        "end": 24,
        "itemsFound": 25,
        "messages": [],
        "offset": 12,
        "page": 2,
        "pages": 3,
        "start": 13,
        "total": 12,
    }
    assert (third["start"], third["end"], third["total"]) == (25, 25, 1)


def test_offset_is_the_page_size(api: Api) -> None:
    api.store(*map(row, range(5)))
    reply = api.search(offset=2, page=3)
    assert (reply["offset"], reply["total"], reply["pages"], reply["start"]) == (2, 1, 3, 5)


@pytest.mark.parametrize("page", [1, 2, 2**31 - 1])
def test_empty_page_has_start_and_end_zero(api: Api, page: int) -> None:
    if page > 1:
        api.store(row(1))
    reply = api.search(page=page)
    assert (reply["data"], reply["start"], reply["end"], reply["total"]) == ([], 0, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [0, -1, 1.5, True, None, "", "x", [1], {}, 3 * 10**9, "9" * 5000],
    ids=lambda each: repr(each)[:12],
)
@pytest.mark.parametrize("key", ["page", "offset"])
def test_page_must_be_a_positive_number(api: Api, key: str, wrong: Any) -> None:
    response = api.call("POST", SEARCH, json={key: wrong})
    assert response.status_code == 400
    assert response.json()["error"] == {
        "code": 10015,
        "messages": ["Pagination not properly initialized"],
        "moreInfo": "https://www.propel.us/docs/errors/10015",
        "status": 400,
        "type": "PaginatedResponseException",
    }


def test_page_size_is_bounded(api: Api) -> None:
    api.error(10015, "POST", SEARCH, json={"offset": 1_000_000})


def test_found_contact_is_shown_as_by_get(api: Api) -> None:
    (company,) = api.store_companies(row(1))
    api.store(row(1, firstName="Nella", ssn="93082811142", debtorId=5, parent={"id": company}))
    assert api.search()["data"] == [api.contact(1)]
    reply = api.post(f"{SEARCH}?expands=sources,parent", {})
    assert reply["data"] == [api.contact(1, expands="sources,parent")]


def test_debtor_ids_are_alternatives(api: Api) -> None:
    api.store(*(row(number, phone=str(number), debtorId=number % 3) for number in range(6)))
    assert keys(api.search(debtorIds=["0", "2"])) == ["0", "2", "3", "5"]
    assert keys(api.search(debtorIds=["7"])) == []


def test_name_is_found_by_any_part_of_it(api: Api) -> None:
    api.store(
        row(1, phone="1", firstName="Nella", lastName="Vosk"),
        row(2, phone="2", firstName="Orla", middleName="van", lastName="Nell"),
        row(3, phone="3", firstName="100%", lastName="a_b\\c"),
    )
    assert keys(api.search(name="nell")) == ["1", "2"]
    assert keys(api.search(name="orla van")) == ["2"]
    assert keys(api.search(name="Nella Vosk")) == ["1"]
    assert (keys(api.search(name="0%")), keys(api.search(name="%"))) == (["3"], ["3"])
    assert (keys(api.search(name="_")), keys(api.search(name="b\\c"))) == (["3"], ["3"])


@pytest.fixture(params=[("dateCreated", "created_at"), ("dateModified", "updated_at")])
def found(api: Api, owner: psycopg.Connection, request: pytest.FixtureRequest) -> Callable[..., list[str]]:
    """Search three contacts of three years by the date on which they were created or modified."""
    key, column = request.param
    times = ["2020-12-12T00:00:00", "2021-06-01T12:30:45.5", "2022-12-12T00:00:00"]
    for id_, time in zip(api.store(*(row(n, phone=str(n)) for n in range(3))), times, strict=True):
        query = f"UPDATE contacts SET {column} = %s::timestamp AT TIME ZONE 'UTC' WHERE id = %s"
        owner.execute(query.encode(), [time, id_])

    def found(**bounds: str) -> list[str]:
        return keys(api.search(**{key: bounds}))

    return found


def test_dates_are_within_a_range(found: Callable[..., list[str]]) -> None:
    assert found(**{"from": "2020-12-12T00:00:00", "to": "2022-12-12T00:00:00"}) == ["0", "1", "2"]
    assert found(**{"from": "2020-12-12T00:00:01"}) == ["1", "2"]
    assert found(to="2022-12-11T23:59:59") == ["0", "1"]
    assert found(**{"from": "2021-06-01T12:30:45", "to": "2021-06-01T12:30:46"}) == ["1"]
    assert found() == ["0", "1", "2"]


def test_date_is_found_by_its_shown_value(found: Callable[..., list[str]]) -> None:
    """Fractions of a second are not shown."""
    assert found(**{"from": "2021-06-01T12:30:45", "to": "2021-06-01T12:30:45"}) == ["1"]


def test_all_filters_must_match(api: Api) -> None:
    api.store(row(1, firstName="Nella", debtorId=1), row(2, firstName="Nella", debtorId=2))
    reply = api.search(name="nella", debtorIds=["2"], dateCreated={"from": "2020-12-12T00:00:00"})
    assert (reply["itemsFound"], reply["data"][0]["debtorId"]) == (1, "2")


def test_search_that_breaks_the_schema_is_refused(api: Api) -> None:
    assert api.error(10007, "POST", SEARCH, json={"debtorIds": "1", "email": "x"}) == [
        "#: extraneous key [email] is not permitted",
        "#/debtorIds: expected type: JSONArray, found: String",
    ]
    assert api.error(10005, "POST", SEARCH, content=b"{") == ["Invalid JSON Payload"]
    assert api.error(10017, "POST", SEARCH, json={"dateCreated": {"from": "then"}})
    assert api.error(10017, "POST", SEARCH, json={"name": "\0"})
