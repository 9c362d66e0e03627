"""The company that a contact belongs to, and companies themselves."""

from __future__ import annotations

from typing import Any

import pytest

from .client import BULK, Api, MakeApi, row


def parent_of(api: Api, source_id: int | str) -> Any:
    """Return the id of a contact's company."""
    return api.contact(source_id, expands="parent").get("parent", {}).get("id")


def failure(api: Api, **parent: Any) -> str:
    """Return the error of a row with this parent."""
    (reply,) = api.send(row("child", parent=parent))
    assert not reply["success"]
    error: str = reply["error"]
    return error


def test_parent_is_found_by_id_and_by_source_id(api: Api) -> None:
    first, second = api.store_companies(row("c1", source="ERP"), row(2, source="ERP"))
    api.store(
        row(1, parent={"id": first}),
        row(2, parent={"source": "ERP", "sourceId": "c1"}),
        row(3, parent={"source": "ERP", "sourceId": "2"}),
        row(4),
    )
    assert [parent_of(api, key) for key in (1, 2, 3, 4)] == [first, first, second, None]


def test_id_of_a_parent_counts_before_its_source_id(api: Api) -> None:
    first, _ = api.store_companies(row("c1"), row("c2"))
    api.store(row(1, parent={"id": first, "source": "CRM", "sourceId": "c2"}))
    api.store(row(2, parent={"id": first, "sourceId": "nothing"}))
    assert [parent_of(api, key) for key in (1, 2)] == [first, first]
    assert failure(api, id=first + 99, sourceId="c2") == (
        f"Parent resource [Company] with id [{first + 99}] not found"
    )


def test_parent_without_a_source_is_looked_up_in_the_contacts_source_first(api: Api) -> None:
    _, ours, other = api.store_companies(row("c", source="ERP"), row("c"), row("only", source="ERP"))
    api.store(row(1, parent={"sourceId": "c"}), row(2, parent={"sourceId": "only"}))
    assert [parent_of(api, key) for key in (1, 2)] == [ours, other]


def test_parent_without_a_source_must_be_unique_in_all_sources(api: Api) -> None:
    api.store_companies(row("c", source="ERP"), row("c", source="SHOP"))
    assert "sourceId [c]" in failure(api, sourceId="c")
    assert api.count() == 0


def test_parent_in_several_languages_is_the_one_in_the_default_language(api: Api) -> None:
    _, dutch = api.store_companies(row("c", language="DE"), row("c", language="NL"))
    api.store(row(1, parent={"source": "CRM", "sourceId": "c"}))
    assert parent_of(api, 1) == dutch


@pytest.mark.parametrize(
    ("parent", "named"),
    [
        ({"id": 999_999_999}, "id [999999999]"),
        ({"id": -1}, "id [-1]"),
        ({"id": 0}, "id [0]"),
        ({"id": 10**20}, f"id [{10**20}]"),
        ({"sourceId": "X"}, "sourceId [X]"),
        ({"sourceId": 0}, "sourceId [0]"),
        ({"source": "ERP", "sourceId": "c"}, "sourceId [c]"),
    ],
)
def test_unknown_parent_fails_its_row(api: Api, parent: Any, named: str) -> None:
    (known,) = api.store(row("known", firstName="Nella"))
    api.store_companies(row("c"))
    new = row(1, firstName="Orla", parent=parent)
    old = row("known", firstName="Orla", parent=parent)
    reply = api.post(BULK, {"contacts": [row("first"), new, old, row("last")]})
    failed = {
        "error": f"Parent resource [Company] with {named} not found",
        "lookupKey": "sourceId",
        "success": False,
    }
    assert reply["data"][1:3] == [
        {"action": "create", "key": 1} | failed,
        {"action": "update", "key": "known"} | failed,
    ]
    assert [answer["success"] for answer in reply["data"]] == [True, False, False, True]
    assert (reply["messages"], reply["total"], api.count()) == (["Completed"], 4, 3)
    assert api.get(f"/contacts/id/{known}")["data"]["firstName"] == "Nella"


def test_contact_or_company_of_another_organization_is_no_parent(api: Api, make_api: MakeApi) -> None:
    (contact,) = api.store(row("person"))
    (company,) = make_api().store_companies(row("theirs"))
    assert failure(api, id=contact).endswith(f"id [{contact}] not found")
    assert failure(api, id=company).endswith(f"id [{company}] not found")
    assert failure(api, sourceId="theirs").endswith("sourceId [theirs] not found")


def test_new_parent_moves_the_contact(api: Api) -> None:
    first, second = api.store_companies(row("c1"), row("c2"))
    api.store(row(1, parent={"id": first}))
    api.store(row(1, firstName="Nella"))
    assert parent_of(api, 1) == first
    api.store(row(1, parent={"sourceId": "c2"}))
    assert parent_of(api, 1) == second


def test_companies_are_created_updated_and_read(api: Api) -> None:
    sent = row(9482, name="Dry Dock", taxNumber="T1", cocNumber="C1", debtorId=12345, authorizeId=7)
    (id_,) = api.store_companies(sent)
    (reply,) = api.post("/companies/bulk/sourceId", {"companies": [row("9482", notes="x")]})["data"]
    assert reply == {
        "action": "update",
        "id": id_,
        "key": "9482",
        "lookupKey": "sourceId",
        "success": True,
    }
    found = api.get("/companies/sourceId/9482", expands="sources")["data"]
    expected = {"name": "Dry Dock", "taxNumber": "T1", "cocNumber": "C1", "notes": "x", "office": ""}
    assert found.items() >= expected.items()
    assert (found["debtorId"], found["authorizeId"]) == ("12345", "7")
    assert found["sources"] == [{"source": "CRM", "sourceId": "9482"}]
    assert api.post("/companies/search", {"name": "dock"})["itemsFound"] == 1
    assert api.error(40006, "GET", "/companies/sourceId/9483") == ["Company with sourceId [9483] not found"]


def test_company_may_have_a_parent_of_an_earlier_call(api: Api) -> None:
    (mother,) = api.store_companies(row("mother"))
    api.store_companies(row("daughter", parent={"sourceId": "mother"}))
    found = api.get("/companies/sourceId/daughter", expands="parent,sources")["data"]
    assert found["parent"]["id"] == mother


def test_contacts_and_companies_do_not_share_keys(api: Api) -> None:
    (contact,), (company,) = api.store(row(1)), api.store_companies(row(1))
    assert contact != company
    assert (api.contact(1)["id"], api.get("/companies/sourceId/1")["data"]["id"]) == (contact, company)
