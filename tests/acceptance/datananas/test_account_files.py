"""`contactory datananas import-account` and `export-account`: lists and contacts move with their ids."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contactory.accounts import importing
from tests.acceptance.everbridge.account_files import Command, lines

from .client import Api
from .conftest import MakeApi

HOT = {"_id": "000000000000000000abcdef", "name": "Hot leads", "owner": None}
COLD = {"_id": "000000000000000000abcdee", "name": "Cold leads", "contacts": 0}


def contact(number: int, **fields: Any) -> dict[str, Any]:
    shown = {"_id": f"{0x5F0000 + number:024x}", "list": HOT["_id"], "email": f"lead{number}@example.com"}
    rest = {"firstName": "Noor", "vars": {"score": number}, "owner": None, "linkedin": None, "source": "crm"}
    return shown | rest | {"collectedAt": "2024-03-01T00:00:00.000Z"} | fields


def lists(*given: Any) -> dict[str, Any]:
    return {"lists": [*given], "page": {"page": 1, "pages": 1, "total": len(given)}}


def contacts(*given: Any, total: int | None = None) -> dict[str, Any]:
    count = len(given) if total is None else total
    return {"contacts": [*given], "page": {"page": 1, "pages": 1, "total": count}}


@pytest.fixture
def command(server_database: str) -> Command:
    return Command(server_database)


def counts(created: int = 0, updated: int = 0, unchanged: int = 0, failed: int = 0) -> dict[str, int]:
    return {"created": created, "updated": updated, "unchanged": unchanged, "failed": failed}


def shown(api: Api) -> Any:
    return api.contacts(perPage=100), api.ask("GET", "/lists")["lists"]


def test_an_account_moves_with_its_ids_and_twice_changes_nothing(api: Api, command: Command) -> None:
    nameless = contact(3, email=None, firstName="Only an id")
    file = lines(contacts(contact(1), contact(2, list=None), nameless, total=4), lists(HOT, COLD))
    report = command.read(api.organization, file, api="datananas").report
    assert (report["lists"], report["contacts"]) == (counts(created=2), counts(created=3))
    assert report["notes"] == ["The file has 3 of 4 contacts that its answers tell of."]
    found, known = shown(api)
    assert [(one["_id"], one["list"]) for one in found] == [
        (contact(1)["_id"], HOT["_id"]),
        (contact(2)["_id"], None),
        (nameless["_id"], HOT["_id"]),
    ]
    assert {one["_id"]: one["name"] for one in known} == {
        HOT["_id"]: "Hot leads",
        COLD["_id"]: "Cold leads",
    }
    report = command.read(api.organization, file, api="datananas").report
    assert (report["lists"], report["contacts"]) == (counts(unchanged=2), counts(unchanged=3))
    moved = lines(contacts(contact(1, list=COLD["_id"], firstName="Nora")))
    assert command.read(api.organization, moved, api="datananas").report["contacts"] == counts(updated=1)
    assert shown(api)[0][0]["list"] == COLD["_id"]


def objects(answers: Any) -> list[tuple[str, Any]]:
    names = ("lists", "contacts")
    return [(name, each) for one in answers for name in names for each in one.get(name, ())]


@pytest.mark.parametrize(
    "form",
    [
        lambda *answers: json.dumps(answers),
        lambda *answers: "".join(map(json.dumps, answers)),
        lambda *answers: lines(*(each for _, each in objects(answers))),
        lambda *answers: lines(*({name[:-1]: each} for name, each in objects(answers))),
    ],
)  # fmt: skip
def test_other_forms_of_the_file(api: Api, command: Command, form: Any) -> None:
    file = form(lists(HOT, COLD), contacts(contact(1), contact(2)))
    report = command.read(api.organization, file, api="datananas").report
    assert (report["lists"], report["contacts"]) == (counts(created=2), counts(created=2))


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (lines(lists(HOT), contacts(contact(1)))[:-9], "cut off"),
        (lines(lists(HOT, HOT | {"name": "Other"})), "the _id is also that of line 1, answer 1, record 1"),
        (lines(lists(HOT, COLD | {"name": "Hot leads"})), "the name is also that of line 1, answer 1,"),
        (lines(lists(HOT | {"_id": "7"})), "_id is not a text of 24 hexadecimal digits"),
        (lines(lists(HOT | {"name": " "})), "is not a text of 1 to 200 characters"),
        (lines(lists(HOT | {"owner": "x@example.com"})), "owner is no user of the organization"),
        (lines({"statusCode": 401, "reason": "invalid_token"}), "an error that the vendor answered: 401"),
        (lines({"jobs": []}), "answer 1 is not of lists, contacts, users"),
        (lines({"contacts": [5]}), "has a record 1 that is no object"),
    ],
)  # fmt: skip
def test_a_file_that_is_refused_as_a_whole(api: Api, command: Command, file: str, reason: str) -> None:
    errors = command.refuse(api.organization, file, api="datananas")
    assert any(reason in error for error in errors), errors
    assert "Nothing was written" in errors[-1]
    assert shown(api) == ([], [])


def test_contacts_that_are_refused_are_named(api: Api, command: Command) -> None:
    wrong = [
        (contact(11, list=f"{77:024x}"), "list is no list of the organization"),
        (contact(12, owner="x@example.com"), "owner"),
        (contact(13, _id="7"), "_id is not a text of 24 hexadecimal digits"),
        (contact(14, _id=contact(1)["_id"]), "the _id is that of another contact"),
        (contact(15, email=contact(1)["email"]), "the contact is here with another _id"),
        (contact(16, email="nobody"), "email"),
    ]
    file = lines(lists(HOT), contacts(contact(1), *(one for one, _ in wrong), contact(2)))
    done = command.read(api.organization, file, code=3, api="datananas")
    assert done.report["contacts"] == counts(created=2, failed=len(wrong))
    by_record = {error.split(": ")[0]: error for error in done.errors}
    for place, (_, reason) in enumerate(wrong):
        assert reason in by_record[f"line 2, answer 2, record {place + 2}"]
    assert len(shown(api)[0]) == 2


def test_an_export_is_the_same_account_again(
    api: Api, make_datananas: MakeApi, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_datananas()
    monkeypatch.setattr("contactory.dialects.datananas.accounts._PAGE", 3)
    monkeypatch.setattr(importing, "SLICE_ROWS", 2)
    people = [contact(number, **({"email": None} if number == 4 else {})) for number in range(7)]
    command.read(api.organization, lines(lists(HOT, COLD), contacts(*people)), api="datananas")
    exported = command.write(api.organization, api="datananas")
    assert [len(one["contacts"]) for one in exported if "contacts" in one] == [3, 3, 1]
    report = command.read(other.organization, lines(*exported), api="datananas").report
    assert report["contacts"] == counts(created=7)
    moments = {"createdAt", "updatedAt"}

    def without(shown: Any) -> Any:
        return [{name: one[name] for name in one.keys() - moments} for part in shown for one in part]

    assert without(shown(other)) == without(shown(api))
