"""The calls for the attribute values of one record, inherited ones included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.pages import encode_items
from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.problems import to_message
from contactory.dialects.propeller.reading import find_command, page_info, read_page
from contactory.dialects.propeller.resources import Resource
from contactory.dialects.propeller.rows import AttributeRow
from contactory.dialects.propeller.violations import check_document, refuse_body
from contactory.model.attributes import AttributeDefinition, AttributeValue, AttributeValues
from contactory.model.bulk import BulkWrite, Outcomes, Rows
from contactory.model.commands import Chain, Command, ListValues, Record
from contactory.model.limits import MOST_ATTRIBUTES
from contactory.model.problems import Code, Problem, Refusal

MAX_PAGE_SIZE: Final = 100

_rows: Final = msgspec.json.Decoder(list[AttributeRow])


def decode_list(resource: Resource, request: Request) -> Call:
    """Decode a request for a page of values."""
    page, size = read_page({key: values[-1] for key, values in request.query.items()}, most=MAX_PAGE_SIZE)

    def encode(values: Sequence[tuple[AttributeDefinition, Any, bool]]) -> Reply:
        rows = [
            encode_value(definition, value, inherited=inherited)
            for definition, value, inherited in values[(page - 1) * size : page * size]
        ]
        return Reply(200, json_encode(page_info(encode_items(rows), page, size, len(values))), HEADERS)

    return Call(ListValues(record=find_command(resource, request, missing=Code.OWNER_NOT_FOUND)), encode)


def decode_set(resource: Resource, request: Request) -> Call:
    """Decode an array of values to write. A value that is refused does not affect the others, and values that
    are left out stay."""
    refuse_body(schemas.ATTRIBUTE_VALUES, request.body, most=MOST_ATTRIBUTES)
    try:
        rows = _rows.decode(request.body)
    except msgspec.ValidationError as error:
        raise Refusal(Problem(code=Code.INVALID, texts=(f"#: {error}",))) from error
    check_document("#", rows)

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


def encode_value(definition: AttributeDefinition, value: Any, *, inherited: bool) -> dict[str, Any]:
    return {
        "class": definition.attribute_class,
        "id": definition.id,
        "inherited": inherited,
        "name": definition.name,
        "type": definition.type,
        "value": value,
    }


def encode_set(rows: Sequence[AttributeValue], outcomes: Outcomes) -> Reply:
    """Encode the outcomes, with a row for each value."""
    data = [_reply(row, outcomes.problems.get(index)) for index, row in enumerate(rows)]
    return Reply(200, json_encode({"data": data, "messages": ["Completed"], "total": len(data)}), HEADERS)


def _reply(row: AttributeValue, problem: Problem | None) -> dict[str, Any]:
    reply: dict[str, Any] = {"action": "delete" if row.value is None else "put"}
    if problem is not None:
        reply["error"] = to_message(problem)
    by_id = row.id is not None
    reply |= {"key": row.id if by_id else row.name, "lookupKey": "id" if by_id else "name"}
    return reply | {"success": problem is None}
