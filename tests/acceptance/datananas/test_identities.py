"""Identities: no contacts are merged, lost or overwritten without a warning."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .client import Api
from .conftest import MakeApi
from .test_bulk import bulk, counts, finish, send

NIA = "https://linkedin.com/in/nia"
WARNING = {"field": "linkedin", "message": "belongs to another contact, and was left out"}


def emails(api: Api) -> list[str]:
    return sorted(contact["email"] for contact in api.contacts(perPage="100"))


@pytest.mark.parametrize(
    "address",
    [
        "https://www.linkedin.com/company/mill-works",
        "https://www.linkedin.com/school/mill",
        "https://www.linkedin.com",
        "https://www.linkedin.com/in/",
        "https://www.linkedin.com/in/me/",
        "https://www.linkedin.com/feed/update/urn:li:activity:1",
        "https://www.linkedin.com/pub/dir/ana/ben",
        "https://www.linkedin.com/sales/search/people",
        "https://acme.example/in/team",
        "https://linkedin.com.acme.example/in/team",
    ],
)
def test_shared_page_identifies_nobody(api: Api, address: str) -> None:
    people = [{"email": f"{name}@e.org", "firstName": name, "linkedin": address} for name in ("ana", "ben")]
    assert counts(job := bulk(api, *people)) == (2, 0, 0) and job["warnings"] == []
    later = api.create(email="cid@e.org", linkedin=address)
    assert later["linkedin"] == address
    assert api.create(linkedin=address)["_id"] != later["_id"]
    assert counts(bulk(api, *people)) == (0, 2, 0)
    shown = {contact["email"]: contact["firstName"] for contact in api.contacts()}
    assert (shown["ana@e.org"], shown["ben@e.org"]) == ("ana", "ben")


@pytest.mark.parametrize(
    "address",
    [
        "http://LINKEDIN.com/in/Ada-B%C3%BCron/",
        "https://www.linkedin.com/in/ada-bu\u0308ron?trk=x#about",
        "https://nl.linkedin.com/in/ada-b%c3%bcron/de",
        "https://m.linkedin.com/in/ada-b%C3%BCron/mobile",
        "https://touch.linkedin.com/mwlite/in/ada-b%C3%BCron%E2%80%8B",
        "https://user@www.linkedin.com:443//in//ada-b%C3%BCron/details/experience/",
    ],
)
def test_spellings_of_a_profile_are_one_contact(api: Api, address: str) -> None:
    made = api.create(linkedin="https://www.linkedin.com/in/ada-b\u00fcron")
    assert api.create(200, linkedin=address)["_id"] == made["_id"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("in/" + "%C3%A9" * 90 + "a", "in/" + "%C3%A9" * 90 + "b"),
        ("in/" + "x" * 700 + "a", "in/" + "x" * 700 + "b"),
        ("in/ACoAAB1cdEfGhIjKlMnOpQrStUv", "in/ACoAAB1cdEfGhIjKlMnOpQrStUV"),
        ("pub/ada/1/2b3/4c5", "pub/ada/1/2b3/4c6"),
        ("sales/lead/ACwAAAbcDefGhiJklMno123,NAME,a", "sales/people/ACwAAAbcDefGhiJklMno124,NAME,a"),
        ("in/ada", "pub/ada"),
    ],
)
def test_different_profiles_are_different_contacts(api: Api, one: str, other: str) -> None:
    ids = {api.create(linkedin=f"https://www.linkedin.com/{path}")["_id"] for path in (one, other)}
    assert len(ids) == 2
    assert api.create(200, linkedin=f"https://www.linkedin.com/{one}")["_id"] in ids


def test_row_with_another_email_is_a_new_contact_without_the_profile(api: Api) -> None:
    nia = api.create(email="nia@e.org", firstName="Nia", phone="1", linkedin=NIA)
    job = bulk(api, {"email": "x@e.org"}, {"email": "ben@e.org", "firstName": "Ben", "linkedin": NIA})
    assert counts(job) == (2, 0, 0) and job["errors"] == []
    assert job["warnings"] == [{"i": 1, **WARNING}]
    (ben,) = api.contacts(email="ben@e.org")
    assert (ben["firstName"], ben["phone"], ben["linkedin"]) == ("Ben", None, None)
    assert api.ask("GET", f"/contacts/{nia['_id']}")["contact"] == nia
    answer = api.ask("POST", "/contacts", {"email": "cid@e.org", "linkedin": NIA}, 201)
    assert answer["warnings"] == [{"i": 0, **WARNING}] and answer["contact"]["linkedin"] is None
    assert "warnings" not in api.ask("POST", "/contacts", {"email": "nia@e.org", "linkedin": NIA})


def test_email_and_profile_of_two_contacts_give_a_warning(api: Api) -> None:
    nia = api.create(email="nia@e.org", linkedin=NIA)
    eve = api.create(email="eve@e.org", linkedin="https://linkedin.com/in/eve")
    row = {"email": "eve@e.org", "linkedin": NIA, "city": "Delft"}
    assert (job := bulk(api, row))["warnings"] == [{"i": 0, **WARNING}] and counts(job) == (0, 1, 0)
    (after,) = api.contacts(email="eve@e.org")
    assert (after["city"], after["linkedin"]) == ("Delft", eve["linkedin"])
    assert api.ask("POST", "/contacts", row)["warnings"] == [{"i": 0, **WARNING}]
    one = f"/contacts/{eve['_id']}"
    assert api.ask("PUT", one, {"linkedin": NIA}, 409)["reason"] == "already_exists"
    assert api.create(200, linkedin=NIA)["_id"] == nia["_id"]


def test_warnings_have_the_row_of_the_call_and_not_of_its_chunk(api: Api) -> None:
    api.create(email="nia@e.org", linkedin=NIA)
    rows = [{"email": f"p{i}@e.org", **({"linkedin": NIA} if i in (7, 5_100) else {})} for i in range(5_101)]
    assert bulk(api, *rows)["warnings"] == [{"i": i, **WARNING} for i in (7, 5_100)]


@pytest.mark.parametrize("at_once", [True, False])
def test_identities_may_change_and_change_back(api: Api, at_once: bool) -> None:
    """Send the same rows in one call, and in one call each."""

    def write(*rows: dict[str, Any]) -> None:
        for call in [rows] if at_once else [(row,) for row in rows]:
            assert counts(bulk(api, *call))[2] == 0

    one = "https://linkedin.com/in/one"
    write({"linkedin": one, "firstName": "One"}, {"email": "old@e.org", "linkedin": one})
    write(
        {"linkedin": "https://linkedin.com/in/two", "email": "old@e.org"},
        {"linkedin": one, "email": "old@e.org"},
        {"linkedin": "https://linkedin.com/in/two", "firstName": "Two"},
        {"email": "old@e.org", "linkedin": "https://linkedin.com/company/acme"},
        {"linkedin": one, "firstName": "Three"},
    )
    shown = {(c["firstName"], c["email"], c["linkedin"]) for c in api.contacts()}
    assert shown == {
        ("One", "old@e.org", "https://linkedin.com/company/acme"),
        ("Two", None, "https://linkedin.com/in/two"),
        ("Three", None, one),
    }
    assert [c["firstName"] for c in api.contacts(email="old@e.org")] == ["One"]
    assert counts(bulk(api, {"email": "old@e.org"}, {"linkedin": one})) == (0, 2, 0)


def test_email_that_a_contact_no_longer_has_is_free(api: Api) -> None:
    made = api.create(email="old@e.org", firstName="Nia", linkedin=NIA)
    one = f"/contacts/{made['_id']}"
    api.ask("PUT", one, {"email": "new@e.org"})
    assert api.create(email="old@e.org", firstName="Someone")["_id"] != made["_id"]
    assert api.ask("PUT", one, {"email": "old@e.org"}, 409)["reason"] == "already_exists"
    assert api.ask("PUT", one, {"email": "NEW@e.org"})["contact"]["email"] == "NEW@e.org"
    assert emails(api) == ["NEW@e.org", "old@e.org"]


def test_row_for_another_users_contact_fails_and_does_not_affect_later_rows(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    make_datananas(ada.organization, role="user", name="bob")
    rows = [{"email": "x@e.org", "owner": "bob@example.com"}, {"email": "x@e.org", "city": "Delft"}]
    job = bulk(ada, *rows, partial="true")
    assert counts(job) == (1, 0, 1)
    assert job["errors"] == [{"i": 0, "field": "", "message": "contact_forbidden"}]
    assert [(found["city"], found["owner"]) for found in ada.contacts()] == [("Delft", ada.email)]


INVISIBLE = (
    "\x01\x1b\x7f\xad\u034f\u061c\u115f\u180e\u200b\u200d\u202a\u2060\u206f\u3164\ufe0f\ufeff\uffa0\ufff9\ufffd"
    "\U000e0020"
)


def test_invisible_characters_make_no_second_contact(api: Api) -> None:
    made = api.create(email="ada@e.org")
    ends = [{"email": f"{c}ada@e.org{c} "} for c in INVISIBLE] + [{"email": "\tADA@e.org\u00a0\n"}]
    assert counts(bulk(api, *ends)) == (0, len(ends), 0)
    inside = [{"email": f"a{c}da@e.org"} for c in INVISIBLE] + [{"linkedin": f"{NIA}{c}x"} for c in INVISIBLE]
    answer = send(api, *inside, status=400)
    assert answer["errorCount"] == len(inside)
    assert answer["errors"][3] == {"i": 3, "field": "email", "message": "contains the character U+00AD"}
    assert answer["errors"][-1]["message"] == "contains the character U+E0020"
    assert [contact["_id"] for contact in api.contacts()] == [made["_id"]]
    decomposed = api.create(email="e\u0301va@e.org")
    assert api.create(200, email="\u00c9VA@e.org")["_id"] == decomposed["_id"]


def test_lists_of_names_that_look_alike_are_one(api: Api) -> None:
    made = api.ask("POST", "/lists", {"name": "\ufeffExpo\u200b "}, 201)["list"]
    assert made["name"] == "Expo"
    assert api.ask("POST", "/lists", {"name": "Expo\u2060"}, 409)["reason"] == "already_exists"
    job = finish(api, send(api, {"email": "a@e.org"}, a_list={"name": "Expo\u200b"})["uuid"])
    assert job["listId"] == made["_id"]
    error = api.ask("POST", "/lists", {"name": "Ex\u200bpo"}, 400)["errors"][0]
    assert error == {"field": "name", "message": "contains the character U+200B"}
    for name in ("\u260e\ufe0f Calls", "\u0645\u06cc\u200c\u062e", "\U0001f469\u200d\U0001f692"):
        assert api.ask("POST", "/lists", {"name": name}, 201)["list"]["name"] == name


def test_concurrent_calls_with_the_same_new_list_share_it(api: Api) -> None:
    for number in range(3):
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(
                    lambda i: send(api, {"email": f"p{i}@e.org"}, a_list={"name": f"Night {number}"}),  # noqa: B023
                    range(8),
                )
            )
        assert len({answer["listId"] for answer in answers}) == 1
        assert [finish(api, answer["uuid"])["state"] for answer in answers] == ["ended"] * 8
    assert len(api.ask("GET", "/lists")["lists"]) == 3
    with ThreadPoolExecutor(8) as pool:
        made = [
            response.status_code
            for response in pool.map(lambda _: api.call("POST", "/lists", json={"name": "Once"}), range(8))
        ]
    assert sorted(made) == [201] + [409] * 7


def test_contacts_that_are_changed_concurrently_are_found_by_their_values(api: Api) -> None:
    """Each e-mail belongs to one contact in the end, whichever call came last."""
    ids = [api.create(email=f"p{i}@e.org")["_id"] for i in range(4)]

    def rename(number: int) -> int:
        one = f"/contacts/{ids[number % 4]}"
        return api.call("PUT", one, json={"email": f"p{number % 5}@e.org"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(rename, range(24))) <= {200, 409}
    for contact in api.contacts():
        assert [found["_id"] for found in api.contacts(email=contact["email"])] == [contact["_id"]]
