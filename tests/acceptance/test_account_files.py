"""`contactory propeller import-account` and `export-account`: an account moves with its ids."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from contactory.accounts import importing

from .client import Api, MakeApi
from .everbridge.account_files import Command, Done, lines
from .everbridge.client import Api as Everbridge
from .everbridge.client import person
from .server import Server

COLOR = {"class": "user", "id": 85, "name": "COLOR", "type": "text", "group": "", "isSearchable": False}
SIZE = {"class": "company", "id": 86, "name": "SIZE", "type": "integer", "value": ""}
HOLDING: dict[str, Any] = {
    "company": "Holding",
    "debtorId": "12345",
    "id": 9482,
    "name": "Holding",
    "sources": [{"source": "ERP", "sourceId": "1032644"}],
    "taxNumber": "NL1",
}
BRANCH = {"cocNumber": "7", "company": "Branch", "id": 9481, "name": "Branch", "parent": HOLDING}
MILES: dict[str, Any] = {
    "abbreviation": "MM",
    "attributes": [{"class": "user", "id": 85, "inherited": False, "name": "COLOR", "type": "text",
                    "value": "red"}],
    "dateCreated": "2023-05-23T11:35:59",
    "dateOfBirth": "August, 28 1993 00:00:00 +0000",
    "email": "miles@example.com",
    "fax": "",
    "firstName": "Miles",
    "gender": "M",
    "id": 25492,
    "language": "NL",
    "lastName": "Marsh",
    "login": "miles@example.com",
    "name": "Miles Marsh",
    "parent": BRANCH,
    "sources": [{"source": "CRM", "sourceId": "3002196"}, {"source": "SHOP", "sourceId": "77"}],
}  # fmt: skip


def contact(number: int, **fields: Any) -> dict[str, Any]:
    sources = [{"source": "CRM", "sourceId": f"c{number}"}]
    return {"id": 500 + number, "firstName": "Noor", "gender": "U", "sources": sources, **fields}


def page(*records: Any, total: int | None = None) -> dict[str, Any]:
    """Answer as a search does."""
    found = len(records) if total is None else total
    shown = {"data": [*records], "end": len(records), "itemsFound": found, "messages": [], "offset": 12}
    return shown | {"page": 1, "pages": 1, "start": 1, "total": len(records)}


def one(record: Any) -> dict[str, Any]:
    """Answer as a GET call does."""
    return {"data": record, "messages": [], "total": 1}


ACCOUNT = ({"contacts": page(MILES)}, page(BRANCH, HOLDING), one(COLOR), one(SIZE))


@pytest.fixture
def command(server_database: str) -> Command:
    return Command(server_database)


def read(command: Command, api: Api, file: str | bytes, *, code: int = 0) -> Done:
    return command.read(api.organization, file, code=code, api="propeller")


def counts(created: int = 0, updated: int = 0, unchanged: int = 0, failed: int = 0) -> dict[str, int]:
    return {"created": created, "updated": updated, "unchanged": unchanged, "failed": failed}


def shown(api: Api) -> list[Any]:
    """Everything that searches show, and the attribute values of each record."""
    found: list[Any] = []
    for resource in ("companies", "contacts", "customers"):
        body = {"offset": 100}
        records = api.post(f"/{resource}/search?expands=sources,parent", body)["data"]
        for record in records:
            values = api.get(f"/{resource}/id/{record['id']}/attributes")["data"]
            found.append((resource, without_moments(record), values))
    return found


def without_moments(record: dict[str, Any]) -> dict[str, Any]:
    left = {key: value for key, value in record.items() if key not in ("dateCreated", "dateModified")}
    return left | ({"parent": without_moments(left["parent"])} if "parent" in left else {})


def test_an_account_moves_with_its_ids_and_twice_changes_nothing(api: Api, command: Command) -> None:
    report = read(command, api, lines(*ACCOUNT)).report
    assert report["attributes"] == report["companies"] == counts(created=2)
    assert (report["contacts"], report["customers"]) == (counts(created=1), counts())
    assert api.get("/attributes/id/85")["data"]["name"] == "COLOR"
    miles = api.get("/contacts/id/25492", expands="sources,parent")["data"]
    assert miles["sources"] == MILES["sources"]
    assert (miles["parent"]["id"], miles["login"]) == (BRANCH["id"], MILES["login"])
    assert miles["dateOfBirth"] == MILES["dateOfBirth"]
    assert api.get("/contacts/id/25492/attributes")["data"] == MILES["attributes"]
    assert api.get("/companies/sourceId/1032644")["data"]["id"] == HOLDING["id"]
    assert api.get("/companies/id/9481", expands="parent")["data"]["parent"]["id"] == HOLDING["id"]
    before = shown(api)
    again = command("propeller", "import-account", "-", "--org", api.organization, stdin=lines(*ACCOUNT))
    assert (again.code, again.output.splitlines()) == (
        0,
        [
            "attributes: 0 created, 0 updated, 2 unchanged, 0 failed",
            "companies: 0 created, 0 updated, 2 unchanged, 0 failed",
            "contacts: 0 created, 0 updated, 1 unchanged, 0 failed",
            "customers: 0 created, 0 updated, 0 unchanged, 0 failed",
            "values: 0 created, 0 updated, 0 unchanged, 0 failed",
        ],
    )
    assert shown(api) == before


def test_a_changed_file_changes_what_it_says(api: Api, command: Command) -> None:
    read(command, api, lines(*ACCOUNT))
    changed = {"id": MILES["id"], "firstName": "Mila", "parent": {"id": HOLDING["id"]}, "gender": "F"}
    file = lines(one(COLOR | {"group": "Looks"}), {"contacts": [changed]})
    report = read(command, api, file).report
    assert report["attributes"] == report["contacts"] == counts(updated=1)
    miles = api.get("/contacts/id/25492", expands="parent")["data"]
    assert (miles["firstName"], miles["lastName"], miles["parent"]["id"]) == ("Mila", "Marsh", HOLDING["id"])
    assert api.get("/attributes/id/85")["data"]["group"] == "Looks"


def _records(*answers: Any) -> list[tuple[str, Any]]:
    miles, companies, color, size = answers
    records = [("companies", each) for each in companies["data"]]
    return [
        *(("contacts", each) for each in miles["contacts"]["data"]),
        *records,
        ("attributes", color["data"]),
        ("attributes", size["data"]),
    ]


def _by_resource(answers: Any, form: Callable[[list[Any]], Any]) -> dict[str, Any]:
    given: dict[str, list[Any]] = {}
    for name, record in _records(*answers):
        given.setdefault(name, []).append(record)
    return {name: form(records) for name, records in given.items()}


FORMS: dict[str, Callable[..., str]] = {
    "answers one after another": lambda *answers: "".join(map(json.dumps, answers)),
    "an array of answers": lambda *answers: json.dumps(answers),
    "records by their resources": lambda *answers: json.dumps(_by_resource(answers, lambda each: each)),
    "pages by their resources": lambda *answers: json.dumps(
        _by_resource(answers, lambda each: page(*each)), indent=1
    ),
    "arrays of pages": lambda *answers: lines(_by_resource(answers, lambda each: [page(*each), page()])),
    "single records": lambda *answers: lines(
        *({name: one(each)} for name, each in _records(*answers))
    ),
    "bare objects": lambda *answers: lines(
        *({name: each} if name == "contacts" else each for name, each in _records(*answers))
    ),
    "sources of v2": lambda *answers: lines(*answers).replace('"source":', '"name":').replace(
        '"sourceId":', '"id":'
    ),
    "attributes of v2": lambda *answers: lines(*answers[:2]) + lines(*answers[2:]).replace(
        '"class"', '"attributeClass"'
    ).replace('"value"', '"defaultValue"'),
}  # fmt: skip


def test_all_forms_of_a_file_are_the_same_account(api: Api, command: Command) -> None:
    read(command, api, lines(*ACCOUNT))
    for form, make in FORMS.items():
        report = read(command, api, make(*ACCOUNT)).report
        unchanged = [report[name]["unchanged"] for name in ("attributes", "companies", "contacts")]
        assert unchanged == [2, 2, 1], form


def test_values_that_stand_apart_from_their_record(api: Api, command: Command) -> None:
    value = {key: part for key, part in MILES["attributes"][0].items() if key != "inherited"}
    texts = [{"language": "NL", "value": "rood"}, {"language": "EN", "value": "red"}]
    own = value | {"value": [text | {"inherited": text["language"] == "EN"} for text in texts]}
    above = value | {"id": 90, "value": [text | {"inherited": True} for text in texts]}
    values = page(own, above, value | {"id": 86, "inherited": True, "type": "integer", "value": 5})
    errors = command.refuse(api.organization, lines(page(own)), api="propeller")
    assert "answer 1 has values of a record that it does not name" in errors[0]
    file = lines(
        {"contacts": {"id": 501, "attributes": values}},
        {"contacts": page(contact(1))},
        one(COLOR),
        {"customers": {"id": 7, "attributes": values}},
    )
    done = read(command, api, file, code=3)
    assert (done.report["contacts"], done.report["values"]) == (
        counts(created=1),
        counts(updated=1, failed=1),
    )
    assert done.errors == ["line 4, answer 4, record 1: values of customer 7: there is no such customer."]
    assert [value["value"] for value in api.get("/contacts/id/501/attributes")["data"]] == [texts[:1]]
    assert shown(api)[0][0] == "contacts"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (lines(*ACCOUNT)[:-3], "line 4 of -: ends in the middle of a document: it is cut off."),
        (lines(page(contact(1))), 'answer 1 has a record 1 that may be a contact or a customer: put the'
         ' answer under the name of its resource, as {"contacts": ..} or {"customers": ..}.'),
        (lines(page(MILES["attributes"][0])), "answer 1 has values of a record that it does not name: put"
         ' them under it, as {"contacts": {"id": 1, "attributes": ..}}.'),
        (lines({"attributes": [COLOR], "id": 5}), "answer 1 has [id] beside [attributes]: put the"),
        (lines({"error": {"code": 10015, "messages": ["Pagination not properly initialized"]}}),
         "answer 1 is an error that the vendor answered: 10015 ['Pagination not properly initialized']."),
        (lines({"fault": {"faultstring": "Invalid access token"}}), "answered: Invalid access token."),
        (lines(page({"sku": 5})), "answer 1 has a record 1 that is not of attributes, companies, contacts,"),
        (lines({"contacts": page(contact(1), 7)}), "answer 1 has a record 2 that is no object."),
        (lines(*ACCOUNT, 5), "line 5 of -: answer 5 is no object."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    api: Api, command: Command, file: str, reason: str
) -> None:
    errors = command.refuse(api.organization, file, api="propeller")
    assert reason in errors[-1] and "Nothing was written" in errors[-1]
    assert shown(api) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ([COLOR, COLOR | {"name": "OTHER"}], "the id is also that of line 1, answer 1, record 1."),
        ([COLOR, COLOR | {"id": 90}], "the name is also that of line 1, answer 1, record 1."),
        ([SIZE, COLOR | {"id": "85"}], "attribute 85 (COLOR): id is not a whole number."),
        ([SIZE, {key: value for key, value in COLOR.items() if key != "id"}], "id is required."),
        ([SIZE, COLOR | {"id": 2**53}], "id [9007199254740992] is not between 1 and 9007199254740991."),
        ([SIZE, COLOR | {"type": "sound"}], "attribute 85 (COLOR): type: sound is not a valid enum value"),
        ([SIZE, COLOR | {"name": "a b"}], "name: string [a b] does not match pattern"),
        ([SIZE, COLOR | {"name": "KNOWN"}], "(KNOWN): id [85] is not the one that the attribute has here."),
        ([SIZE, COLOR | {"id": 77}], "attribute 77 (COLOR): id [77] is that of another attribute."),
        ([SIZE, COLOR | {"id": 77, "name": "KNOWN", "type": "enum"}],
         "attribute 77 (KNOWN): type is not the one that the attribute has here: text."),
    ],
)  # fmt: skip
def test_definitions_are_made_all_or_none(api: Api, command: Command, wrong: list[Any], reason: str) -> None:
    read(command, api, lines(one(COLOR | {"id": 77, "name": "KNOWN"})))
    file = lines({"attributes": wrong}, {"contacts": page(contact(1))})
    errors = command.refuse(api.organization, file, api="propeller")
    assert errors[0].startswith("line 1, answer 1, record 2: attribute") and reason in errors[0], errors
    assert errors[-1] == "contactory: Nothing was written: 1 records cannot be taken."
    assert shown(api) == []
    assert api.call("GET", "/attributes/id/86").status_code == 404


def test_records_that_are_refused_are_named_and_cost_no_others(api: Api, command: Command) -> None:
    crm = {"source": "CRM", "sourceId": "c1"}
    values = {"class": "user", "type": "text", "value": "x"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"parent": {"id": 4}}, "Parent resource [Company] with id [4] not found"),
        ({"attributes": [values | {"id": 99}]}, "Attribute with id [99] not found."),
        ({"attributes": [values | {"id": 86, "type": "integer"}]},
         "attribute with id [86]: Invalid value provided. Attribute type is [integer]."),
        ({"id": 501}, "id [501] is that of another contact."),
        ({"id": "x"}, "contact x (c104): id is not a whole number"),
        ({"id": 0}, "id [0] is not between 1 and 9007199254740991."),
        ({"id": 10**30}, f"id [{10**30}] is not between 1 and 9007199254740991."),
        ({"sources": [crm]}, "sourceId [c1] of source [CRM] is that of another contact."),
        ({"sources": [{"source": "NEW", "sourceId": "1"}, crm]}, "sourceId [c1] of source [CRM] is that of"),
        ({"sources": [7]}, "sources/0 is not an object of source and sourceId"),
        ({"dateOfBirth": "yesterday"}, "Invalid value [yesterday] for field [dateOfBirth]"),
        ({"email": "nobody"}, "email: [nobody] is not a valid email address"),
        ({"gender": "X"}, "gender: X is not a valid enum value"),
        ({"firstName": 7}, "firstName: expected type: String, found: Integer"),
        ({"firstName": "a\0"}, "firstName: a text cannot hold the character U+0000"),
        ({"login": "a\u200bb"}, "Invalid value [a\\u200bb] for field [login]"),
        ({"login": 5}, "login: expected type: String"),
        ({"ssn": "123"}, "Field [ssn] cannot be stored: no encryption key that fits"),
        ({"pricing": {}}, "pricing: required key [products] not found"),
    ]  # fmt: skip
    given = [contact(100 + place) | fields for place, (fields, _) in enumerate(wrong)]
    file = lines(one(SIZE), {"contacts": page(contact(1), *given, contact(2))})
    done = read(command, api, file, code=3)
    by_record = {error.split(": ")[0]: error for error in done.errors}
    for place, (fields, reason) in enumerate(wrong):
        found = by_record.get(f"line 2, answer 2, record {place + 2}", "")
        assert reason in found and ": contact " in found, (fields, found, done.errors)
    assert done.report["contacts"] == counts(created=2, failed=len(wrong))
    assert [record["id"] for _, record, _ in shown(api)] == [501, 502]


def test_an_id_that_stands_twice_is_one_record_if_a_source_is_the_same(api: Api, command: Command) -> None:
    both = [{"source": "NEW", "sourceId": "1"}, *contact(1)["sources"]]
    file = lines({"contacts": page(contact(1), contact(1, title="Dr."), contact(1, sources=both))})
    assert read(command, api, file).report["contacts"] == counts(created=1, updated=2)
    record = api.get("/contacts/id/501", expands="sources")["data"]
    assert (record["title"], [each["sourceId"] for each in record["sources"]]) == ("Dr.", ["c1", "1"])
    other = lines({"contacts": page({"id": 501, "title": "Ms."}, contact(2, id=501), contact(2))})
    done = read(command, api, other, code=3)
    assert done.report["contacts"] == counts(created=1, updated=1, failed=1)
    assert done.errors == [
        "line 1, answer 1, record 2: contact 501 (c2): id [501] is that of another contact."
    ]


def test_an_id_that_another_api_has_given_is_not_taken_over(
    api: Api, everbridge: Everbridge, command: Command
) -> None:
    everbridge.store(person("A-1"))
    ((_, before, _),) = shown(api)
    anna = before["id"]
    done = read(command, api, lines({"contacts": page(contact(1, id=anna))}), code=3)
    assert done.errors[0].endswith(f"contact {anna} (c1): id [{anna}] is that of another contact.")
    assert [record for _, record, _ in shown(api)] == [before]


def company(number: int, parent: int = 0) -> dict[str, Any]:
    above = {"parent": {"id": parent}} if parent else {}
    return {"id": number, "name": f"C{number}", "company": f"C{number}", **above}


def parents(api: Api) -> dict[int, int]:
    companies = [record for resource, record, _ in shown(api) if resource == "companies"]
    return {record["id"]: record.get("parent", {}).get("id", 0) for record in companies}


def test_companies_may_stand_before_their_parents(
    api: Api, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE_ROWS", 3)
    chain = [company(10, 9), company(9, 8), company(8, 7), company(7, 6), company(6, 5), company(5, 1)]
    tree = [company(2, 1), company(3, 4), *chain, company(4, 1), company(1)]
    done = read(command, api, lines(page(*tree)))
    assert done.report["companies"] == counts(created=len(tree))
    assert parents(api) == {each["id"]: each.get("parent", {}).get("id", 0) for each in tree}
    added = [company(21, 20), company(20, 3), company(31, 30), company(40, 41), company(41, 40)]
    done = read(command, api, lines(page(*added)), code=3)
    assert done.report["companies"] == counts(created=2, failed=3)
    assert parents(api) | {20: 3, 21: 20} == parents(api)


def test_so_many_companies_wait_for_their_parent_and_no_more(
    api: Api, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contactory.dialects.propeller.company_order.MOST_HELD_BACK", 2)
    assert read(command, api, lines(page(company(2, 1), company(3, 1), company(1)))).code == 0
    monkeypatch.setattr(importing, "SLICE_ROWS", 1)
    late = lines(page(company(12, 11), company(13, 11), company(14, 11), company(11)))
    assert read(command, api, late, code=3).report["companies"] == counts(created=1, failed=3)
    assert read(command, api, late).report["companies"] == counts(created=3, unchanged=1)


def test_a_deep_chain_of_companies(api: Api, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactory.dialects.propeller.moved_writes.MOST_PARENTS", 3)
    chain = [company(number, number - 1) for number in range(1, 12)]
    done = read(command, api, lines(page(company(1), *chain[1:])))
    assert done.report["companies"] == counts(created=11)
    assert parents(api) == {number: number - 1 for number in range(1, 12)}


def test_a_dry_run_says_what_would_happen_and_writes_nothing(api: Api, command: Command) -> None:
    taken = contact(3, sources=[{"source": "NEW", "sourceId": "1"}, {"source": "CRM", "sourceId": "c1"}])
    file = lines(*ACCOUNT, {"contacts": page(contact(1), taken, contact(2))})
    words = ("--org", api.organization, "--json", "--dry-run")
    done = command("propeller", "import-account", "-", *words, stdin=file)
    assert (done.code, done.report["contacts"]) == (3, counts(created=3, failed=1))
    assert done.report["notes"] == ["Nothing was written: this was a dry run."]
    assert shown(api) == []
    assert read(command, api, file, code=3).report["contacts"] == counts(created=3, failed=1)


def test_a_file_that_lacks_records_is_noted(api: Api, command: Command) -> None:
    file = lines({"contacts": page(contact(1), total=2)}, page(company(1), total=1))
    assert read(command, api, file).report["notes"] == [
        "The file has 1 of 2 contacts that its answers tell of."
    ]


@pytest.fixture
def with_key(server: Server, server_database: str) -> Command:
    """The command with the key of the server."""
    key = base64.b64encode((server.data_dir / "secret.key").read_bytes()).decode()
    return Command(server_database, SECRET_KEY=key)


def test_an_export_is_the_same_account_again(
    api: Api, make_api: MakeApi, with_key: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contactory.dialects.propeller.exports.PAGE", 3)
    people = [contact(number, ssn=f"n{number}", parent={"id": 9481}) for number in range(7)]
    pricing = {"products": [{"id": 5, "pricing": {"type": "net", "price": 2.5}}]}
    buyer = contact(1, addresses=[{"city": "Breda"}], pricing=pricing, attributes=MILES["attributes"])
    numbered = [COLOR | {"id": 200 + number, "name": f"A{number}"} for number in range(4)]
    read(with_key, api, lines(*ACCOUNT, {"contacts": people}, {"customers": buyer}, *map(one, numbered)))
    exported = with_key.write(api.organization, api="propeller")
    sizes = [(name, len(answer["data"])) for each in exported for name, answer in each.items()]
    contacts = [size for name, size in sizes if name == "contacts"]
    assert (contacts, sizes[:2]) == ([3, 3, 2], [("attributes", 3), ("attributes", 3)])
    other = make_api()
    report = read(with_key, other, lines(*exported)).report
    assert (report["contacts"], report["customers"]) == (counts(created=8), counts(created=1))
    assert shown(other) == shown(api)
    assert [api.get(f"/attributes/id/{id_}") for id_ in (85, 86, 203)] == [
        other.get(f"/attributes/id/{id_}") for id_ in (85, 86, 203)
    ]
    assert {record.get("ssn") for _, record, _ in shown(other)} >= {"n0", "n6"}
    assert with_key.write(other.organization, api="propeller") == _moved(exported, other)


def _moved(exported: list[Any], api: Api) -> list[Any]:
    """The same answers with the moments at which records were made again."""
    for answer in exported:
        for resource, shown in answer.items():
            for record in shown["data"] if resource != "attributes" else ():
                now = api.get(f"/{resource}/id/{record['id']}")["data"]
                record |= {name: now[name] for name in ("dateCreated", "dateModified")}
    return exported


def test_an_export_without_the_key_is_refused(api: Api, command: Command) -> None:
    api.store({"source": "CRM", "sourceId": 1, "ssn": "123"})
    done = command("propeller", "export-account", "--org", api.organization)
    assert (done.code, done.output) == (1, "")
    assert done.errors[0].startswith("contactory: There are personal numbers in the database, and no secret")
