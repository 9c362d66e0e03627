"""The validator gives the messages of the Java library, as recorded and rule by rule."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.everit import is_email, violations

SOURCE_ID = {"type": ["string", "integer"]}
GOLDEN_ROW = {
    "type": "object",
    "required": ["source", "sourceId"],
    "additionalProperties": False,
    "properties": {
        "source": {"type": "string", "minLength": 1},
        "sourceId": SOURCE_ID,
        "firstName": {"type": "string", "maxLength": 5},
        "gender": {"enum": ["M", "F", "U"]},
        "gender2": {"type": "string", "enum": ["M", "F", "U"]},
        "language": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "dateOfBirth": {"type": "string", "format": "date"},
        "email": {"type": "string", "format": "email"},
        "n": {"type": "integer", "minimum": 1},
        "parent": {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "source": {"type": "string"}, "sourceId": SOURCE_ID},
            "anyOf": [{"required": ["id"]}, {"required": ["sourceId", "source"]}],
        },
        "attributes": {"type": "array", "items": {"type": "object", "required": ["type"]}},
    },
}
GOLDEN = {
    "type": "object",
    "required": ["contacts"],
    "additionalProperties": False,
    "properties": {"contacts": {"type": "array", "minItems": 1, "maxItems": 3, "items": GOLDEN_ROW}},
}


def golden_vectors() -> list[tuple[str, list[str]]]:
    vectors: list[tuple[str, list[str]]] = []
    for line in Path(__file__).with_name("everit_golden.txt").read_text().splitlines():
        if line.startswith("{"):
            vectors.append((line, []))
        elif line.startswith("   all: "):
            vectors[-1][1].append(line.removeprefix("   all: "))
    return vectors


@pytest.mark.parametrize(("document", "messages"), golden_vectors())
def test_golden_document_gets_the_messages_of_the_java_library(document: str, messages: list[str]) -> None:
    assert violations(GOLDEN, json.loads(document)) == messages


def test_golden_vectors_exist() -> None:
    assert len(golden_vectors()) == 24


def extraneous(keys: Iterable[str]) -> str:
    """Return the refused keys in the order of the messages."""
    found = violations({"additionalProperties": False}, dict.fromkeys(keys, 1))
    return " ".join(message.removeprefix("#: extraneous key [").partition("]")[0] for message in found)


def test_extraneous_keys_are_in_the_hash_order_of_the_document() -> None:
    keys = (
        "company zeta alpha fullName login name fax dateCreated dateModified sources "
        "sourceid Email e-mail mobilePhone street city zip country vat website"
    )
    assert extraneous(keys.split()) == (
        "zeta sourceid zip country website Email sources city vat fullName "
        "dateModified login dateCreated mobilePhone street alpha name e-mail company fax"
    )


def test_keys_with_equal_hash_codes_keep_the_order_of_the_document() -> None:
    assert extraneous(["BB", "Aa"]) == "BB Aa"
    assert extraneous(["Aa", "BB"]) == "Aa BB"


def test_property_values_are_checked_in_the_hash_order_of_the_schema() -> None:
    names = (
        "ssn source sourceId language firstName middleName lastName gender email phone mobile title debtorId"
    )
    schema = {"properties": {name: {"type": "string"} for name in names.split()}}
    found = violations(schema, dict.fromkeys(sorted(names.split()), 1))
    assert " ".join(message[2 : message.index(":")] for message in found) == (
        "sourceId lastName gender mobile language source title debtorId ssn firstName phone middleName email"
    )


def test_leaves_come_before_values_with_several_violations() -> None:
    schema = {"items": {"required": ["a", "b"]}}
    assert violations(schema, [{}, {"a": 1}]) == [
        "#/1: required key [b] not found",
        "#/0: required key [a] not found",
        "#/0: required key [b] not found",
    ]


def test_combination_with_one_cause_is_not_a_leaf() -> None:
    schema = {"properties": {"p": {"anyOf": [{"required": ["a"]}]}, "q": {"type": "string"}}}
    assert violations(schema, {"p": {}, "q": 1}) == [
        "#/q: expected type: String, found: Integer",
        "#/p: required key [a] not found",
    ]


def test_combination_without_a_cause_has_a_message_of_its_own() -> None:
    schema = {"oneOf": [{"type": "integer"}, {"minimum": 1}]}
    assert violations(schema, 2) == ["#: #: 2 subschemas matched instead of one"]


def test_object_keywords_are_checked_before_its_values() -> None:
    schema = {
        "properties": {"a": {"type": "string"}},
        "additionalProperties": False,
        "dependencies": {"a": ["b", "c"], "x": {"required": ["k"]}},
        "required": ["z"],
        "minProperties": 3,
        "maxProperties": 0,
    }
    assert violations(schema, {"a": 1, "x": 1}) == [
        "#: required key [z] not found",
        "#: minimum size: [3], found: [2]",
        "#: maximum size: [0], found: [2]",
        "#: property [b] is required",
        "#: property [c] is required",
        "#: extraneous key [x] is not permitted",
        "#: required key [k] not found",
        "#/a: expected type: String, found: Integer",
    ]


def test_pointer_escapes_its_keys() -> None:
    schema = {"additionalProperties": {"type": "string"}}
    assert violations(schema, {"a/b~c": 1}) == ["#/a~1b~0c: expected type: String, found: Integer"]
    assert violations(schema, {'a\\b"c': 1}) == ['#/a\\\\b\\"c: expected type: String, found: Integer']


def test_pointer_to_one_of_several_violations_is_escaped_once_more() -> None:
    schema = {"properties": {"a/b": {"required": ["x", "y"]}}}
    assert violations(schema, {"a/b": {}}) == [
        "#/a~01b: required key [x] not found",
        "#/a~01b: required key [y] not found",
    ]


def test_lengths_are_counted_in_code_points() -> None:
    assert violations({"maxLength": 2}, "😀😀") == []
    assert violations({"maxLength": 2}, "😀😀😀") == ["#: expected maxLength: 2, actual: 3"]


def test_alternatives_are_checked_in_the_order_of_their_java_hash_codes() -> None:
    schema = {"anyOf": [{"required": ["sourceId"]}, {"required": ["id"]}]}
    assert violations(schema, {}) == [
        "#: required key [id] not found",
        "#: required key [sourceId] not found",
    ]


def test_type_and_enum_give_a_violation_each() -> None:
    schema = {"type": "integer", "enum": [1, 2]}
    assert violations(schema, "x") == [
        "#: expected type: Integer, found: String",
        "#: x is not a valid enum value",
    ]
    assert violations(schema, 3) == ["#: 3 is not a valid enum value"]


def test_list_of_types_applies_to_each_type_its_own_keywords() -> None:
    schema = {"type": ["string", "integer"], "minLength": 2, "maximum": 5}
    assert violations(schema, "xx") == violations(schema, 5) == []
    assert violations(schema, "x") == [
        "#: expected type: Integer, found: String",
        "#: expected minLength: 2, actual: 1",
    ]


def test_keywords_without_their_type_accept_other_values() -> None:
    schema = {"minLength": 3, "minItems": 3, "minProperties": 3, "minimum": 3}
    assert violations(schema, None) == violations(schema, True) == []
    assert violations(schema, "") == ["#: expected minLength: 3, actual: 0"]
    assert violations(schema, []) == ["#: expected minimum item count: 3, found: 0"]
    assert violations(schema, {}) == ["#: minimum size: [3], found: [0]"]
    assert violations(schema, 0) == ["#: 0 is not greater or equal to 3"]


def test_every_bound_of_a_number_has_a_message() -> None:
    bounds = {"minimum": 1, "exclusiveMinimum": 1, "maximum": 0, "exclusiveMaximum": 0, "multipleOf": 0.3}
    assert violations(bounds, 0.5) == [
        "#: 0.5 is not greater or equal to 1",
        "#: 0.5 is not greater than 1",
        "#: 0.5 is not less or equal to 0",
        "#: 0.5 is not less than 0",
        "#: 0.5 is not a multiple of 0.3",
    ]


def test_multiples_are_decimal() -> None:
    assert violations({"multipleOf": 0.1}, 0.3) == []


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("2147483647", "Integer"),
        ("-2147483648", "Integer"),
        ("2147483648", "Long"),
        ("-9223372036854775808", "Long"),
        ("9223372036854775808", "BigInteger"),
        ("1.0", "BigDecimal"),
        ("-0.0", "Double"),
        ("null", "Null"),
        ("false", "Boolean"),
        ("[]", "JSONArray"),
        ("{}", "JSONObject"),
    ],
)
def test_value_of_another_type_is_shown_as_its_java_class(document: str, name: str) -> None:
    assert violations({"type": "string"}, json.loads(document)) == [
        f"#: expected type: String, found: {name}"
    ]


def test_boolean_is_no_number_and_fraction_no_integer() -> None:
    assert violations({"type": "number"}, True) == ["#: expected type: Number, found: Boolean"]
    assert violations({"type": "integer"}, 1.0) == ["#: expected type: Integer, found: BigDecimal"]
    assert violations({"const": 1}, True) == ["#: "]
    assert violations({"const": 1}, 1.0) == []


def test_refused_value_is_written_as_in_java() -> None:
    def written(value: Any) -> str:
        return (
            violations({"enum": []}, value)[0].removeprefix("#: ").removesuffix(" is not a valid enum value")
        )

    assert written(1e16) == "1E+16"
    assert written(1.0) == "1.0"
    assert written(None) == "null"
    assert written(True) == "true"
    assert written({"b": [1.0, None, '</x>"'], "a": {}}) == '{"a":{},"b":[1,null,"<\\/x>\\""]}'


def test_items_that_differ_in_the_order_of_keys_only_are_equal() -> None:
    schema = {"uniqueItems": True}
    assert violations(schema, [1, True, "1", [1], {"a": 1}]) == []
    assert violations(schema, [1, 1.0]) == ["#: array items are not unique"]
    assert violations(schema, [{"a": 1, "b": [2]}, {"b": [2], "a": 1}]) == ["#: array items are not unique"]


def test_deep_document_is_validated() -> None:
    deep: Any = "M"
    for _ in range(20_000):
        deep = [deep]
    [message] = violations({"enum": ["M"]}, deep)
    assert message == f'#: {"[" * 20_000}"M"{"]" * 20_000} is not a valid enum value'
    assert violations({"uniqueItems": True}, [deep, deep]) == ["#: array items are not unique"]


def test_true_and_false_are_schemas() -> None:
    assert violations({"items": True}, [1]) == []
    assert violations({"items": False}, [1]) == ["#/0: false schema always fails"]


def test_unsupported_keyword_raises_value_error() -> None:
    with pytest.raises(ValueError, match="patternProperties"):
        violations({"patternProperties": {}}, {})


@pytest.mark.parametrize("text", ["2024-02-29", "0000-02-29", "+12024-01-31", "-2024-01-01"])
def test_existing_day_is_a_date(text: str) -> None:
    assert violations({"format": "date"}, text) == []


@pytest.mark.parametrize("text", ["28/08/1993", "2023-02-29", "2023-1-1", "2023-13-01", "2023-01-01\n", ""])
def test_other_text_is_no_date(text: str) -> None:
    assert violations({"format": "date"}, text) == [
        f"#: [{text}] is not a valid date. Expected [yyyy-MM-dd]",
    ]


@pytest.mark.parametrize(
    "text", ["2023-02-31T00:00:00Z", "2023-01-01T24:00:00.0+18:00", "2023-01-01T23:59:59.123456789-01:30"]
)
def test_moment_with_an_offset_is_a_date_time(text: str) -> None:
    assert violations({"format": "date-time"}, text) == []


@pytest.mark.parametrize(
    "text",
    ["2023-01-01T00:00:00", "2023-01-01T24:00:01Z", "2023-01-01 00:00:00Z", "2023-01-01T00:00:00+18:01"],
)
def test_other_text_is_no_date_time(text: str) -> None:
    assert violations({"format": "date-time"}, text) == [
        f"#: [{text}] is not a valid date-time. Expected [yyyy-MM-dd'T'HH:mm:ssZ, "
        "yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,9}Z, yyyy-MM-dd'T'HH:mm:ss[+-]HH:mm, "
        "yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,9}[+-]HH:mm]",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "miles@propel.us",
        "a.b'c+d@x-1.example.COM",
        '"a b@c"@d.com',
        "a\\ b@c.com",
        "é@é.com",
        "a@[1.2.3.4]",
        "a@[::1]",
        "a@nl",
        f"{'x' * 64}@c.com",
        f"a@{'b' * 63}.com",
    ],
)
def test_address_is_an_email(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nope",
        "@b.com",
        "a@",
        "a@b",
        "a@b.c",
        "a@b.123",
        "a@b.com.",
        "a@b..com",
        "a@-b.com",
        "a@b_c.com",
        "a@localhost",
        "a@host.localhost",
        "a@test",
        "a@b@c.com",
        "a b@c.com",
        "a..b@c.com",
        ".a@c.com",
        " a@b.com",
        "a@b.com\n",
        "a@[1.2.3.256]",
        '"a"b@c.com',
        f"{'x' * 65}@c.com",
        f"a@{'b' * 64}.com",
        f"a@{'é' * 300}.com",
    ],
)
def test_other_text_is_no_email(text: str) -> None:
    assert not is_email(text)


def contact(**fields: Any) -> dict[str, Any]:
    return {"contacts": [{"source": "REST-API", "sourceId": 3002196, **fields}]}


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"company": "x"}, [": extraneous key [company] is not permitted"]),
        ({"email": ""}, []),
        ({"email": "x"}, ["/email: [x] is not a valid email address"]),
        ({"email": None}, ["/email: expected type: String, found: Null"]),
        ({"gender": "u"}, []),
        ({"gender": "X"}, ["/gender: X is not a valid enum value"]),
        ({"gender": ""}, []),
        ({"language": ""}, []),
        ({"language": "nld"}, ["/language: string [nld] does not match pattern ^([A-Za-z]{2})?$"]),
        (
            {"sourceId": ""},
            [
                "/sourceId: expected type: Integer, found: String",
                "/sourceId: expected minLength: 1, actual: 0",
            ],
        ),
        ({"parent": {"id": 1}}, []),
        ({"parent": {"sourceId": "9482"}}, []),
        (
            {"parent": {}},
            ["/parent: required key [id] not found", "/parent: required key [sourceId] not found"],
        ),
        ({"attributes": [{"id": 1, "type": "text"}]}, []),
        ({"attributes": [{"id": 1, "type": "list", "value": [1.5]}]}, []),
        (
            {"attributes": [{"class": "user", "name": "A", "type": "text", "value": None}]},
            ["/attributes/0/value: expected type: String, found: Null"],
        ),
        (
            {"attributes": [{"class": "user", "type": "text"}]},
            ["/attributes/0: required key [id] not found", "/attributes/0: required key [name] not found"],
        ),
        ({"pricing": {"products": [{"id": 1, "pricing": {"type": "net", "price": 2, "from": 1}}]}}, []),
        (
            {"pricing": {"shopId": 1}},
            ["/pricing: required key [categories] not found", "/pricing: required key [products] not found"],
        ),
    ],
)
def test_contact_field_is_accepted_or_refused(fields: dict[str, Any], messages: list[str]) -> None:
    found = violations(schemas.CONTACTS.by_source_id, contact(**fields))
    assert found == [f"#/contacts/0{message}" for message in messages]


@pytest.mark.parametrize(
    "directives", [[{"operation": "skipIfNotEmpty", "fields": ["name"]}], {"skipIfNotEmpty": ["names"]}]
)
def test_directives_are_accepted_in_both_forms(directives: Any) -> None:
    assert violations(schemas.CONTACTS.by_source_id, {**contact(), "directives": directives}) == []


def test_contact_of_a_call_by_id_requires_its_id() -> None:
    assert violations(schemas.CONTACTS.by_id, {"contacts": [{"id": 0}]}) == []
    assert violations(schemas.CONTACTS.by_id, contact()) == ["#/contacts/0: required key [id] not found"]


def test_company_has_its_own_fields() -> None:
    row = {"source": "S", "sourceId": "1", "name": "Acme", "authorizeId": 7, "firstName": "Miles"}
    assert violations(schemas.COMPANIES.by_source_id, {"companies": [row]}) == [
        "#/companies/0: extraneous key [firstName] is not permitted"
    ]


def test_attribute_definition_requires_name_class_and_type() -> None:
    definition = {"name": "SIZE", "class": "user", "type": "text"}
    assert violations(schemas.ATTRIBUTE_DEFINITION, definition) == []
    assert violations(schemas.ATTRIBUTE_DEFINITIONS_BULK, [definition, {"id": 7, "isPublic": False}]) == []
    assert violations(schemas.ATTRIBUTE_DEFINITION, {**definition, "class": "x", "id": 1}) == [
        "#: extraneous key [id] is not permitted",
        "#/class: x is not a valid enum value",
    ]


def test_search_schema_does_not_check_paging() -> None:
    search = {"debtorIds": ["1"], "dateCreated": {"from": "2020-12-12T00:00:00"}, "offset": "x", "page": -1}
    assert violations(schemas.SEARCH, search) == []
    assert violations(schemas.SEARCH, {"debtorIds": [1]}) == [
        "#/debtorIds/0: expected type: String, found: Integer"
    ]


TEXTS = st.text(max_size=8)
SOURCE_IDS = st.integers() | st.text(min_size=1, max_size=8)
ATTRIBUTES = st.fixed_dictionaries(
    {"type": TEXTS, "class": TEXTS, "name": TEXTS},
    optional={
        "id": st.integers(),
        "value": st.text() | st.booleans() | st.floats(allow_nan=False) | st.lists(st.none() | TEXTS),
    },
)
CONTACTS = st.fixed_dictionaries(
    {"source": st.text(min_size=1), "sourceId": SOURCE_IDS},
    optional={
        "language": st.from_regex(r"[A-Za-z]{2}", fullmatch=True),
        "parent": st.fixed_dictionaries(
            {"sourceId": SOURCE_IDS}, optional={"id": st.integers(), "source": TEXTS}
        ),
        "debtorId": st.integers() | TEXTS,
        **dict.fromkeys(("firstName", "lastName", "title", "dateOfBirth", "ssn", "phone", "mobile"), TEXTS),
        "gender": st.sampled_from("MmFfUu"),
        "email": st.sampled_from(["", "miles@propel.us"]),
        "attributes": st.lists(ATTRIBUTES, max_size=2),
    },
)
BODIES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"contacts": st.lists(CONTACTS, min_size=1, max_size=4)},
    optional={"directives": st.just([]) | st.dictionaries(TEXTS, st.booleans(), max_size=2)},
)
KNOWN = schemas.CONTACTS.by_source_id["properties"]["contacts"]["items"]["properties"].keys()


@settings(database=None)
@given(BODIES, st.data())
def test_valid_body_has_no_violation_and_an_unknown_key_is_one(body: Any, data: st.DataObject) -> None:
    assert violations(schemas.CONTACTS.by_source_id, body) == []
    key = data.draw(st.text().filter(lambda key: key not in KNOWN))
    row = data.draw(st.integers(0, len(body["contacts"]) - 1))
    body["contacts"][row][key] = None
    assert violations(schemas.CONTACTS.by_source_id, body) == [
        f"#/contacts/{row}: extraneous key [{key}] is not permitted"
    ]
