"""Companies whose parents are created by earlier rows of the same call."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .client import Api, MakeApi, row

EXAMPLES = int(os.environ.get("CONTACTORY_EXAMPLES", "40"))
BY_KEY, BY_ID = "/companies/bulk/sourceId", "/companies/bulk/id"
BAD: Any = [{"id": 10**9, "type": "text", "value": "x"}]  # an unknown attribute, so that the row fails


def send(api: Api, rows: list[Any], path: str = BY_KEY, **top: Any) -> list[Any]:
    replies: list[Any] = api.post(path, {"companies": rows, **top})["data"]
    return replies


def parent_of(api: Api, id_: int) -> Any:
    return api.get(f"/companies/id/{id_}", expands="parent")["data"].get("parent", {}).get("id")


def errors(replies: list[Any]) -> list[str | None]:
    return [reply.get("error") for reply in replies]


def lost(key: str) -> str:
    return f"Parent resource [Company] with sourceId [{key}] not found"


def test_one_call_creates_a_tree_and_repeating_it_changes_nothing(api: Api) -> None:
    tree = [row(0, name="root")] + [
        row(number, name=f"N{number}", parent={"source": "CRM", "sourceId": (number - 1) // 2})
        for number in range(1, 3000)
    ]
    made = send(api, tree)
    assert {(reply["action"], reply["success"]) for reply in made} == {("create", True)}
    for number in (1, 2, 7, 1999, 2000, 2999):
        assert parent_of(api, made[number]["id"]) == made[(number - 1) // 2]["id"]
    for _ in range(2):
        assert [reply["id"] for reply in send(api, tree)] == [reply["id"] for reply in made]
    assert parent_of(api, made[2999]["id"]) == made[1499]["id"]


def test_parent_that_a_later_row_creates_is_not_found(api: Api) -> None:
    replies = send(
        api, [row("child", parent={"sourceId": "p"}), row("p"), row("self", parent={"sourceId": "self"})]
    )
    assert errors(replies) == [lost("p"), None, lost("self")]
    assert send(api, [row("child", parent={"sourceId": "p"})])[0]["action"] == "create"


def test_failed_row_is_no_parent_for_later_rows(api: Api) -> None:
    rows = [
        row("a", attributes=BAD),
        row("b", parent={"sourceId": "a"}),
        row("c", parent={"sourceId": "b"}),
        row("b"),
        row("c", parent={"sourceId": "b"}),
        row("a", parent={"sourceId": "c"}),
    ]
    replies = send(api, rows)
    assert errors(replies)[1:] == [lost("a"), lost("b"), None, None, None]
    b, c, a = (reply["id"] for reply in replies[3:])
    assert [parent_of(api, id_) for id_ in (a, b, c)] == [c, None, b]
    assert api.error(40006, "GET", "/companies/sourceId/d")


def test_record_moves_from_row_to_row(api: Api) -> None:
    """The last parent counts, whether it was stored before or is created by the call."""
    (stored,) = api.store_companies(row("old"))
    rows = [
        row("x", parent={"sourceId": "old"}),
        row("new", parent={"sourceId": "x"}),
        row("x", parent={"sourceId": "new"}),
        row("y", parent={"sourceId": "new"}),
        row("y", parent={"sourceId": "old"}),
    ]
    x, new, again, y, _ = (reply["id"] for reply in send(api, rows))
    assert x == again
    assert [parent_of(api, id_) for id_ in (x, new, y)] == [new, x, stored]


def test_preferred_parent_is_found_by_rows_after_the_one_that_creates_it(api: Api) -> None:
    """Check it also for rows that were sent before, byte by byte, when the key belonged to another
    company."""
    far, child = api.store_companies(row("p", source="ERP"), row("child", parent={"sourceId": "p"}))
    assert parent_of(api, child) == far
    sent = [row("first", parent={"sourceId": "p"}), row("p"), row("child", parent={"sourceId": "p"})]
    first, near, same = (reply["id"] for reply in send(api, sent))
    assert (parent_of(api, first), same, parent_of(api, child)) == (far, child, near)
    assert errors(send(api, [row("s", source="SHOP", parent={"sourceId": "p"})])) == [
        "Parent resource [Company] with sourceId [p] is not unique. Please provide its source"
    ]


def test_row_by_id_may_use_the_key_of_an_earlier_row(api: Api) -> None:
    first, second = api.store_companies(row(1), row(2))
    rows = [
        {"id": first, "parent": {"source": "ERP", "sourceId": "n"}},
        {"id": second, "source": "ERP", "sourceId": "n"},
        {"id": first, "parent": {"source": "ERP", "sourceId": "n"}},
    ]
    assert errors(send(api, rows, BY_ID)) == [lost("n"), None, None]
    assert parent_of(api, first) == second


def test_row_that_may_not_create_is_no_parent(api: Api) -> None:
    rows = [row("p"), row("known", parent={"sourceId": "p"})]
    api.store_companies(row("known"))
    replies = send(api, rows, directives=[{"operation": "skipCreate"}])
    assert errors(replies) == ["Company with sourceId [p] not found", lost("p")]


def test_failures_that_depend_on_each_other_are_resolved(api: Api) -> None:
    """Each pass over the rows resolves one more of these; after the last pass, the remaining ones fail."""
    rows = [row("0", attributes=BAD)]
    for step in range(60):
        rows += [
            row(str(step + 1), parent={"sourceId": str(step)}, language="DE"),
            row(str(step + 1), parent={"sourceId": "nowhere"}),
            row(str(step + 1), language="FR"),
        ]
    replies = send(api, rows)
    assert errors(replies)[1] == lost("0")
    for sent, reply in zip(rows, replies, strict=True):
        if reply["success"] and "parent" in sent:
            assert parent_of(api, reply["id"])


KEYS = st.sampled_from("abcd")
PARENTS = st.fixed_dictionaries({"sourceId": KEYS}, optional={"source": st.sampled_from(["CRM", "ERP"])})
ROWS = st.lists(
    st.fixed_dictionaries(
        {"source": st.sampled_from(["CRM", "CRM", "ERP"]), "sourceId": KEYS},
        optional={
            "parent": PARENTS,
            "language": st.sampled_from(["NL", "DE"]),
            "notes": st.sampled_from(["", "x", "y"]),
            "attributes": st.just(BAD),
        },
    ),
    min_size=2,
    max_size=8,
)
DIRECTIVES = st.sampled_from(
    [{}, {}, {}, {"skipMoveOnUpdate": True}, {"skipIfNotEmpty": ["parent", "notes"]}]
)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_one_call_gives_what_its_rows_give_one_by_one(make_api: MakeApi, version: str) -> None:
    together, apart = make_api(), make_api()
    numbers = iter(range(10**6))
    path = f"/{version}{BY_KEY}"

    @given(before=ROWS, rows=ROWS, directives=DIRECTIVES)
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def agree(before: list[Any], rows: list[Any], directives: Any) -> None:
        example = next(numbers)
        top = {"directives": directives} if directives else {}
        before, rows = _named(before[:3], example), _named(rows, example)
        for api in (together, apart):
            for sent in before:
                send(api, [sent], path)
        one = send(together, rows, path, **top)
        each = [send(apart, [sent], path, **top)[0] for sent in rows]
        assert _told(together, one) == _told(apart, each), rows

    agree()


def _named(rows: list[Any], example: int) -> list[Any]:
    """Return rows with keys of one example."""

    def name(key: str) -> str:
        return f"{key}-{example}"

    return [
        {**sent, "sourceId": name(sent["sourceId"])}
        | (
            {"parent": {**sent["parent"], "sourceId": name(sent["parent"]["sourceId"])}}
            if "parent" in sent
            else {}
        )
        for sent in rows
    ]


def _told(api: Api, replies: list[Any]) -> Any:
    """Return the outcomes, and the parent of each company now, by keys and languages."""

    def company(id_: int | None) -> Any:
        if id_ is None:
            return None
        found = api.get(f"/v1/companies/id/{id_}", expands="sources")["data"]
        return [*((name["source"], name["sourceId"]) for name in found["sources"]), found["language"]]

    return [
        (
            {key: value for key, value in reply.items() if key != "id"},
            company(reply.get("id")),
            company(parent_of(api, reply["id"])) if "id" in reply else None,
        )
        for reply in replies
    ]
