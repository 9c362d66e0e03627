"""The demo's persons: they are stable, diverse, and valid for the endpoints."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from contactory.demo.people import attribute_definitions, companies, contacts
from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.everit import violations

MANY = contacts(3000)


def test_number_always_gives_the_same_person() -> None:
    assert contacts(3000) == MANY
    assert contacts(10, first=1990) == MANY[1990:2000]
    assert contacts(10, first=1990, revision=0, everyone=True) == MANY[1990:2000]


def test_no_two_persons_have_the_same_key() -> None:
    assert len({str(row["sourceId"]) for row in MANY}) == len(MANY)


def test_revision_changes_exactly_a_tenth() -> None:
    for revision in (1, 2, 7):
        revised = contacts(3000, revision=revision)
        changed = [(before, after) for before, after in zip(MANY, revised, strict=True) if before != after]
        assert len(changed) == 300
        for before, after in changed:
            different = {key for key in after if before.get(key) != after[key]}
            expected = {"lastName", "phone", *({"attributes"} & set(after))}
            assert different == expected
    assert contacts(3000, revision=1) != contacts(3000, revision=2)


def test_revision_of_everyone_changes_everyone() -> None:
    revised = contacts(3000, revision=1, everyone=True)
    assert all(before != after for before, after in zip(MANY, revised, strict=True))


@pytest.mark.parametrize("revision", [0, 3])
def test_all_rows_are_valid_for_their_endpoints(revision: int) -> None:
    rows = contacts(500, revision=revision, everyone=True)
    assert violations(schemas.CONTACTS.by_source_id, {"contacts": rows}) == []
    assert violations(schemas.COMPANIES.by_source_id, {"companies": companies()}) == []
    assert violations(schemas.ATTRIBUTE_DEFINITIONS_BULK, attribute_definitions()) == []


def test_parents_and_attributes_exist() -> None:
    known = {(row["source"], row["sourceId"]) for row in companies()}
    named = {(row["parent"]["source"], row["parent"]["sourceId"]) for row in MANY if "parent" in row}
    assert named == known
    assert len(known) == 50
    defined = {(row["class"], row["name"], row["type"]) for row in attribute_definitions()}
    used = {
        (value["class"], value["name"], value["type"]) for row in MANY for value in row.get("attributes", ())
    }
    assert used == defined


def test_names_are_of_many_scripts_and_forms() -> None:
    letters = set("".join(row["firstName"] + row["lastName"] for row in MANY))
    scripts = {unicodedata.name(letter).split()[0] for letter in letters if letter.isalpha()}
    assert scripts >= {
        *("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "CJK", "HIRAGANA", "KATAKANA"),
        *("HANGUL", "DEVANAGARI", "THAI"),
    }
    assert letters >= set("'’- .")
    assert any(unicodedata.combining(letter) for letter in letters)
    assert any(ord(letter) > 0xFFFF for letter in letters)


def test_values_come_in_many_forms() -> None:
    def kinds(key: str) -> set[Any]:
        return {type(row[key]) if key in row else None for row in MANY}

    assert kinds("sourceId") == {str, int}
    assert kinds("debtorId") == {str, int, None}
    assert {len(row.get("title", "")) for row in MANY} >= {0, 200}
    for key in ("middleName", "title", "dateOfBirth", "email", "mobile", "pricelistPercentage"):
        assert "" in {row.get(key) for row in MANY} or key == "mobile"
    for key in ("middleName", "gender", "dateOfBirth", "email", "phone", "mobile", "abbreviation"):
        assert any(key not in row for row in MANY)
    assert {row.get("gender") for row in MANY} == {"m", "M", "f", "F", "u", "U", None}
    assert {row.get("dateOfBirth", "")[2:3] == "/" for row in MANY} == {True, False}
    assert {row["phone"][:1] for row in MANY if "phone" in row} == {"+", "0", "("}


def test_rows_are_as_long_as_in_real_life() -> None:
    size = len(json.dumps(MANY, ensure_ascii=False).encode()) / len(MANY)
    assert 400 <= size <= 480
    assert 0.15 < sum("parent" in row for row in MANY) / len(MANY) < 0.25
    assert 0.28 < sum("attributes" in row for row in MANY) / len(MANY) < 0.39
