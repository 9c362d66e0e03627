"""The calls of v2 for attributes: descriptions, and values with their types (pages "Create attribute
description" and "Bulk class attributes"). These are v1's definitions and values, under other names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.pages import encode_items
from contactory.dialects.propeller import attributes, schemas
from contactory.dialects.propeller.attribute_values import MAX_PAGE_SIZE, encode_set
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.reading import find_command, page_info, read_page
from contactory.dialects.propeller.resources import Resource
from contactory.dialects.propeller.violations import check_document, refuse_body
from contactory.model.attributes import AttributeDefinition, AttributeValue, AttributeValues
from contactory.model.bulk import BulkWrite, Rows
from contactory.model.commands import Chain, Command, ListValues, Record
from contactory.model.limits import MOST_ATTRIBUTES
from contactory.model.problems import Code

# Types, and the keys of their values.
_VALUE_KEYS: Final = {
    "text": "textValues",
    "enum": "enumValues",
    "integer": "intValue",
    "decimal": "decimalValue",
    "datetime": "dateTimeValue",
    "color": "colorValue",
    # v1's other types.
    "list": "textValues",
    "date": "dateTimeValue",
    "enumlist": "enumValues",
}
_TYPES: Final = {
    "textValues": "text",
    "enumValues": "enumlist",
    "intValue": "integer",
    "decimalValue": "decimal",
    "dateTimeValue": "datetime",
    "colorValue": "color",
}
_NAMES: Final = {"attributeClass": "class", "defaultValue": "value"}
_DEFAULTS: Final = {"isSearchable": True}  # where v2's differ from v1's


def decode_create(request: Request) -> Call:
    refuse_body(schemas.DESCRIPTION, request.body)
    description = msgspec.json.decode(request.body)
    return attributes.create(_DEFAULTS | from_description(description), echo=description)


def decode_change(request: Request) -> Call:
    """Decode a change of the details of a definition; its name, class and type do not change."""
    refuse_body(schemas.DESCRIPTION_CHANGE, request.body)
    details = msgspec.json.decode(request.body)
    return attributes.change(request, from_description(details), echo=details)


def decode_find(request: Request) -> Call:
    def encode(definition: AttributeDefinition) -> Reply:
        shown = attributes.encode_definition(definition)
        back = {name: key for key, name in _NAMES.items()}
        data = dict(sorted((back.get(key, key), value) for key, value in shown.items()))
        return Reply(200, json_encode({"data": data, "messages": (), "total": 1}), HEADERS)

    return attributes.decode_find(request)._replace(encode=encode)


def decode_set(resource: Resource, request: Request) -> Call:
    """Decode values to write. A row without a value deletes the stored one."""
    refuse_body(schemas.DESCRIBED_VALUES, request.body, most=MOST_ATTRIBUTES)
    document = msgspec.json.decode(request.body)
    check_document("#", document)
    rows = [_value(resource, row) for row in document]

    def write(record: Record) -> Command:
        return BulkWrite(
            kind=resource.kind,
            may_create=False,
            rows=Rows(
                count=len(rows),
                ids=[record.id] * len(rows),
                attributes={"attributes": AttributeValues.of([[row] for row in rows])},
            ),
        )

    found = find_command(resource, request, to_change=True, missing=Code.OWNER_NOT_FOUND)
    return Call(Chain(found, write), lambda outcomes: encode_set(rows, outcomes))


def decode_list(resource: Resource, default_language: str, request: Request) -> Call:
    page, size = read_page({key: values[-1] for key, values in request.query.items()}, most=MAX_PAGE_SIZE)

    def encode(values: Sequence[tuple[AttributeDefinition, Any, bool]]) -> Reply:
        rows = [
            {
                "attributeClass": definition.attribute_class,
                "attributeDescriptionId": definition.id,
                "attributeDescriptionName": definition.name,
                "inherited": inherited,
                "type": definition.type,
                "value": _show(definition, value, default_language),
            }
            for definition, value, inherited in values[(page - 1) * size : page * size]
        ]
        return Reply(200, json_encode(page_info(encode_items(rows), page, size, len(values))), HEADERS)

    return Call(ListValues(record=find_command(resource, request, missing=Code.OWNER_NOT_FOUND)), encode)


def _value(resource: Resource, row: dict[str, Any]) -> AttributeValue:
    """Read a value, which must have the type of its attribute. An attribute given by name is one of the
    resource's class."""
    key, value = next(iter((row.get("value") or {}).items()), ("", None))
    return AttributeValue(
        attribute_class=resource.kind.label.lower(),
        name=row.get("attributeDescriptionName", ""),
        id=row.get("attributeDescriptionId"),
        type=_TYPES.get(key, ""),
        value=value,
    )


def _show(definition: AttributeDefinition, value: Any, default_language: str) -> dict[str, Any]:
    """Encode a value under the key of its type. A value that v1 has written gets the language or the list
    that v2 has around it."""
    key = _VALUE_KEYS.get(definition.type, "value")
    if isinstance(value, str) and key == "textValues":
        value = [{"language": default_language, "values": [value]}]
    elif isinstance(value, str) and key == "enumValues":
        value = [value]
    return {key: value}


def from_description(details: dict[str, Any]) -> dict[str, Any]:
    """Return details of a definition under v1's names."""
    return {_NAMES.get(key, key): value for key, value in details.items()}
