"""The identity of a row: source, sourceId and language."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from .client import Api, row

SEVERAL = "Multuple contacts found. Please provide additional filters"


def test_number_and_its_text_are_one_key_and_returned_as_sent(api: Api) -> None:
    replies = api.send(row(3002196), row("3002196"))
    assert [reply["key"] for reply in replies] == [3002196, "3002196"]
    assert [reply["action"] for reply in replies] == ["create", "update"]
    assert replies[0]["id"] == replies[1]["id"]
    assert api.contact(3002196, expands="sources")["sources"] == [{"source": "CRM", "sourceId": "3002196"}]


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 10**40])
def test_any_integer_is_a_key(api: Api, number: int) -> None:
    (reply,) = api.send(row(number))
    assert (reply["action"], reply["key"]) == ("create", number)
    assert api.store(row(str(number))) == [reply["id"]]


def test_keys_and_sources_are_compared_exactly(api: Api) -> None:
    rows = [row(key) for key in ("a", "A", " a", "a ", "7", "07", "é", "e\u0301", "a:b?#%&=+")]
    rows += [row("a", source=source) for source in ("crm", "CRM ", "ERP", "ERP é")]
    assert len(set(api.store(*rows))) == len(rows) == api.count()


def test_key_may_have_500_characters(api: Api) -> None:
    longest = "\N{SNOWMAN}" * 500
    assert api.store(row(longest), row(1, source=longest))
    for sent, field in ((row(f"{longest}x"), "sourceId"), (row(2, source=f"{longest}x"), "source")):
        failed, taken = api.send(sent, row(3))
        assert (failed["success"], failed["key"], taken["success"]) == (False, sent["sourceId"], True)
        assert failed["error"] == f"Invalid value [{longest[:40]}...] for field [{field}]"


def test_number_with_too_many_digits_fails_its_row(api: Api) -> None:
    failed, taken = api.send(row(10**500), row(1))
    assert (failed["success"], failed["key"], taken["success"]) == (False, 10**500, True)


def test_row_in_another_language_is_another_contact(api: Api) -> None:
    dutch, german = api.store(row(1, language="NL"), row(1, language="DE"))
    assert dutch != german
    assert api.store(row(1, language="DE", firstName="Nella")) == [german]
    assert api.contact(1, language="NL")["firstName"] == ""
    assert api.contact(1, language="DE")["firstName"] == "Nella"


def test_language_is_compared_without_case(api: Api) -> None:
    (id_,) = api.store(row(1, language="De"))
    assert api.store(row(1, language="de")) == [id_]
    assert api.contact(1)["language"] == "DE"


def test_new_contact_without_a_language_gets_the_default_one(api: Api) -> None:
    (id_,) = api.store(row(1))
    assert api.contact(1)["language"] == "NL"
    assert api.store(row(1, language="NL")) == [id_]


def test_row_without_a_language_updates_the_only_contact_in_its_language(api: Api) -> None:
    (id_,) = api.store(row(1, language="DE"))
    assert api.store(row(1, firstName="Nella")) == [id_]
    assert (api.contact(1)["language"], api.count()) == ("DE", 1)


def test_row_without_a_language_updates_the_one_in_the_default_language(api: Api) -> None:
    _, dutch = api.store(row(1, language="DE"), row(1, language="NL"))
    assert api.store(row(1, firstName="Nella")) == [dutch]
    assert api.contact(1, language="DE")["firstName"] == ""


def test_row_without_a_language_fails_if_several_contacts_match(api: Api) -> None:
    ids = api.store(row(1, language="DE"), row(1, language="FR"))
    before, failed, after = api.send(row(0), row(1, firstName="Nella"), row("1", source="ERP"))
    assert (failed["error"], failed["success"], failed["key"]) == (SEVERAL, False, 1)
    assert "id" not in failed
    assert (before["success"], after["success"]) == (True, True)
    assert [api.get(f"/contacts/id/{id_}")["data"]["firstName"] for id_ in ids] == ["", ""]


def test_rows_find_records_that_earlier_rows_have_created(api: Api) -> None:
    replies = api.send(
        row(1, language="DE"),
        row(1, firstName="Nella"),  # the only one so far
        row(1, language="NL"),
        row(1, firstName="Orla"),  # now there are two, one of them in the default language
        row(2, language="DE"),
        row(2, language="FR"),
        row(2),  # neither of these is in the default language
    )
    assert [reply["action"] for reply in replies[:4]] == ["create", "update", "create", "update"]
    german, german_too, dutch, dutch_too = (reply["id"] for reply in replies[:4])
    assert (german, dutch) == (german_too, dutch_too)
    assert api.contact(1, language="DE")["firstName"] == "Nella"
    assert api.contact(1, language="NL")["firstName"] == "Orla"
    assert replies[6]["error"] == SEVERAL


def test_v2_identifies_contacts_by_source_and_source_id_only(api: Api) -> None:
    def send(version: str, language: str) -> Any:
        rows = [row(1, language=language)]
        return api.post(f"/{version}/contacts/bulk/sourceId", {"contacts": rows})["data"][0]

    first = send("v2", "EN")
    assert first["action"] == "create"
    for version, language in (("v2", "NL"), ("v2", "DE"), ("v1", "EN")):
        assert send(version, language) == first | {"action": "update"}
    new = {"source": "CRM", "sourceId": 1, "language": "IT"}
    assert api.error(50004, "POST", "/v2/contacts", json=new)
    assert send("v1", "FR")["action"] == "create"
    assert send("v2", "EN")["id"] == first["id"]
    assert api.post("/v1/contacts", new, 201)["data"]["id"] != first["id"]


def test_v2_accepts_sources_instead_of_source_and_source_id(api: Api) -> None:
    def send(**fields: Any) -> httpx.Response:
        return api.call("POST", "/v2/companies/bulk/sourceId", json={"companies": [fields]})

    named = send(sources=[{"name": "MY_ERP", "id": "1032644"}], language="NL", name="Acme").json()["data"]
    assert (named[0]["action"], named[0]["key"]) == ("create", "1032644")
    plain = send(source="MY_ERP", sourceId=1032644, language="NL").json()["data"]
    assert (plain[0]["action"], plain[0]["id"]) == ("update", named[0]["id"])
    for wrong in ([], [{"name": "A"}], [{"name": "A", "id": 1}] * 2, "x"):
        assert send(sources=wrong).json()["error"]["code"] == 10007
    assert send(sources=[{"name": "A", "id": 1}], source="B").json()["error"]["code"] == 10007
    assert send(sources=[{"name": "", "id": 1}]).json()["error"]["code"] == 10007


@pytest.mark.parametrize("character", ["\u200b", "\ufeff", "\x01", "\x7f", "\u00ad", "\u3164", "\U000e0020"])
def test_invisible_characters_make_no_second_contact(api: Api, character: str) -> None:
    (known,) = api.store(row("A"))
    at_ends = row(f"{character}A{character}", source=f"CRM{character}")
    assert api.store(at_ends, at_ends) == [known, known]
    assert api.contact(f"A{quote(character)}")["id"] == known
    first, second = api.send(row(f"A{character}B"), row("A", source=f"C{character}RM"))
    escape = character.encode("unicode_escape").decode()
    assert first["error"] == f"Invalid value [A{escape}B] for field [sourceId]"
    assert second["error"] == f"Invalid value [C{escape}RM] for field [source]"
    assert api.refused(row("B", email=f"a{character}da@example.org")) == [
        f"#/contacts/0/email: [a{character}da@example.org] is not a valid email address"
    ]
    company = {"source": "CRM", "sourceId": "Acme", "language": "NL"}
    api.store_companies(company)
    assert api.store(row("A", parent={"source": "CRM", "sourceId": f"Acme{character}"})) == [known]
    assert api.count() == 1
