"""Bounds of replies: a page of more than 16 MB is refused."""

from __future__ import annotations

import threading

import psycopg
import pytest

from contactory.model.limits import MOST_PARENTS

from .client import Api, row
from .datananas.client import Api as Datananas
from .everbridge.client import Api as Everbridge

MEGABYTES = 6


def enlarge(owner: psycopg.Connection, api: Api, table: str, field: str) -> None:
    """Make stored texts longer than the present limit, as older records may be."""
    value = f"repeat('x', {MEGABYTES << 20})"
    if field in ("vars", "paths", "pricing"):
        value = f"jsonb_build_array({value})" if field == "paths" else f"jsonb_build_object('x', {value})"
    owner.execute(
        f"UPDATE {table} SET {field} = {value} WHERE organization_id = %s".encode(), [api.organization]
    )


@pytest.mark.parametrize("field", ["last_name", "business_name", "vars", "paths", "pricing"])
def test_large_contacts_require_smaller_pages(
    owner: psycopg.Connection, api: Api, everbridge: Everbridge, datananas: Datananas, field: str
) -> None:
    ids = api.store(*map(row, range(3)))
    enlarge(owner, api, "contacts", field)
    assert api.error(10015, "POST", "/contacts/search", json={"offset": 3}) == [
        "A page of so many has more than 16 MB: ask for a smaller [offset]"
    ]
    refused = everbridge.ask("GET", "/contacts/{org}", status=400)
    assert refused["message"] == "A page of so many has more than 16 MB: ask for a smaller pageSize."
    assert datananas.ask("GET", "/contacts", status=400)["reason"] == "page_too_large"
    pages = [api.search(offset=1, page=page)["data"] for page in (1, 2, 3)]
    assert [found["id"] for (found,) in pages] == ids
    assert len(everbridge.page(pageSize=2)) == 2
    assert len(datananas.contacts(perPage=2)) == 2


def test_record_shown_repeatedly_in_a_page_counts_repeatedly(owner: psycopg.Connection, api: Api) -> None:
    api.store_companies({"source": "CRM", "sourceId": 1})
    enlarge(owner, api, "companies", "notes")
    api.store(*(row(number, parent={"source": "CRM", "sourceId": 1}) for number in range(3)))
    assert len(api.search(offset=3)["data"]) == 3
    assert api.error(10015, "POST", "/contacts/search?expands=parent", json={"offset": 3})
    assert len(api.post("/contacts/search?expands=parent", {"offset": 2})["data"]) == 2


def test_too_large_lists_are_divided_into_pages(
    owner: psycopg.Connection, api: Api, everbridge: Everbridge
) -> None:
    for kind, path in (
        ("group", "groups"),
        ("record_type", "recordTypes"),
        ("attribute", "contactAttributes"),
    ):
        owner.execute(
            b"INSERT INTO directory (organization_id, kind, name, details) SELECT %s, %s, number::text,"
            b" jsonb_build_object('description', repeat('x', 6 << 20)) FROM generate_series(1, 3) AS number",
            [api.organization, kind],
        )
        refused = everbridge.ask("GET", f"/{path}/{{org}}", status=400)
        assert "more than 16 MB" in refused["message"]
        page = everbridge.page(f"/{path}/{{org}}", pageSize=1, pageNumber=2)
        assert len(page) == 1
        owner.execute(
            b"DELETE FROM directory WHERE organization_id = %s AND kind = %s", [api.organization, kind]
        )
    owner.execute(
        b"INSERT INTO directory (organization_id, kind, name) SELECT %s, 'group', number::text"
        b" FROM generate_series(1, 10000) AS number",
        [api.organization],
    )
    assert len(everbridge.page("/groups/{org}")) == 10_000
    everbridge.create("groups", name="one more")
    refused = everbridge.ask("GET", "/groups/{org}", status=400)
    assert refused["message"] == "There are 10001, more than 10000: ask by pageNumber and pageSize."
    assert len(everbridge.page("/groups/{org}/pagination", pageSize=2, pageNumber=5001)) == 1


def test_sequence_of_a_group_is_not_in_lists(api: Api, everbridge: Everbridge) -> None:
    ids = api.store(row(1), row(2))
    group = everbridge.create("groups", name="G")
    everbridge.ask("POST", "/groups/{org}/contacts/sequence", ids, groupId=group)
    (shown,) = everbridge.page("/groups/{org}")
    assert shown["enableSequencedContact"] is True
    assert "contacts" not in shown
    assert everbridge.page("/contacts/groups/{org}", groupId=group)


def test_errors_of_a_bulk_call_are_not_in_the_list_of_calls(datananas: Datananas) -> None:
    rows = [{"email": "nobody"}] * 50
    uuid = datananas.ask("POST", "/contacts/bulk", {"contacts": rows}, partial="true")["uuid"]
    shown = datananas.ask("GET", f"/contacts/bulk/{uuid}")
    while shown["state"] != "ended":
        shown = datananas.ask("GET", f"/contacts/bulk/{uuid}")
    assert (len(shown["errors"]), shown["failed"]) == (50, 50)
    (listed,) = datananas.ask("GET", "/contacts/bulk")["bulks"]
    assert "errors" not in listed
    assert listed["failed"] == 50


def test_chain_of_parent_companies_is_followed_up_to_a_depth(api: Api) -> None:
    api.post("/attributes", {"class": "company", "name": "A", "type": "text"}, 201)
    value = [{"class": "company", "name": "A", "type": "text", "value": "v"}]
    chain = [{"source": "CRM", "sourceId": 0, "attributes": value}]
    chain += [
        {"source": "CRM", "sourceId": number, "parent": {"source": "CRM", "sourceId": number - 1}}
        for number in range(1, MOST_PARENTS + 2)
    ]
    for company in chain:
        api.store_companies(company)
    for number, count in ((MOST_PARENTS, 1), (MOST_PARENTS + 1, 0)):
        assert len(api.get(f"/companies/sourceId/{number}/attributes")["data"]) == count


def test_concurrent_renames_of_lists_to_one_name_leave_one(datananas: Datananas) -> None:
    for round_ in range(5):
        made = [
            datananas.ask("POST", "/lists", {"name": f"{round_} {n}"}, 201)["list"]["_id"] for n in range(8)
        ]
        begin, statuses = threading.Barrier(len(made)), list[int]()

        def rename(id_: str, begin: threading.Barrier, statuses: list[int], name: str) -> None:
            begin.wait()
            statuses.append(datananas.call("PUT", f"/lists/{id_}", json={"name": name}).status_code)

        threads = [
            threading.Thread(target=rename, args=[id_, begin, statuses, f"Same {round_}"]) for id_ in made
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, *[409] * 7]
