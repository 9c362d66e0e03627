"""Bulk bodies to BulkWrite."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

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
    if not _fits(rows) or b"\\u0000" in body:
        refuse_body(bulk.schema, body)
    keys = columns.keys(rows, default_language)
    checked, refused = columns.checked_columns(resource, rows)
    write = BulkWrite(
        kind=resource.kind,
        count=len(rows),
        key_name=bulk.lookup_key,
        ids=columns.read(rows, "id") if bulk.lookup_key == "id" else None,
        keys=keys,
        columns=checked,
        rest=partial(columns.plain_columns, resource, rows, default_language),
        references=columns.parents(rows, default_language),
        attributes=columns.attributes(rows),
        refused=refused | columns.wrong_keys(keys),
    )
    return direct(write, resource, directives), columns.read(rows, bulk.lookup_key)


def _parse(bulk: Bulk, body: bytes) -> tuple[list[Any], Any]:
    try:
        parsed = bulk.decoder.decode(body)
    except msgspec.ValidationError as error:
        refuse_body(bulk.schema, body)
        raise Refusal(Problem(code=Code.INVALID, texts=(_place(error),))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(Problem(code=Code.MALFORMED)) from error
    return parsed.rows, parsed.directives


def _place(error: msgspec.ValidationError) -> str:
    """What only the types found wrong, as near to the vendor's words as can be."""
    text, _, path = str(error).rpartition(" - at ")
    place = path.strip("`").removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    return f"#{place}: {text or error}"


def _fits(rows: Sequence[msgspec.Struct]) -> bool:
    """The rules that the types do not say."""
    emails = list(filter(None, columns.read(rows, "email")))
    return are_emails(emails) and all(map(is_pricing, filter(None, columns.read(rows, "pricing"))))
