"""Bulk bodies to BulkWrite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from contactory.dialects.propeller import columns
from contactory.dialects.propeller.directives import direct
from contactory.dialects.propeller.pricing import is_pricing
from contactory.dialects.propeller.resources import Bulk, Resource
from contactory.dialects.propeller.values import are_emails
from contactory.dialects.propeller.violations import refuse_body
from contactory.model.bulk import BulkWrite
from contactory.model.problems import Code, Problem, Refusal


def decode_bulk(
    resource: Resource, bulk: Bulk, body: bytes, default_language: str, max_rows: int
) -> tuple[BulkWrite, Sequence[int | str]]:
    """The write, and the rows' lookup keys as they were sent.

    Raises Refusal with everything that is wrong, in the vendor's words, when the body breaks the schema.
    """
    rows, directives = _parse(bulk, body)
    if len(rows) > max_rows:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{max_rows} rows"))
    given = _transpose(bulk, rows)
    if not _fits(given) or b"\\u0000" in body:
        refuse_body(bulk.schema, body)
    write = BulkWrite(
        kind=resource.kind,
        count=len(rows),
        key_name=bulk.lookup_key,
        ids=given["id"] if bulk.lookup_key == "id" else None,
        keys=columns.keys(given, default_language),
        columns=columns.plain_columns(resource, given, default_language),
        references=columns.parents(given, default_language),
        attributes={"attributes": given["attributes"]} if any(given["attributes"]) else {},
        refused=columns.bad_values(given),
    )
    return direct(write, resource, directives), given[bulk.lookup_key]


def _parse(bulk: Bulk, body: bytes) -> tuple[list[Any], Any]:
    try:
        parsed = bulk.decoder.decode(body)
    except msgspec.ValidationError as error:
        refuse_body(bulk.schema, body)
        raise Refusal(Problem(code=Code.INVALID, texts=(f"#: {error}",))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(Problem(code=Code.MALFORMED)) from error
    return parsed.rows, parsed.directives


def _transpose(bulk: Bulk, rows: Sequence[msgspec.Struct]) -> columns.Given:
    keys = bulk.row.__struct_fields__
    if not rows:
        return dict.fromkeys(keys, ())
    return dict(zip(keys, zip(*map(astuple, rows), strict=True), strict=True))


def _fits(given: columns.Given) -> bool:
    """The rules that the types do not say."""
    return are_emails(list(filter(None, given["email"]))) and all(
        map(is_pricing, filter(None, given["pricing"]))
    )
