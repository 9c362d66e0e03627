"""Attribute values inside bulk rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from .client import Api, row

TYPES = ("text", "list", "enum", "enumlist", "integer", "decimal", "date", "datetime", "color")


def value(name: str, type_: str, *given: Any) -> dict[str, Any]:
    """Return a value of an attribute; without one it is deleted."""
    named: dict[str, Any] = {"class": "user", "name": name, "type": type_}
    return named | ({"value": given[0]} if given else {})


def values(api: Api, source_id: int | str) -> dict[str, Any]:
    found = api.get(f"/contacts/sourceId/{source_id}/attributes", offset="100")["data"]
    return {each["name"]: each["value"] for each in found}


@pytest.fixture
def ids(api: Api) -> dict[str, int]:
    """Define an attribute of every type, named after its type."""
    rows = [{"name": type_.upper(), "class": "user", "type": type_} for type_ in TYPES]
    replies = api.post("/attributes/bulk/name", rows)["data"]
    return {reply["key"]: reply["id"] for reply in replies}


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("text", "v"),
        ("text", ""),
        ("text", [{"language": "NL", "value": "groot"}, {"language": "EN", "value": "big"}]),
        ("list", ["a", "b"]),
        ("list", [{"language": "NL", "value": ["a", "b"]}]),
        ("enum", "A"),
        ("enumlist", ["A", "B"]),
        ("integer", 5),
        ("integer", -(2**62)),
        ("integer", "5"),
        ("integer", 10**30),
        ("decimal", 5.25),
        ("decimal", "5.25"),
        ("decimal", 5),
        ("date", "2021-01-31"),
        ("datetime", "2021-01-31T10:00:00Z"),
        ("color", "#00ff00"),
    ],
)
@pytest.mark.usefixtures("ids")
def test_every_type_keeps_its_values(api: Api, type_: str, given: Any) -> None:
    api.store(row(1, attributes=[value(type_.upper(), type_, given)]))
    assert values(api, 1) == {type_.upper(): given}


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("text", 5),
        ("text", True),
        ("text", {"a": 1}),
        ("enum", ["A"]),
        ("integer", "five"),
        ("integer", 5.5),
        ("integer", True),
        ("decimal", "5,5"),
        ("decimal", []),
        ("date", "31/02/2021"),
        ("datetime", 5),
    ],
)
@pytest.mark.usefixtures("ids")
def test_value_of_another_type_fails_its_row(api: Api, type_: str, given: Any) -> None:
    api.store(row(1, firstName="Nella"))
    wrong = [value("ENUMLIST", "enumlist", ["A"]), value(type_.upper(), type_, given)]
    known, new, other = api.send(row(1, firstName="Orla", attributes=wrong), row(2, attributes=wrong), row(3))
    assert known["error"] == new["error"] == f"Invalid value provided. Attribute type is [{type_}]."
    assert (known["action"], known["success"], "id" in known) == ("update", False, False)
    assert (new["action"], new["success"], other["success"]) == ("create", False, True)
    assert (api.count(), api.contact(1)["firstName"], values(api, 1)) == (2, "Nella", {})


@pytest.mark.parametrize("given", ["1e5000", "1e999999999", "9" * 5000, 10**40], ids=lambda g: str(g)[:12])
@pytest.mark.usefixtures("ids")
def test_number_of_any_size_is_stored_or_fails_its_row(api: Api, given: Any) -> None:
    for type_ in ("integer", "decimal"):
        reply, other = api.send(row(1, attributes=[value(type_.upper(), type_, given)]), row(2))
        assert other["success"]
        assert reply["success"] or reply["error"].endswith(f"type is [{type_}].")


@pytest.mark.usefixtures("ids")
def test_type_in_a_row_must_be_that_of_the_attribute(api: Api) -> None:
    (reply,) = api.send(row(1, attributes=[value("TEXT", "list", "v")]))
    assert reply["error"] == "Invalid value provided. Attribute type is [text]."


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"class": "user", "name": "NONE"}, "name [NONE]"),
        ({"class": "product", "name": "TEXT"}, "name [TEXT]"),
        ({"class": "user", "name": "text"}, "name [text]"),
        ({"id": 999_999_999}, "id [999999999]"),
        ({"id": 999_999_999, "class": "user", "name": "TEXT"}, "id [999999999]"),
        ({"id": 0}, "id [0]"),
        ({"id": -1}, "id [-1]"),
        ({"id": 10**20}, f"id [{10**20}]"),
    ],
)
@pytest.mark.usefixtures("ids")
def test_undefined_attribute_fails_its_row(api: Api, named: Any, said: str) -> None:
    failed, taken = api.send(row(1, attributes=[{**named, "type": "text", "value": "v"}]), row(2))
    assert (failed["error"], failed["success"]) == (f"Attribute with {said} not found.", False)
    assert (taken["success"], api.count()) == (True, 1)


def test_id_of_an_attribute_counts_before_its_name(api: Api, ids: dict[str, int]) -> None:
    given: Sequence[Any] = [
        {"id": ids["TEXT"], "type": "text", "value": "by id"},
        {"id": ids["INTEGER"], "class": "user", "name": "TEXT", "type": "integer", "value": 5},
    ]
    api.store(row(1, attributes=given))
    assert values(api, 1) == {"TEXT": "by id", "INTEGER": 5}


@pytest.mark.usefixtures("ids")
def test_absent_values_stay_and_an_attribute_without_a_value_is_deleted(api: Api) -> None:
    api.store(row(1, attributes=[value("TEXT", "text", "null"), value("INTEGER", "integer", 5)]))
    api.store(row(1), row(1, attributes=[]), row(1, attributes=[value("DECIMAL", "decimal", 1.5)]))
    assert values(api, 1) == {"TEXT": "null", "INTEGER": 5, "DECIMAL": 1.5}
    api.store(row(1, attributes=[value("INTEGER", "integer"), value("LIST", "list")]))
    assert values(api, 1) == {"TEXT": "null", "DECIMAL": 1.5}


@pytest.mark.usefixtures("ids")
def test_values_of_several_rows_for_a_contact_are_merged_in_order(api: Api) -> None:
    api.store(
        row(1, attributes=[value("TEXT", "text", "a"), value("INTEGER", "integer", 1)]),
        row(1, attributes=[value("INTEGER", "integer", 2), value("ENUM", "enum", "A")]),
        row(1, attributes=[value("TEXT", "text"), value("ENUM", "enum", "A"), value("ENUM", "enum", "B")]),
    )
    assert values(api, 1) == {"INTEGER": 2, "ENUM": "B"}
