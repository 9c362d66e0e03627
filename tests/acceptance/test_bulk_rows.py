"""The fields that a row writes and leaves, and rows that fail."""

from __future__ import annotations

from typing import Any

import pytest

from .client import BULK, Api, row

BAD_DATE = "Invalid value [31/02/1993] for field [dateOfBirth]"

TEXTS = (
    *("firstName", "middleName", "lastName", "abbreviation", "title", "ssn", "phone", "mobile", "email"),
    *("primaryLanguage", "pricelistAmount", "pricelistPercentage", "debtorId"),
)


@pytest.mark.parametrize(
    ("sent", "born"),
    [
        ("28/08/1993", "August, 28 1993"),
        ("8/2/1993", "February, 08 1993"),
        ("29/02/2000", "February, 29 2000"),
        ("1993-08-28", "August, 28 1993"),
        ("1993-08-28T23:30:00", "August, 28 1993"),
        ("1993-08-28T23:30:00Z", "August, 28 1993"),
        ("1993-08-28T23:30:00.250-05:00", "August, 28 1993"),
        ("01/01/0001", "January, 01 0001"),
        ("31/12/9999", "December, 31 9999"),
    ],
)
def test_date_of_birth_is_accepted_in_several_formats(api: Api, sent: str, born: str) -> None:
    api.store(row(1, dateOfBirth=sent))
    assert api.contact(1)["dateOfBirth"] == f"{born} 00:00:00 +0000"


@pytest.mark.parametrize("sent", ["29/02/1900", "1993-13-01", "28-08-1993", "28/08/93", "yesterday", " "])
def test_invalid_date_fails_its_row(api: Api, sent: str) -> None:
    failed, taken = api.send(row(1, dateOfBirth=sent), row(2))
    assert (failed["success"], taken["success"]) == (False, True)
    assert failed["error"] == f"Invalid value [{sent}] for field [dateOfBirth]"


@pytest.mark.parametrize("sent", "MmFfUu")
def test_gender_is_accepted_in_either_case(api: Api, sent: str) -> None:
    api.store(row(1, gender=sent))
    assert api.contact(1)["gender"] == sent.upper()


def test_absent_fields_stay(api: Api) -> None:
    given: dict[str, Any] = dict.fromkeys(TEXTS, "x") | {"email": "nella@example.com"}
    api.store(row(1, **given, gender="F", dateOfBirth="28/08/1993"))
    before = api.contact(1)
    api.store(row(1), row(1, phone="x"))
    assert api.contact(1) == before
    api.store(row(1, firstName="Orla"), row(2))
    after = api.contact(1)
    expected = {"firstName": "Orla", "name": "Orla x x", "dateModified": after["dateModified"]}
    assert after == before | expected


def test_empty_text_clears_a_field(api: Api) -> None:
    api.store(row(1))
    before = api.contact(1)
    given: dict[str, Any] = dict.fromkeys(TEXTS, "x") | {"email": "nella@example.com"}
    api.store(row(1, **given, dateOfBirth="28/08/1993"))
    api.store(row(1, **dict.fromkeys(TEXTS, ""), dateOfBirth=""))
    assert api.contact(1) | {"dateModified": ""} == before | {"dateModified": ""}


def test_rows_for_one_contact_are_applied_in_their_order(api: Api) -> None:
    replies = api.send(
        row(1, firstName="Nella", phone="1", dateOfBirth="28/08/1993"),
        row(2, firstName="Tibo"),
        row("1", firstName="Orla", lastName="Vosk"),
        row(1, lastName="", dateOfBirth=""),
    )
    assert [reply["action"] for reply in replies] == ["create", "create", "update", "update"]
    assert replies[0]["id"] == replies[2]["id"] == replies[3]["id"]
    found = api.contact(1)
    assert (found["firstName"], found["lastName"], found["phone"]) == ("Orla", "", "1")
    assert found["dateOfBirth"] == ""
    api.store(row(1, firstName="A", mobile="1"), row(1, firstName="B"), row(1, mobile="2"))
    assert (api.contact(1)["firstName"], api.contact(1)["mobile"]) == ("B", "2")


def test_failing_row_does_not_affect_the_others(api: Api) -> None:
    (known,) = api.store(row("known", firstName="Nella"))
    reply = api.post(
        BULK,
        {
            "contacts": [
                row("first"),
                row(5, dateOfBirth="31/02/1993"),
                row("known", firstName="Orla", dateOfBirth="31/02/1993"),
                row("last"),
            ]
        },
    )
    first, new, old, last = reply["data"]
    failure = {"error": BAD_DATE, "lookupKey": "sourceId", "success": False}
    assert new == {"action": "create", "key": 5} | failure
    assert old == {"action": "update", "key": "known"} | failure
    assert (first["success"], last["success"]) == (True, True)
    assert (reply["messages"], reply["total"]) == (["Completed"], 4)
    assert (api.contact("known")["id"], api.contact("known")["firstName"]) == (known, "Nella")
    assert api.error(50006, "GET", "/contacts/sourceId/5") == ["Contact with sourceId [5] not found"]


def test_rows_for_a_contact_are_written_without_the_failed_ones(api: Api) -> None:
    bad = row(1, dateOfBirth="31/02/1993", lastName="Vosk")
    replies = api.send(bad, row(1, firstName="Nella"), bad, row(1, firstName="Orla"))
    assert [reply["success"] for reply in replies] == [False, True, False, True]
    assert [reply["action"] for reply in replies] == ["create", "create", "update", "update"]
    assert (api.contact(1)["name"], api.count()) == ("Orla", 1)


def test_all_rows_may_fail(api: Api) -> None:
    replies = api.send(*(row(number, dateOfBirth="x") for number in range(3)))
    assert [reply["success"] for reply in replies] == [False] * 3
    assert api.count() == 0
