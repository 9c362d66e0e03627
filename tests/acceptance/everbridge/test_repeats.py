"""Batches that are sent again, as a nightly sync does: what is the same stays, what differs comes back."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.dialects.everbridge.rows import FEWEST_ROWS
from contactory.model.limits import MOST_NAMES

from .client import EMAIL, Api, Contact, person

PEOPLE = 100
assert PEOPLE > FEWEST_ROWS
GOOD = {"message": "OK", "code": 100}


def people(**fields: Any) -> list[Contact]:
    """Make more contacts than are read at once, each with a path."""
    return [
        person(f"p{number}", paths=[{"pathId": EMAIL, "value": f"p{number}@example.com"}], **fields)
        for number in range(PEOPLE)
    ]


def test_a_batch_that_is_sent_again_changes_nothing(api: Api) -> None:
    api.create("groups", name="Field")
    sent = people(groupsName=["Field"], vip=True)
    assert api.ask("POST", "/contacts/{org}/batch", sent) == GOOD
    before = api.page(pageSize=PEOPLE)
    assert len(before) == PEOPLE
    for method, id_type in (("POST", "id"), ("PUT", "id"), ("PUT", "externalId")):
        assert api.ask(method, "/contacts/{org}/batch", sent, idType=id_type) == GOOD
        assert api.page(pageSize=PEOPLE) == before


@pytest.mark.parametrize(
    ("field", "value", "back"), [("suffix", "Jr.", None), ("vip", True, False), ("firstName", "Mia", "Nella")]
)
def test_what_was_changed_in_between_is_written_again(api: Api, field: str, value: Any, back: Any) -> None:
    sent = people()
    api.ask("POST", "/contacts/{org}/batch", sent)
    operation = {"op": "add", "path": f"/{field}", "value": value}
    api.ask("PATCH", "/contacts/{org}/p7", [operation], idType="externalId")
    assert api.get("p7")[field] == value
    others = api.get("p8")
    assert api.ask("POST", "/contacts/{org}/batch", sent) == GOOD
    assert api.get("p7").get(field) == back
    assert api.get("p8") == others


def test_members_who_were_taken_out_of_a_group_are_put_back(api: Api) -> None:
    group = api.create("groups", name="Field")
    sent = people(groups=[group])
    api.ask("POST", "/contacts/{org}/batch", sent)
    api.ask("DELETE", "/groups/{org}/contacts", ["p3", "p4"], groupId=group, idType="externalId")
    assert api.get("p3")["groups"] == []
    assert api.ask("POST", "/contacts/{org}/batch", sent) == GOOD
    assert api.get("p3")["groups"] == api.get("p5")["groups"] == [group]


def test_rows_that_name_a_group_that_is_renamed_are_judged_anew(api: Api) -> None:
    group = api.create("groups", name="Field")
    sent = people(groupsName=["Field"])
    api.ask("POST", "/contacts/{org}/batch", sent)
    api.ask("PUT", f"/groups/{{org}}/{group}", {"name": "Yard"})
    answer = api.ask("POST", "/contacts/{org}/batch", sent, 400)
    assert len(answer["data"]) == PEOPLE
    assert answer["data"][1] == "The [2] groups[0] [Field] is not a group of the organization."
    api.ask("PUT", f"/groups/{{org}}/{group}", {"name": "Field"})
    assert api.ask("POST", "/contacts/{org}/batch", sent) == GOOD


def test_a_record_type_that_is_deleted_is_missed(api: Api) -> None:
    guest = api.create("recordTypes", name="Guest")
    sent = [contact | {"recordTypeName": "Guest"} for contact in people()]
    api.ask("POST", "/contacts/{org}/batch", sent)
    api.ask("DELETE", f"/recordTypes/{{org}}/{guest}")
    answer = api.ask("POST", "/contacts/{org}/batch", sent, 300)
    assert answer["message"] == "The p0 recordType not found in org."
    assert len(answer["data"]) == PEOPLE


def test_rows_that_are_new_wrong_and_repeated_are_told_apart(api: Api) -> None:
    sent = people()
    api.ask("POST", "/contacts/{org}/batch", sent)
    mixed = [sent[0] | {"firstName": ""}, *sent[1:], person("new", suffix="Sr."), sent[5] | {"suffix": "Jr."}]
    answer = api.ask("POST", "/contacts/{org}/batch", mixed)
    assert answer["code"] == 300 and answer["data"] == ["The [1] firstName is required."]
    assert api.get("new")["suffix"] == "Sr." and api.get("p5")["suffix"] == "Jr."
    assert api.get("p0")["firstName"] == "Nella"
    unknown = api.put(*sent, person("nobody"), idType="externalId")
    assert unknown["data"] == [f"The [{PEOPLE + 1}] Unable to find contact nobody"] or "nobody" in str(
        unknown
    )


def test_rows_of_the_wrong_shape_refuse_a_batch_that_else_repeats(api: Api) -> None:
    sent = people()
    api.ask("POST", "/contacts/{org}/batch", sent)
    before = api.page(pageSize=PEOPLE)
    changed = [sent[0] | {"suffix": "Jr."}, *sent[1:-1], sent[-1] | {"firstName": ["Nella"]}]
    answer = api.ask("POST", "/contacts/{org}/batch", changed, 400)
    assert f"[{PEOPLE}] firstName is array" in answer["message"]
    assert api.page(pageSize=PEOPLE) == before


def test_a_directory_with_more_entries_than_are_compared(api: Api) -> None:
    for number in range(110):
        api.create("groups", name=f"G{number}")
    sent = people(groupsName=["G1", "G109"])
    for _ in range(2):
        assert api.ask("POST", "/contacts/{org}/batch", sent) == GOOD
        assert len(api.get("p9")["groups"]) == 2


def test_refused_rows_name_as_much_as_a_call_may(api: Api) -> None:
    api.ask("POST", "/contacts/{org}/batch", people())
    rest = people()[1:]
    most = MOST_NAMES - 1  # beside the record type
    names = [f"G{number}" for number in range(most + 1)]
    rows = [person(f"x{place}", groupsName=names[place * 500 : (place + 1) * 500]) for place in range(20)]
    answer = api.ask(
        "POST", "/contacts/{org}/batch", [*rows[:-1], rows[-1] | {"groupsName": names[9500:most]}, *rest]
    )
    assert answer["code"] == 300 and len(answer["data"]) == 20
    answer = api.ask("POST", "/contacts/{org}/batch", [*rows, *rest], 400)
    assert answer["message"] == f"The call names more than {MOST_NAMES} groups, attributes and record types."
