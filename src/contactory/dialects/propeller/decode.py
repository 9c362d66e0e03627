"""Bulk bodies to BulkWrite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import astuple

from contactory.dialects.propeller.directives import direct
from contactory.dialects.propeller.pricing import is_pricing
from contactory.dialects.propeller.resources import SYSTEM, Bulk, Resource
from contactory.dialects.propeller.rows import AttributeRow, ParentRow
from contactory.dialects.propeller.values import GENDERS, are_emails, as_text, days
from contactory.dialects.propeller.violations import refuse_body
from contactory.model.bulk import AttributeValue, BulkWrite, Keys, Reference, Scheme
from contactory.model.fields import COMPANIES
from contactory.model.problems import Code, Problem, Refusal

Given = Mapping[str, Sequence[Any]]
"""Wire name -> a value per row, None where the row does not have the key."""

# PostgreSQL cannot index a longer key.
MAX_KEY_LENGTH: Final = 500


def decode_bulk(
    resource: Resource, bulk: Bulk, body: bytes, default_language: str, max_rows: int
) -> tuple[BulkWrite, Sequence[int | str]]:
    """The write, and the rows' lookup keys as they were sent.

    Raises Refusal with everything that is wrong, in the vendor's words, when the body breaks the schema."""
    rows, directives = _parse(bulk, body)
    if len(rows) > max_rows:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{max_rows} rows"))
    given = (
        dict(zip(bulk.row.__struct_fields__, zip(*map(astuple, rows), strict=True), strict=True))
        if rows
        else {}
    )
    if not _fits(given) or b"\\u0000" in body:
        refuse_body(bulk.schema, body)
    write = BulkWrite(
        kind=resource.kind,
        count=len(rows),
        key_name=bulk.lookup_key,
        ids=given.get("id"),
        keys=_keys(given, default_language) if any(given.get("sourceId", ())) else None,
        columns=_columns(resource, given, default_language),
        references={"parent_id": _parents(given, default_language)} if any(given.get("parent", ())) else {},
        attributes={"attributes": _attributes(given["attributes"])}
        if any(given.get("attributes", ()))
        else {},
        refused=_bad_values(given),
    )
    return direct(write, resource, directives), given.get(bulk.lookup_key, ())


def _parse(bulk: Bulk, body: bytes) -> tuple[list[Any], Any]:
    try:
        parsed = bulk.decoder.decode(body)
    except msgspec.ValidationError as error:
        refuse_body(bulk.schema, body)
        raise Refusal(Problem(code=Code.INVALID, texts=(f"#: {error}",))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(Problem(code=Code.MALFORMED)) from error
    return parsed.rows, parsed.directives


def _fits(given: Given) -> bool:
    """The rules that the types do not say."""
    return are_emails([email for email in given.get("email", ()) if email]) and all(
        is_pricing(pricing) for pricing in given.get("pricing", ()) if pricing
    )


def _keys(given: Given, default_language: str) -> Keys:
    numbers: dict[tuple[str, str | None], int] = {}
    scheme_of = [
        numbers.setdefault(pair, len(numbers))
        for pair in zip(given["source"], given["language"], strict=True)
    ]
    schemes = [
        Scheme(SYSTEM, source or "", language and language.upper(), default_language)
        for source, language in numbers
    ]
    return Keys(schemes, scheme_of, [as_text(key) or "" for key in given["sourceId"]])


def _columns(resource: Resource, given: Given, default_language: str) -> dict[str, Sequence[Any]]:
    if not given:
        return {}
    columns: dict[str, Sequence[Any]] = {field: given[key] for key, field in resource.texts.items()}
    columns |= {field: [as_text(value) for value in given[key]] for key, field in resource.numbers.items()}
    columns["language"] = [
        language.upper() if language else default_language for language in given["language"]
    ]
    columns["pricing"] = [pricing and bytes(pricing) for pricing in given["pricing"]]
    if "gender" in given:
        columns["gender"] = [GENDERS.get(gender) for gender in given["gender"]]
        born = [days(text) for text in given["dateOfBirth"]]
        columns["date_of_birth"] = [None if isinstance(day, ValueError) else day for day in born]
    return columns


def _parents(given: Given, default_language: str) -> list[Reference | None]:
    known: dict[tuple[Any, ...], Reference] = {}
    return [
        parent and known.setdefault((*astuple(parent), source), _parent(parent, source, default_language))
        for parent, source in zip(given["parent"], given["source"], strict=True)
    ]


def _parent(parent: ParentRow, near: str | None, default_language: str) -> Reference:
    if parent.id is not None:
        return Reference(COMPANIES, SYSTEM, id=parent.id)
    return Reference(
        COMPANIES,
        SYSTEM,
        key=as_text(parent.sourceId) or "",
        key_name="sourceId",
        scheme=parent.source or "",
        near=near or "",
        near_qualifier=default_language,
    )


def _attributes(given: Sequence[Sequence[AttributeRow] | None]) -> list[list[AttributeValue] | None]:
    return [None if rows is None else [_attribute(row) for row in rows] for rows in given]


def _attribute(row: AttributeRow) -> AttributeValue:
    return AttributeValue(row.class_ or "", row.name or "", row.id or 0, row.type, row.value)


def _bad_values(given: Given) -> dict[int, Problem]:
    """Rows with a value of the right type that cannot be taken; they fail, the others do not."""
    problems = {
        row: Problem(code=Code.BAD_VALUE, field="dateOfBirth", value=text)
        for row, text in enumerate(given.get("dateOfBirth", ()))
        if isinstance(days(text), ValueError)
    }
    for key in ("source", "sourceId"):
        long = (row for row, value in enumerate(given.get(key, ())) if len(str(value)) > MAX_KEY_LENGTH)
        problems |= {
            row: Problem(code=Code.BAD_VALUE, field=key, value=f"{given[key][row][:40]}...") for row in long
        }
    return problems
