"""Identities: externalIds that change, change back and are freed, and invisible characters in them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .client import EMAIL, PHONE, Api, Contact, person

TAKEN = "The externalId is already used by another contact."


def shown(api: Api) -> dict[int, tuple[str, str]]:
    return {c["id"]: (c["externalId"], c["firstName"]) for c in api.page(pageSize="100")}


def test_renames_in_a_batch_are_checked_in_order(api: Api) -> None:
    """The vendor's page has renames of one contact only; the rows of a batch are like calls of their own."""
    a, b = api.store(person("A"), person("B"))
    answer = api.put(
        person("B", id=a),
        person("C", id=b, firstName="First"),
        person("B", id=a, firstName="Second"),
        person("A", id=b, firstName="Third"),
    )
    assert (answer["code"], answer["data"]) == (300, [f"The [1] {TAKEN}"])
    assert shown(api) == {a: ("B", "Second"), b: ("A", "Third")}
    assert (api.get("A")["id"], api.get("B")["id"]) == (b, a)


def test_contact_that_is_renamed_and_back_is_found_by_its_external_id(api: Api) -> None:
    (a,) = api.store(person("A"))
    assert api.put(person("B", id=a), person("A", id=a, firstName="Last"))["code"] == 100
    assert shown(api) == {a: ("A", "Last")}
    assert api.store(person("B"), person("A")) != [a, a]
    assert api.get("A")["id"] == a


def test_external_id_that_a_row_frees_can_be_used_by_the_next(api: Api) -> None:
    (a,) = api.store(person("A"))
    assert api.put(person("B", id=a), person("A", firstName="Else"), status=200)["code"] == 300
    c = api.store(person("C"))[0]
    assert api.put(person("A", id=c))["code"] == 100
    assert {key for key, _ in shown(api).values()} == {"A", "B"}
    assert (api.get("A")["id"], api.get("B")["id"]) == (c, a)


@pytest.mark.parametrize("at_once", [True, False])
def test_quiet_times_stay_across_several_rows_for_a_contact(api: Api, at_once: bool) -> None:
    frames = [{"name": "Night", "days": [1], "fromHour": 20, "fromMin": 0, "toHour": 6, "toMin": 0}]
    zone = {"timezoneId": "Asia/Tokyo"}

    def items(*values: str, **more: Any) -> Contact:
        return person("A", paths=[{"pathId": EMAIL, "value": v, **more} for v in values], **zone)

    api.store(items("a@e.org", quietTimeFrames=frames))
    # One path, then another value for it, then a second path of that kind: the first keeps its quiet times.
    calls = [items("b@e.org"), items("c@e.org", "b@e.org")]
    for call in [calls] if at_once else [[one] for one in calls]:
        assert api.put(*call)["code"] == 100
    kept = {path["value"]: path.get("quietTimeFrames") for path in api.get("A")["paths"]}
    assert kept["b@e.org"] == frames


@pytest.mark.parametrize(
    "character", ["\u200b", "\ufeff", "\x01", "\u00ad", "\u3164", "\ufe0f", "\U000e0020"]
)
def test_invisible_characters_make_no_second_contact(api: Api, character: str) -> None:
    (a,) = api.store(person("A"))
    assert api.ask("POST", "/contacts/{org}/batch", [person(f"{character}A{character}")])["code"] == 100
    assert [c["id"] for c in api.page()] == [a]
    assert api.get("A")["id"] == a
    code = f"U+{ord(character):04X}"
    answer = api.put(person(f"A{character}B"), person("A"))
    assert answer["data"] == [f"The [1] externalId contains the character {code}."]
    path = {"pathId": EMAIL, "value": f"a{character}b@example.org"}
    answer = api.put(person("A", paths=[path]), status=400)
    assert answer["message"] == f"paths[0].value contains the character {code}."
    api.create("groups", name=f"Team{character}")
    assert api.page("/groups/{org}")[0]["name"] == "Team"
    assert api.put(person("A", groupsName=[f"{character}Team"]))["code"] == 100
    answer = api.ask("POST", "/groups/{org}", {"name": f"Te{character}am"}, 400)
    assert answer["message"] == f"name contains the character {code}."
    assert api.put(person("A", paths=[{"pathId": PHONE, "value": "+17815551212"}]))["code"] == 100


def test_only_one_of_concurrent_groups_of_one_name_is_created(api: Api) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.call("POST", "/groups/{org}", json={"name": "Crew"}), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    first, second = (api.create("groups", name=name) for name in ("one", "two"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda i: api.call("PUT", f"/groups/{{org}}/{(first, second)[i % 2]}", json={"name": "same"}),
                range(8),
            )
        )
    assert {answer.status_code for answer in answers} == {200, 400}
