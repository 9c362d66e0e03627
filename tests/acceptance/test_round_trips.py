"""Records that were read from Propeller's API: every call accepts them, and they change nothing."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .client import Api

EXAMPLES = int(os.environ.get("CONTACTORY_EXAMPLES", "25"))
# Fields that GET shows and no call accepts.
READ_ONLY = {"id", "name", "fax", "dateCreated", "dateModified", "company", "pricing", "login"}
COMPANY_READ_ONLY = READ_ONLY - {"name"}

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs", "Cc", "Cf")), max_size=12)
NUMBER = TEXT | st.integers(0, 10**12)
PERSON = st.fixed_dictionaries(
    {},
    optional={
        "firstName": TEXT,
        "middleName": TEXT,
        "lastName": TEXT,
        "title": TEXT,
        "abbreviation": TEXT,
        "gender": st.sampled_from(["", "M", "f", "U", "u"]),
        "dateOfBirth": st.dates().map(lambda day: day.isoformat()) | st.sampled_from(["", "28/08/1993"]),
        "email": st.sampled_from(["", "ada@example.org", "Ada.B+x@Mail.example.org"]),
        "phone": NUMBER,
        "mobile": TEXT,
        "ssn": NUMBER,
        "debtorId": NUMBER,
        "language": st.sampled_from(["", "NL", "de"]),
        "primaryLanguage": TEXT,
        "pricelistAmount": TEXT,
    },
)
COMPANY = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "notes": TEXT,
        "debtorId": NUMBER,
        "authorizeId": NUMBER,
        "taxNumber": TEXT,
        "budget": TEXT,
        "language": st.sampled_from(["", "NL", "de"]),
        "addresses": st.lists(st.dictionaries(TEXT, TEXT | st.booleans(), max_size=3), max_size=2),
    },
)
KINDS = {"contacts": PERSON, "customers": PERSON, "companies": COMPANY}


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("path", KINDS)
def test_record_that_was_read_can_be_written_back(
    api: Api, owner: psycopg.Connection, path: str, version: str
) -> None:
    numbers = iter(range(10**6))

    def shown(id_: int) -> Any:
        """Return the record as GET shows it, and the time of its last write."""
        written = owner.execute(f"SELECT updated_at FROM {path} WHERE id = {id_}".encode()).fetchone()
        return api.get(f"/{version}/{path}/id/{id_}", expands="sources")["data"], written

    @given(fields=KINDS[path])
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def write_back(fields: dict[str, Any]) -> None:
        key = {"source": "ERP", "sourceId": f"{version}-{next(numbers)}"}
        (made,) = api.post(f"/{version}/{path}/bulk/sourceId", {path: [{**key, **fields}]})["data"]
        assert made["success"], (fields, made)
        before = shown(made["id"])
        read_only = COMPANY_READ_ONLY if path == "companies" else READ_ONLY
        back = {name: value for name, value in before[0].items() if name not in {*read_only, "sources"}}
        for route, row in (
            (f"/{version}/{path}/bulk/sourceId", {**key, **back}),
            (f"/{version}/{path}/bulk/id", {"id": made["id"], **back}),
        ):
            (answer,) = api.post(route, {path: [row]})["data"]
            assert answer["success"] and answer["id"] == made["id"], (row, answer)
            assert shown(made["id"]) == before
        changed = api.call("PATCH", f"/{version}/{path}/id/{made['id']}", json=back)
        assert changed.status_code == 200, changed.text
        assert shown(made["id"]) == before

    write_back()


def test_v2_attributes_can_be_written_back(api: Api) -> None:
    """Check attributes that were set through v2 and through v1."""
    (id_,) = api.store({"source": "ERP", "sourceId": "1"})
    values = {
        "text": {"textValues": [{"language": "EN", "values": ["a", "b"]}]},
        "enum": {"enumValues": ["RED", "BLUE"]},
        "integer": {"intValue": 5},
        "decimal": {"decimalValue": 1.5},
        "datetime": {"dateTimeValue": "2021-01-01T00:00:00Z"},
        "color": {"colorValue": "#000000"},
    }
    for type_ in values:
        description = {"name": f"V2_{type_.upper()}", "type": type_, "attributeClass": "contact"}
        made = api.post("/v2/attribute-descriptions", description, 201)["data"]
        found = api.get(f"/v2/attribute-descriptions/id/{made['id']}")["data"]
        assert found["isSearchable"] is True
    path = f"/v2/attributes/contacts/id/{id_}/attributes"
    rows = [
        {"attributeDescriptionName": f"V2_{type_.upper()}", "value": value} for type_, value in values.items()
    ]
    assert all(row["success"] for row in api.post(path, rows)["data"])
    shown = api.get(path)["data"]
    assert {row["type"]: row["value"] for row in shown} == values
    back = [{key: row[key] for key in ("attributeDescriptionId", "value")} for row in shown]
    assert all(row["success"] for row in api.post(path, back)["data"])
    assert api.get(path)["data"] == shown
    by_v1 = [{"class": "contact", "name": "V2_TEXT", "type": "text", "value": "plain"}]
    assert all(row["success"] for row in api.post(f"/v1/contacts/id/{id_}/attributes", by_v1)["data"])
    text = next(row for row in api.get(path)["data"] if row["type"] == "text")
    assert text["value"] == {"textValues": [{"language": "NL", "values": ["plain"]}]}


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", {"colorValue": "#000"}),
        ("enum", {"textValues": [{"language": "EN", "values": ["a"]}]}),
        ("integer", {"decimalValue": 1.5}),
        ("color", {"enumValues": ["RED"]}),
    ],
)
def test_v2_value_of_another_type_is_refused(api: Api, type_: str, value: Any) -> None:
    (id_,) = api.store({"source": "ERP", "sourceId": "1"})
    api.post("/v2/attribute-descriptions", {"name": "A", "type": type_, "attributeClass": "contact"}, 201)
    rows = [{"attributeDescriptionName": "A", "value": value}]
    (answer,) = api.post(f"/v2/attributes/contacts/id/{id_}/attributes", rows)["data"]
    assert answer["error"] == f"Invalid value provided. Attribute type is [{type_}]."


def test_description_is_changed_with_its_own_names(api: Api) -> None:
    described = {"name": "A", "type": "text", "attributeClass": "contact", "isPublic": False}
    id_ = api.post("/v2/attribute-descriptions", described, 201)["data"]["id"]
    reply = api.call("PATCH", f"/v2/attribute-descriptions/id/{id_}", json={"defaultValue": "B"})
    assert reply.status_code == 200 and reply.json()["data"] == {"defaultValue": "B", "id": id_}
    shown = api.get(f"/v2/attribute-descriptions/id/{id_}")["data"]
    assert (shown["defaultValue"], shown["isPublic"]) == ("B", False)


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"name": "lower case!", "type": "text"}, "#/name: string [lower case!] does not match pattern"),
        ({"name": "A", "type": "nonsense"}, "#/type: nonsense is not a valid enum value"),
    ],
)
def test_attribute_names_and_types_follow_the_vendor(
    api: Api, definition: dict[str, str], message: str
) -> None:
    (text,) = api.error(10007, "POST", "/attributes", json={"class": "user", **definition})
    assert text.startswith(message)


@pytest.mark.parametrize("day", ["19930828", "1993-W10-1", "August, 31 2001 00:00:00", "31/02/2001"])
def test_invalid_date_fails_only_its_row(api: Api, day: str) -> None:
    sent = [
        {"source": "ERP", "sourceId": "1", "dateOfBirth": day},
        {"source": "ERP", "sourceId": "2", "dateOfBirth": "August, 28 1993 00:00:00 +0000"},
    ]
    wrong, right = api.send(*sent)
    assert wrong["error"] == f"Invalid value [{day}] for field [dateOfBirth]"
    assert right["success"]
    assert api.contact("2")["dateOfBirth"] == "August, 28 1993 00:00:00 +0000"


@pytest.mark.parametrize("domain", ["mail.localdomain", "mail.localhost", "x.LocalHost"])
def test_address_is_checked_alike_alone_and_among_others(api: Api, domain: str) -> None:
    local = {"source": "ERP", "sourceId": "1", "email": f"root@{domain}"}
    unusual = {"source": "ERP", "sourceId": "2", "email": "o'neil@example.org"}
    wrong = f"[root@{domain}] is not a valid email address"
    assert api.refused(local) == [f"#/contacts/0/email: {wrong}"]
    assert api.refused(unusual, local) == [f"#/contacts/1/email: {wrong}"]
    assert api.error(10007, "POST", "/contacts", json=local) == [f"#/email: {wrong}"]


def test_source_without_an_id_fails_its_row_by_id(api: Api) -> None:
    (id_,) = api.store({"source": "ERP", "sourceId": "1"})
    rows = [{"id": id_, "source": "CRM"}, {"id": id_, "firstName": "Ada"}]
    wrong, right = api.post("/contacts/bulk/id", {"contacts": rows})["data"]
    assert wrong["error"] == "Invalid value [] for field [sourceId]" and right["success"]


def test_update_never_changes_the_keys_of_a_record(api: Api) -> None:
    """Check that directives that forbid this are accepted."""
    api.store({"source": "ERP", "sourceId": "1", "firstName": "Ada"})
    fields = ["sourceId", "language", "login", "firstName"]
    directives = [{"operation": "skipIfNotEmpty", "fields": fields}]
    api.store({"source": "ERP", "sourceId": "1", "firstName": "Bo"}, directives=directives)
    assert api.contact("1")["firstName"] == "Ada"
