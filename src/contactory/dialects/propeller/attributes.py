"""The calls for attribute definitions."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.problems import to_message
from contactory.dialects.propeller.reading import MAX_DIGITS
from contactory.dialects.propeller.violations import check_document, refuse_body
from contactory.model.attributes import AttributeDefinition
from contactory.model.bulk import Outcomes, Status
from contactory.model.commands import Chain, Command, DefineAttributes, DeleteAttribute, FindAttribute
from contactory.model.problems import Code, Problem, Refusal

_DEFAULTS: Final[dict[str, Any]] = {
    "defaultLanguage": "",
    "descriptions": [],
    "group": "",
    "isHidden": False,
    "isPublic": True,
    "isSearchable": False,
    "isSystem": False,
    "typeParam": "",
    "units": [],
    "value": "",
}
_NAMING: Final = ("id", "name", "class", "type")


def decode_create(request: Request) -> Call:
    """Decode the creation of a definition, which must be new."""
    refuse_body(schemas.ATTRIBUTE_DEFINITION, request.body)
    row = msgspec.json.decode(request.body)
    return create(row, echo=row)


def create(row: dict[str, Any], *, echo: dict[str, Any]) -> Call:
    """Make the call that creates a definition. The reply has `echo`, with the id."""

    def encode(outcomes: Outcomes) -> Reply:
        if outcomes.problems:
            raise Refusal(outcomes.problems[0])
        data = dict(sorted({**echo, "id": outcomes.ids[0]}.items()))
        return Reply(201, json_encode({"data": data, "messages": ["Attribute created"], "total": 1}), HEADERS)

    check_document("#", row)
    return Call(DefineAttributes(definitions=[read_definition(row)], may_exist=False), encode)


def decode_bulk(lookup_key: str, request: Request) -> Call:
    """Decode an array of definitions to create or update, by id (0: a new one) or by name."""
    refuse_body(schemas.ATTRIBUTE_DEFINITIONS_BULK, request.body)
    rows = msgspec.json.decode(request.body)
    by_id = lookup_key == "id"
    for index, row in enumerate(rows):
        check_document(f"#/{index}", row)
    if any(lookup_key not in row for row in rows):
        raise Refusal(Problem(code=Code.LOOKUP_KEY_MISSING))

    def encode(outcomes: Outcomes) -> Reply:
        data = [_row(outcomes, index, row[lookup_key], lookup_key) for index, row in enumerate(rows)]
        return Reply(200, json_encode({"data": data, "messages": ["Completed"], "total": len(data)}), HEADERS)

    return Call(DefineAttributes(definitions=[read_definition(row) for row in rows], by_id=by_id), encode)


def decode_find(request: Request) -> Call:
    def encode(definition: AttributeDefinition) -> Reply:
        data = encode_definition(definition)
        return Reply(200, json_encode({"data": data, "messages": (), "total": 1}), HEADERS)

    return Call(FindAttribute(**_lookup(request)), encode)


def decode_delete(request: Request) -> Call:
    def encode(_: None) -> Reply:
        return Reply(200, json_encode({"data": {}, "messages": ["Attribute deleted"]}), HEADERS)

    return Call(DeleteAttribute(**_lookup(request)), encode)


def decode_change(request: Request) -> Call:
    """Decode a change of the details of a definition; its name, class and type do not change."""
    refuse_body(schemas.ATTRIBUTE_CHANGE, request.body)
    row = msgspec.json.decode(request.body)
    check_document("#", row)
    return change(request, row, echo=row)


def change(request: Request, details: dict[str, Any], *, echo: dict[str, Any]) -> Call:
    """Make the call that changes the details of the definition in the path. The reply has `echo`, with the
    id."""

    def define(found: AttributeDefinition) -> Command:
        return DefineAttributes(definitions=[replace(found, details=details)], by_id=True)

    def encode(outcomes: Outcomes) -> Reply:
        data = dict(sorted({**echo, "id": outcomes.ids[0]}.items()))
        return Reply(200, json_encode({"data": data, "messages": ["Attribute updated"], "total": 1}), HEADERS)

    return Call(Chain(FindAttribute(**_lookup(request)), define), encode)


def encode_definition(definition: AttributeDefinition) -> dict[str, Any]:
    naming = {
        "class": definition.attribute_class,
        "id": definition.id,
        "name": definition.name,
        "type": definition.type,
    }
    return dict(sorted({**_DEFAULTS, **definition.details, **naming}.items()))


def read_definition(row: dict[str, Any]) -> AttributeDefinition:
    return AttributeDefinition(
        id=row.get("id", 0),
        attribute_class=row.get("class", ""),
        name=row.get("name", ""),
        type=row.get("type", ""),
        details={key: value for key, value in row.items() if key not in _NAMING},
    )


def _row(outcomes: Outcomes, row: int, key: int | str, lookup_key: str) -> dict[str, Any]:
    created = outcomes.statuses[row] is Status.CREATED
    reply: dict[str, Any] = {"action": "create" if created else "update"}
    if row in outcomes.problems:
        return {
            **reply,
            "error": to_message(outcomes.problems[row]),
            "key": key,
            "lookupKey": lookup_key,
            "success": False,
        }
    changed = "Attribute updated. Fields 'name', 'type' and 'class' are not updated."
    message = "Attribute created." if created else changed
    return {
        **reply,
        "id": outcomes.ids[row],
        "key": key,
        "lookupKey": lookup_key,
        "message": message,
        "success": True,
    }


def _lookup(request: Request) -> dict[str, Any]:
    key, value = request.path["lookup_key"], request.path["lookup_value"]
    attribute_class = (request.query.get("attributeClass") or [""])[-1]
    if key == "name":
        return {"name": value, "attribute_class": attribute_class}
    if key == "id":
        if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
            raise Refusal(Problem(code=Code.ATTRIBUTE_NOT_FOUND, key="id", value=value))
        return {"id": int(value)}
    raise Refusal(Problem(code=Code.BAD_LOOKUP_KEY, key=key, value="id,name"))
