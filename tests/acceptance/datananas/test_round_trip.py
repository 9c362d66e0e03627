"""Contacts that were read can be written back by every call that writes, and nothing changes."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactory.dialects.datananas.names import FIELDS

from .client import Api
from .conftest import MakeApi
from .test_bulk import bulk, counts

EXAMPLES = int(os.environ.get("CONTACTORY_EXAMPLES", "20"))

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "collectedAt": st.sampled_from(
        ["2020-05-05", "1999-12-31T23:59:59.999999+05:30", "2024-02-29T00:00:00Z", "2020-01-01 10:00:00"]
    ),
    "linkedin": st.integers(0, 10**9).map(lambda n: f"https://www.linkedin.com/in/p-{n}"),
    "owner": st.sampled_from(["boss@example.com", "ADA@example.com"]),
    "vars": st.dictionaries(_TEXT, _VALUE, max_size=4),
    "email": st.integers(0, 10**9).map(lambda n: f"P.{n}@Example.org"),
}
_OTHER = _TEXT | st.integers() | st.floats(-1e6, 1e6)
_CONTACT = st.fixed_dictionaries(
    {}, optional={name: _VALUES.get(name, _OTHER) for name in FIELDS} | {"list": st.just({"name": "Expo"})}
)


@pytest.fixture(scope="module")
def team(make_datananas: MakeApi) -> Api:
    boss = make_datananas(role="manager", name="boss")
    make_datananas(boss.organization, role="user", name="ada")
    return boss


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(contact=_CONTACT, order=st.randoms(use_true_random=False), keys=st.sets(st.sampled_from(["list"])))
def test_contact_that_was_read_can_be_sent_back(
    team: Api, contact: dict[str, Any], order: random.Random, keys: set[str]
) -> None:
    response = team.call("POST", "/contacts", json=contact)
    assert response.status_code in (200, 201), response.text
    one = f"/contacts/{response.json()['contact']['_id']}"
    read = team.ask("GET", one)["contact"]
    again = [(key, value) for key, value in read.items() if key not in keys]
    order.shuffle(again)
    assert team.ask("PUT", one, dict(again))["contact"] == read
    assert team.ask("POST", "/contacts", dict(again), 200)["contact"] == read
    if EXAMPLES > 20 or order.random() < 0.5:
        assert counts(bulk(team, dict(again), replaceOwner="true", moveExisting="true")) == (0, 1, 0)
        assert team.ask("GET", one)["contact"] == read
    whole = team.ask("GET", one, projectionFields="list,owner")["contact"]
    assert team.ask("PUT", one, whole)["contact"] == read


def test_contacts_without_email_and_profile_are_recognised_by_id(api: Api) -> None:
    """They come in a call of several chunks, among new rows."""
    bulk(api, {"city": "Delft"}, {"city": "Breda"}, {"email": "x@example.org"})
    read = api.contacts()
    new: list[dict[str, Any]] = [{"_id": f"{2**60:024x}", "city": "Rome"}, {"_id": 7, "city": "Rome"}]
    assert counts(bulk(api, *[{"zip": "1"}] * 5000, *read, *new)) == (5002, 3, 0)
    assert api.contacts(city="Delft") + api.contacts(city="Breda") == read[:2]


@pytest.mark.parametrize(
    ("row", "collected"),
    [
        ({"createdAt": "2020-05-05"}, "2020"),
        ({"collected_at": None, "createdAt": "2020-05-05"}, "20"),
        ({"collectedAt": "2019-05-05", "createdAt": "2020-05-05"}, "2019"),
        ({"createdAt": "2020-05-05", "collected": "2019-05-05"}, "2019"),
    ],
)
def test_created_at_is_the_day_of_collection_if_there_is_no_other(
    api: Api, row: dict[str, Any], collected: str
) -> None:
    made = api.create(email="ada@example.org", **row)
    assert made["collectedAt"].startswith(collected)
    if collected == "20":
        assert made["collectedAt"][:10] == made["createdAt"][:10]
    changed = api.ask("PUT", f"/contacts/{made['_id']}", {"createdAt": "2001-01-01"})
    assert changed["contact"]["collectedAt"] == made["collectedAt"]


def _pairs() -> list[tuple[str, str, str]]:
    """Return (field, name of higher rank, name of lower rank) for neighbours in the order of names.py."""
    texts = (item for item in FIELDS.items() if item[0] not in ("collectedAt", "owner", "vars", "linkedin"))
    return [
        (name, more, less)
        for name, (_, others) in texts
        for more, less in zip((name, *others), others, strict=False)
    ]


def test_of_several_names_of_a_field_the_first_counts(api: Api) -> None:
    """The order of keys does not matter: one call has all neighbours in both orders."""
    rows: list[dict[str, Any]] = []
    expected = []
    for name, more, less in _pairs():
        for turn in (False, True):
            first, second = f"first{len(rows)}@example.org", "second@example.org"
            row = {less: second, more: first} if turn else {more: first, less: second}
            rows.append(row)
            expected.append((name, first))
    assert counts(bulk(api, *rows)) == (len(rows), 0, 0)
    found = api.contacts(perPage=1000)
    assert [contact[name] for contact, (name, _) in zip(found, expected, strict=True)] == [
        first for _, first in expected
    ]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"position": "CTO", "title": "Dr."}, {"position": "CTO"}),
        ({"title": "Dr.", "position": "CTO"}, {"position": "CTO"}),
        ({"title": "Dr.", "position": ""}, {"position": "Dr."}),
        ({"title": "Dr.", "position": None}, {"position": "Dr."}),
        ({"position": "  ", "job": "x", "TITLE": "Dr."}, {"position": "Dr."}),
        ({"FIRST_NAME": "B", "first-name": "C", "firstName": "A"}, {"firstName": "A"}),
        ({"mail": "other@example.org", "email": "main@example.org"}, {"email": "main@example.org"}),
    ],
)
def test_canonical_name_of_a_field_counts_before_others(
    api: Api, row: dict[str, Any], shown: dict[str, Any]
) -> None:
    for sent in (row, dict(reversed(row.items()))):
        made = api.ask("PUT", f"/contacts/{api.create(city='Delft')['_id']}", sent)["contact"]
        assert {name: made[name] for name in shown} == shown
        api.ask("DELETE", f"/contacts/{made['_id']}", status=204)
