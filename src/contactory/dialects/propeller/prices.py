"""The calls for the prices of one record: set as a whole, or deleted."""

from __future__ import annotations

from typing import Any

import msgspec

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.reading import find_command
from contactory.dialects.propeller.resources import Resource
from contactory.dialects.propeller.violations import check_document, refuse_body
from contactory.model.bulk import BulkWrite, Rows
from contactory.model.commands import Chain, Command, Record
from contactory.model.problems import Code


def decode_set(resource: Resource, request: Request) -> Call:
    """Decode new prices. The reply has a row for each category and product."""
    refuse_body(schemas.PRICING, request.body)
    pricing = msgspec.json.decode(request.body)
    check_document("#", pricing)

    def encode(_: Any) -> Reply:
        rows = [_row(item) for name in ("categories", "products") for item in pricing.get(name, ())]
        body = {"data": rows, "messages": ["Completed"], "total": len(rows)}
        return Reply(200, json_encode(body), HEADERS)

    return Call(_set_prices(resource, request, msgspec.json.encode(pricing)), encode)


def decode_drop(resource: Resource, request: Request) -> Call:
    def encode(_: Any) -> Reply:
        return Reply(200, json_encode({"data": {}, "messages": ["completed"]}), HEADERS)

    return Call(_set_prices(resource, request, b"{}"), encode)


def _set_prices(resource: Resource, request: Request, pricing: bytes) -> Chain:
    def write(record: Record) -> Command:
        return BulkWrite(
            kind=resource.kind,
            may_create=False,
            rows=Rows(count=1, ids=[record.id], columns={"pricing": [pricing]}),
        )

    return Chain(find_command(resource, request, to_change=True, missing=Code.OWNER_NOT_FOUND), write)


def _row(item: dict[str, Any]) -> dict[str, Any]:
    key = "id" if "id" in item else "sourceId"
    return {"action": "create", "key": item[key], "lookupKey": key, "success": True}
