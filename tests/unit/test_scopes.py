"""The rights that scopes give, and that fewer scopes never give more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.dialects.datananas import SCOPES as OFFERED
from contactory.dialects.datananas import Datananas
from contactory.dialects.everbridge import Everbridge
from contactory.dialects.propeller import Propeller
from contactory.model.caller import Actor, Caller
from contactory.model.scopes import SCOPES, narrowed, read_scopes, unknown

ACTS = sorted({scope.removesuffix(":own").removesuffix(":company") for scope in SCOPES} - {"*"})


def caller(*scopes: str, role: str = "manager", user_id: int | None = 7) -> Caller:
    return Caller(1, user_id, None, frozenset(scopes), role)


def test_every_endpoint_requires_an_existing_scope() -> None:
    for dialect in (Propeller(default_language="NL", max_rows=1), Datananas(), Everbridge()):
        assert {endpoint.scope for endpoint in dialect.endpoints} <= set(SCOPES)
    assert set(OFFERED) <= set(SCOPES)


@pytest.mark.parametrize("text", [None, "", " ", "\t\n", "\xa0", "\u2003\u3000", " \x1f\x85"])
def test_blank_scope_counts_as_none(text: str | None) -> None:
    assert read_scopes(text) == []


def test_scopes_are_separated_by_any_white_space() -> None:
    assert read_scopes("a\u2003b\xa0c\n a") == ["a", "b", "c"]
    assert unknown(["*", "contacts:read:own", "companies:read:own", "nonsense"]) == [
        "companies:read:own",
        "nonsense",
    ]


def test_without_scopes_nothing_is_allowed() -> None:
    assert not any(caller().may(act) or caller().reaches_all(act) for act in ACTS)
    assert caller().actor_for("contacts:read") == Actor(1, False, 7, 7)


@pytest.mark.parametrize(
    ("who", "asked", "expected"),
    [
        (caller("*"), "contacts:read", Actor(1)),
        (caller("*", role="user"), "contacts:read", Actor(1, False, 7, 7)),
        (caller("contacts:read:company", role="user"), "contacts:read", Actor(1)),
        (caller("contacts:read:own"), "contacts:read", Actor(1, False, 7, 7)),
        (caller("contacts:read:own", user_id=None), "contacts:read", Actor(1, False, 0, 0)),
        (caller("contacts:write", "lists:write:own"), "contacts:write", Actor(1, True, None, 7)),
        (caller("contacts:write:own", "lists:write"), "contacts:write", Actor(1, False, 7, None)),
        (caller("*", "contacts:read:own"), "contacts:read", Actor(1, False, 7, None)),
        (caller("companies:read", "contacts:read:own"), "companies:read", Actor(1, True, 7, None)),
    ],
)
def test_reach_follows_from_scope_and_role(who: Caller, asked: str, expected: Actor) -> None:
    assert who.actor_for(asked) == expected


@given(st.data(), st.sets(st.sampled_from(SCOPES), min_size=1), st.sampled_from(["manager", "user"]))
def test_fewer_scopes_never_allow_more(data: st.DataObject, consent: set[str], role: str) -> None:
    asked = data.draw(st.sets(st.sampled_from(sorted(consent)), min_size=1))
    given = narrowed(sorted(asked), sorted(consent))
    allowed, refreshed = caller(*consent, role=role), caller(*given, role=role)
    for act in ACTS:
        assert allowed.may(act) or not refreshed.may(act)
        assert allowed.reaches_all(act) or not refreshed.reaches_all(act)
