"""`contactory everbridge import-account` and `export-account`: an account moves with its numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from contactory.accounts import importing

from .account_files import Command, Record, answer, lines
from .client import Api

RECORD_TYPE: Record = {
    "id": 892807736729062,
    "name": "Employee",
    "recordType": "DEFAULT",
    "status": "A",
    "organizationId": 7001,
}
ATTRIBUTE: Record = {
    "id": 333156318183509,
    "name": "optout",
    "dataType": "STRING",
    "displayFormat": "L",
    "definedValues": ["Yes", "No"],
    "organizationId": 7001,
}
# Its confirmType is none of the words in the vendor's document.
EMAIL: Record = {
    "confirmType": "CARRIER",
    "id": 1323816294812872,
    "pathId": 241901148045316,
    "prompt": "Work e-mail",
    "pathType": "EMAIL",
    "type": "EMAIL",
    "seq": 1,
    "organizationId": 7001,
}
SMS: Record = EMAIL | {
    "id": 1323816294812873,
    "pathId": 4402341478419001,
    "prompt": "Alert SMS",
    "pathType": "SMS",
    "type": "SMS",
    "seq": 2,
}
CHILD: Record = {"id": 4402341478404, "name": "Night shift", "parentId": 4402341478403}
PARENT: Record = {"id": 4402341478403, "name": "Field", "parentId": -1}
ANNA: Record = {
    "id": 509370236403885,
    "organizationId": 7001,
    "externalId": "A-1",
    "firstName": "Anna",
    "lastName": "Marsh",
    "recordTypeId": RECORD_TYPE["id"],
    "groups": [CHILD["id"]],
    "paths": [
        {"pathId": EMAIL["pathId"], "value": "anna@example.com", "waitTime": 0},
        {"pathId": SMS["pathId"], "value": "2025550143", "countryCode": "US", "waitTime": 0},
    ],
    "contactAttributes": [{"orgAttrId": ATTRIBUTE["id"], "name": "optout", "values": ["No"]}],
    "createdDate": 1592496719297,
}
BEN: Record = ANNA | {"id": 509370236403886, "externalId": "B-2", "firstName": "Ben", "groups": []}

DEFINITIONS = (
    answer("recordTypes", RECORD_TYPE),
    answer("contactAttributes", ATTRIBUTE),
    answer("contactPaths", EMAIL, SMS),
    answer("groups", CHILD, PARENT),
)
ACCOUNT = (*DEFINITIONS, answer("contacts", ANNA, BEN))


@pytest.fixture
def command(server_database: str) -> Command:
    return Command(server_database)


def counts(created: int = 0, updated: int = 0, unchanged: int = 0, failed: int = 0) -> dict[str, int]:
    return {"created": created, "updated": updated, "unchanged": unchanged, "failed": failed}


def test_an_account_moves_with_its_numbers(api: Api, command: Command) -> None:
    report = command.read(api.organization, lines(*ACCOUNT)).report
    assert report["recordTypes"] == report["contactAttributes"] == counts(created=1)
    assert report["contactPaths"] == counts(created=1, updated=1)
    assert report["groups"] == report["contacts"] == counts(created=2)
    assert [(type_["id"], type_["recordType"]) for type_ in api.page("/recordTypes/{org}")] == [
        (RECORD_TYPE["id"], "DEFAULT")
    ]
    assert [attribute["id"] for attribute in api.page("/contactAttributes/{org}")] == [ATTRIBUTE["id"]]
    assert [(path["pathId"], path["prompt"], path["seq"]) for path in api.page("/contactPaths/{org}")] == [
        (EMAIL["pathId"], "Work e-mail", 1),
        (SMS["pathId"], "Alert SMS", 2),
    ]
    groups = {group["id"]: group["parentId"] for group in api.page("/groups/{org}")}
    assert groups == {CHILD["id"]: PARENT["id"], PARENT["id"]: -1}
    anna = api.get("A-1")
    assert (anna["id"], anna["recordTypeId"], anna["groups"]) == (
        ANNA["id"],
        RECORD_TYPE["id"],
        [CHILD["id"]],
    )
    assert [(path["pathId"], path["value"]) for path in anna["paths"]] == [
        (path["pathId"], path["value"]) for path in ANNA["paths"]
    ]
    assert anna["contactAttributes"] == ANNA["contactAttributes"]


def test_a_second_time_changes_nothing_and_a_changed_file_changes_what_it_says(
    api: Api, command: Command
) -> None:
    command.read(api.organization, lines(*ACCOUNT))
    again = command("everbridge", "import-account", "-", "--org", api.organization, stdin=lines(*ACCOUNT))
    assert (again.code, again.output.splitlines()) == (
        0,
        [
            "recordTypes: 0 created, 0 updated, 1 unchanged, 0 failed",
            "contactAttributes: 0 created, 0 updated, 1 unchanged, 0 failed",
            "contactPaths: 0 created, 0 updated, 2 unchanged, 0 failed",
            "groups: 0 created, 0 updated, 2 unchanged, 0 failed",
            "contacts: 0 created, 0 updated, 2 unchanged, 0 failed",
            f"The file is of organization 7001, and was read into {api.organization}.",
        ],
    )
    exchanged = answer("groups", CHILD | {"name": "Field"}, PARENT | {"name": "Night shift"})
    left = answer("contacts", ANNA | {"groups": [PARENT["id"]]}, BEN)
    report = command.read(api.organization, lines(*DEFINITIONS[:3], exchanged, left)).report
    assert (report["groups"], report["contacts"]) == (counts(updated=2), counts(updated=1, unchanged=1))
    assert api.get("A-1")["groupsName"] == ["Night shift"]


def _named(*answers: Record) -> str:
    named = {answer["firstPageUri"].split("/")[4]: answer for answer in answers}
    return json.dumps(named, indent=1)


FORMS: dict[str, Callable[..., str]] = {
    "an answer a line": lines,
    "answers one after another": lambda *answers: "".join(map(json.dumps, answers)),
    "answers over several lines": lambda *answers: "\n".join(json.dumps(each, indent=2) for each in answers),
    "an array of answers": lambda *answers: json.dumps(answers),
    "answers by their resources": _named,
    "an object a line": lambda *answers: lines(*(each for one in answers for each in one["page"]["data"])),
    "an array of objects": lambda *answers: json.dumps(
        [each for one in answers for each in one["page"]["data"]]
    ),
    "answers of single objects": lambda *answers: lines(
        *({"message": "OK", "result": each} for one in answers for each in one["page"]["data"])
    ),
    "contacts first": lambda *answers: lines(*reversed(answers)),
    "byte order marks": lambda *answers: "".join("\ufeff" + json.dumps(each) + "\r\n" for each in answers),
    "pages before addresses": lambda *answers: lines(*(dict(reversed(each.items())) for each in answers)),
}


def test_all_forms_of_a_file_are_the_same_account(api: Api, command: Command) -> None:
    command.read(api.organization, lines(*ACCOUNT))
    for form, make in FORMS.items():
        report = command.read(api.organization, make(*ACCOUNT)).report
        unchanged = {name: value["unchanged"] for name, value in report.items() if isinstance(value, dict)}
        assert unchanged == {
            "recordTypes": 1,
            "contactAttributes": 1,
            "contactPaths": 2,
            "groups": 2,
            "contacts": 2,
        }, form


def everything(api: Api) -> Any:
    resources = ("recordTypes", "contactAttributes", "contactPaths", "groups", "contacts")
    return [api.page(f"/{resource}/{{org}}") for resource in resources]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (lines(*ACCOUNT)[:-3], "line 5 of -: ends in the middle of a document: it is cut off."),
        (lines(*ACCOUNT)[:-400], "line 5 of -: is not JSON, or is cut off ("),
        (lines(*DEFINITIONS) + '{"status": 401, "message": "Org 1 is invalid."}',
         "line 5 of -: answer 5 is an error that the vendor answered: 401 Org 1 is invalid."),
        (lines(answer("incidents", {"id": 1})), "answer 1 is of https://api.everbridge.net/rest/incidents/7"),
        (lines(*DEFINITIONS, {"id": 5}), "line 5 of -: answer 5 has a record 1 that is not of organ"),
        (json.dumps({"groups": answer("contacts", ANNA)}), "answer 1 is of contacts, and stands under "),
        (lines(*DEFINITIONS, 5), "line 5 of -: answer 5 is no object."),
        (lines(answer("groups", PARENT, [])), "answer 1 has a record 2 that is no object."),  # type: ignore[arg-type]
        ("<html>", "line 1 of -: answer 1 is no object."),
        ('{"externalId": NaN}', "line 1 of -: has NaN, which is not a number of JSON."),
        ('\n{"externalId": "\\ud83d"}', "line 2 of -: has half of a surrogate pair."),
        (b'{"externalId": "\xff"}', "line 1 of -: has bytes that are not UTF-8."),
        ('{"a":' + "[" * 100_000, "line 1 of -: is nested too deep."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    api: Api, command: Command, file: str | bytes, reason: str
) -> None:
    before = everything(api)
    errors = command.refuse(api.organization, file)
    assert reason in errors[-1] and "Nothing was written" in errors[-1]
    assert everything(api) == before


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (answer("groups", PARENT, PARENT | {"name": "Other"}),
         "record 2: group 4402341478403 (Other): the number is also that of line 1, answer 1, record 1."),
        (answer("groups", PARENT, CHILD | {"name": "Field"}),
         "record 2: group 4402341478404 (Field): the name is also that of line 1, answer 1, record 1."),
        (answer("groups", CHILD),
         "group 4402341478404 (Night shift): parentId [4402341478403] is no group of the file"),
        (answer("recordTypes", RECORD_TYPE | {"id": "12a"}), "(Employee): id [12a] is not a whole number."),
        (answer("recordTypes", RECORD_TYPE | {"id": 2**53}),
         "(Employee): id [9007199254740992] is not between 1 and 9007199254740991."),
        (answer("recordTypes", {"recordType": "DEFAULT", "name": "x"}), "record type  (x): id is required."),
        (answer("recordTypes", RECORD_TYPE | {"name": " "}), "name is required."),
        (answer("recordTypes", RECORD_TYPE | {"name": "a\u200bb"}), "name contains the character U+200B."),
        (answer("contactAttributes", ATTRIBUTE | {"displayFormat": "X"}),
         "contact attribute 333156318183509 (optout): displayFormat is not one of F, L, S."),
        (answer("contactPaths", SMS | {"pathType": "PIGEON"}),
         "contact path 4402341478419001 (Alert SMS): pathType [PIGEON] is not one of EMAIL,"),
        (answer("contactPaths", {"id": 5, "pathId": 5, "prompt": "x"}), "(x): pathType is required."),
        (answer("contacts", ANNA, BEN | {"organizationId": 8}),
         "record 2: contact 509370236403886 (B-2): it is of organization 8, and the file of 7001."),
    ],
)  # fmt: skip
def test_a_definition_that_cannot_be_taken_refuses_the_file(
    api: Api, command: Command, wrong: Record, fault: str
) -> None:
    before = everything(api)
    errors = command.refuse(api.organization, lines(wrong, *DEFINITIONS[1:2], answer("contacts")))
    assert any(error.startswith("line 1, answer 1, record") and fault in error for error in errors), errors
    assert "Nothing was written: 1 records cannot be taken." in errors[-1]
    assert everything(api) == before


def test_contacts_that_are_refused_are_named_and_cost_no_others(api: Api, command: Command) -> None:
    group, record_type = PARENT["id"], RECORD_TYPE["id"]
    wrong: list[tuple[Record, str]] = [
        ({"recordTypeId": group}, "The C-0 recordType not found in org."),
        ({"groups": [record_type]}, f"groups[0] [{record_type}] is not a group of the organization."),
        ({"paths": [{"pathId": 5, "value": "a"}]}, "paths[0] [5] is not a contact path of the organization."),
        (
            {"contactAttributes": [{"orgAttrId": 6, "values": ["a"]}]},
            "contactAttributes[0] [6] is not a contact attribute of the organization.",
        ),
        ({"externalId": ""}, "externalId is required."),
        ({"id": "x"}, "id [x] is not a whole number."),
        ({"id": ANNA["id"]}, f"id [{ANNA['id']}] is that of another contact."),
        ({"externalId": "A-1"}, "is not the one that the contact of this externalId has here."),
        ({"paths": 7}, "type mismatch exception: paths is whole number, expected"),
    ]
    contacts = [
        ANNA | {"id": 600 + place, "externalId": f"C-{place}"} | fields
        for place, (fields, _) in enumerate(wrong)
    ]
    file = lines(*DEFINITIONS, answer("contacts", ANNA, *contacts, BEN))
    done = command.read(api.organization, file, code=3)
    assert done.report["contacts"] == counts(created=2, failed=len(wrong))
    by_record = {error.split(": ")[0]: error for error in done.errors}
    for place, (_, reason) in enumerate(wrong):
        assert reason in by_record[f"line 5, answer 5, record {place + 2}"]
    assert [contact["externalId"] for contact in api.page("/contacts/{org}")] == ["A-1", "B-2"]


def test_what_an_organization_begins_with_gives_way_until_there_are_contacts(
    api: Api, command: Command
) -> None:
    own = api.create("recordTypes", name="Own")
    command.read(api.organization, lines(answer("recordTypes", RECORD_TYPE)))
    assert {type_["id"] for type_ in api.page("/recordTypes/{org}")} == {own, RECORD_TYPE["id"]}
    assert len(api.page("/contactPaths/{org}")) == 12
    api.store({"externalId": "1", "firstName": "A", "lastName": "B", "recordTypeName": "Employee"})
    errors = command.refuse(
        api.organization,
        lines(answer("recordTypes", {"id": 44, "name": "Employee", "recordType": "DEFAULT"})),
    )
    assert errors[0] == (
        "line 1, answer 1, record 1: record type 44 (Employee): the name is that of record type"
        f" {RECORD_TYPE['id']} of the organization, which has contacts."
    )


def test_a_second_run_completes_one_that_was_interrupted(
    api: Api, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE_ROWS", 3)
    contacts = [ANNA | {"id": 700 + number, "externalId": f"D-{number}"} for number in range(8)]
    file = lines(*DEFINITIONS, answer("contacts", *contacts, total=9))
    assert command("org", "quota", api.organization, "--total-contacts", 4).code == 0
    errors = command.refuse(api.organization, file)
    assert errors[-1] == (
        "contactory: The organization may not have so many contacts: 3 contacts of the file are done."
        " A second run does the others."
    )
    assert len(api.page("/contacts/{org}")) == 3
    assert command("org", "quota", api.organization, "--total-contacts", 0).code == 0
    report = command.read(api.organization, file).report
    assert report["contacts"] == counts(created=5, unchanged=3)
    assert "The file has 8 of 9 contacts that its answers tell of." in report["notes"]


def test_a_file_has_so_many_definitions_and_no_more(
    api: Api, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_DEFINITIONS", 6)
    assert command.read(api.organization, lines(*DEFINITIONS)).report["groups"] == counts(created=2)
    errors = command.refuse(api.organization, lines(*DEFINITIONS, answer("groups", {"id": 9, "name": "x"})))
    assert errors[0] == "line 5, answer 5, record 1: group 9 (x): the file has more than 6 definitions."


def test_a_file_has_so_many_delivery_methods_and_no_more(
    api: Api, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contactory.dialects.everbridge.accounts.MOST_METHODS", 2)
    command.read(api.organization, lines(answer("contactPaths", EMAIL, SMS)))
    third = SMS | {"pathId": 7, "prompt": "Other"}
    errors = command.refuse(api.organization, lines(answer("contactPaths", EMAIL, SMS, third)))
    assert errors[0] == (
        "line 1, answer 1, record 3: contact path 7 (Other): the file has more than 2 contact paths."
    )


def test_a_slice_that_names_too_much_is_written_in_halves(
    api: Api, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contactory.dialects.everbridge.names.MOST_NAMES", 3)
    groups = [{"id": 40 + number, "name": f"Group {number}", "parentId": -1} for number in range(9)]
    people = [
        ANNA | {"id": 900 + number, "externalId": f"F-{number}", "groups": [40 + number]}
        for number in range(9)
    ]
    crowded = ANNA | {"id": 950, "externalId": "F-9", "groups": [group["id"] for group in groups]}
    file = lines(*DEFINITIONS[:3], answer("groups", *groups), answer("contacts", *people, crowded))
    done = command.read(api.organization, file, code=3)
    assert done.report["contacts"] == counts(created=9, failed=1)
    assert "contact 950 (F-9): The call names more than 3 groups, attributes" in done.errors[-1]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    api: Api, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE_ROWS", 2)
    before = everything(api)
    people = [ANNA | {"id": 700 + number, "externalId": f"D-{number}"} for number in range(5)]
    unknown = BEN | {"groups": [1]}
    file = lines(*DEFINITIONS, answer("contacts", *people, people[0] | {"lastName": "Mills"}, unknown))
    words = ("--org", api.organization, "--json", "--dry-run")
    done = command("everbridge", "import-account", "-", *words, stdin=file)
    assert done.code == 3 and "groups[0] [1] is not a group of the organization." in done.errors[0]
    assert done.report["contacts"] == counts(created=5, updated=1, failed=1)
    assert done.report["notes"][-1] == "Nothing was written: this was a dry run."
    assert everything(api) == before
    assert command.read(api.organization, file, code=3).report["contacts"] == done.report["contacts"]


def test_an_export_is_the_same_account_again(
    api: Api, make_everbridge: Callable[[], Api], command: Command
) -> None:
    command.read(api.organization, lines(*ACCOUNT))
    exported = command.write(api.organization)
    other = make_everbridge()
    assert command.read(other.organization, lines(*exported)).report["contacts"] == counts(created=2)
    moments = {
        "createdDate",
        "lastModifiedDate",
        "lastModifiedTime",
        "lastSynchronizedTime",
        "organizationId",
    }

    def shown(api: Api) -> Any:
        return [
            [
                {name: value for name, value in item.items() if name not in {"organizationId", *moments}}
                for item in items
            ]
            for items in everything(api)
        ]

    assert shown(other) == shown(api)


def test_an_export_goes_through_all_pages(
    api: Api, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contactory.dialects.everbridge.exports._PAGE", 3)
    contacts = [ANNA | {"id": 800 + number, "externalId": f"E-{number}"} for number in range(7)]
    command.read(api.organization, lines(*DEFINITIONS, answer("contacts", *contacts)))
    pages = [each["page"]["data"] for each in command.write(api.organization) if "contacts" in str(each)[:99]]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [contact["id"] for page in pages for contact in page] == [800 + number for number in range(7)]


def test_an_organization_that_is_not_there(command: Command) -> None:
    assert (
        command.refuse(10**12, lines(*ACCOUNT))[-1] == "contactory: There is no organization 1000000000000."
    )


def test_a_file_that_is_not_there(api: Api, command: Command) -> None:
    done = command("everbridge", "import-account", "/nowhere/at/all", "--org", api.organization)
    assert (done.code, done.errors) == (
        1,
        ["contactory: /nowhere/at/all cannot be used: No such file or directory."],
    )
