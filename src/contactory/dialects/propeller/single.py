"""The calls that create, change and delete a single record. Each is a batch of one."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.propeller import columns
from contactory.dialects.propeller.columns import KeyOptions
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.reading import find_command
from contactory.dialects.propeller.resources import SYSTEM, Resource
from contactory.dialects.propeller.row_table import RowTable, read_row_tables
from contactory.dialects.propeller.violations import refuse_body
from contactory.model.bulk import BulkWrite, Outcomes, Rows
from contactory.model.characters import find_invisible, show_invisible, trim_key
from contactory.model.commands import Chain, Command, Delete, Record
from contactory.model.keys import Keys, Scheme
from contactory.model.problems import Code, Problem, Refusal


def decode_create(resource: Resource, default_language: str, request: Request) -> Call:
    """Decode the creation of a record. A sourceId that exists is refused."""
    row, document = _parse(resource, request.body)
    table = _table(resource, row)
    keys = columns.read_keys(table, KeyOptions(default_language, pair=request.version == "v2"))
    rows = _read_row(resource, row, table, default_language)
    rows = replace(rows, keys=keys, ids=None if keys else [0])
    write = BulkWrite(kind=resource.kind, may_update=False, rows=rows)
    return Call(write, lambda outcomes: _echo(resource, document, outcomes, 201, "created"))


def decode_update(resource: Resource, default_language: str, request: Request) -> Call:
    """Decode a partial update. "" clears a field; the language of a record does not change."""
    row, document = _parse(resource, request.body)

    def update(record: Record) -> Command:
        language = record.values["language"]
        if row.language is not None and row.language.upper() != language:
            raise Refusal(Problem(code=Code.BAD_VALUE, field="language", value=row.language))
        keys = None
        if row.sourceId is not None:
            scheme = Scheme(SYSTEM, trim_key(row.source), language, default_language)
            keys = Keys([scheme], [0], [trim_key(str(row.sourceId))])
        rows = _read_row(resource, row, _table(resource, row), default_language)
        rows = replace(rows, keys=keys, ids=[record.id])
        return BulkWrite(kind=resource.kind, may_create=False, rows=rows)

    found = find_command(resource, request, to_change=True)
    return Call(Chain(found, update), lambda outcomes: _echo(resource, document, outcomes, 200, "updated"))


def decode_delete(resource: Resource, request: Request) -> Call:
    """Decode the deletion of a record. It is only hidden, and its sourceId can be used for a new record."""

    def encode(_: Outcomes) -> Reply:
        messages = [f"{resource.kind.label} deleted"]
        return Reply(200, json_encode({"data": {}, "messages": messages}), HEADERS)

    return Call(Delete(kind=resource.kind, find=find_command(resource, request), whole=True), encode)


def _parse(resource: Resource, body: bytes) -> tuple[Any, dict[str, Any]]:
    """Return the record, and the document as it was sent."""
    refuse_body(resource.schema, body)
    try:
        row = resource.single.decode(body)
    except msgspec.ValidationError as error:
        raise Refusal(Problem(code=Code.INVALID, texts=(f"#: {error}",))) from error
    if row.fullName and row.firstName is None and row.lastName is None:
        first, _, last = row.fullName.strip().rpartition(" ")
        row = replace(row, firstName=first, lastName=last)
    return row, msgspec.json.decode(body)


def _read_row(resource: Resource, row: Any, table: RowTable, default_language: str) -> Rows:
    made, refused = columns.make_columns(resource, table, default_language)
    refused |= columns.find_wrong_keys(table, columns.read_keys(table, KeyOptions(default_language)))
    for problem in refused.values():
        raise Refusal(problem)
    single_only = {
        field: [read_single_value(key, getattr(row, key))] for key, field in resource.single_only.items()
    }
    return Rows(
        count=1,
        columns={**made, **single_only},
        references=columns.read_parents(table, default_language),
    )


def read_single_value(field: str, value: Any) -> Any:
    """Check and trim a login; other values stay as they are. Raises Refusal (BAD_VALUE) for invisible
    characters in a login."""
    if field != "login" or value is None:
        return value
    if find_invisible(trim_key(value)):
        raise Refusal(Problem(code=Code.BAD_VALUE, field=field, value=show_invisible(value)))
    return trim_key(value)


def _table(resource: Resource, row: Any) -> RowTable:
    (table,) = read_row_tables(resource.body_schema, msgspec.json.encode({resource.path: [row]}), 1)
    return table


def _echo(resource: Resource, document: dict[str, Any], outcomes: Outcomes, status: int, done: str) -> Reply:
    """Encode the record as it was sent, with its id, as in the vendor's samples."""
    for problem in outcomes.problems.values():
        raise Refusal(problem)
    data = dict(sorted({**document, "id": outcomes.ids[0]}.items()))
    body = {"data": data, "messages": [f"{resource.kind.label} {done}"], "total": 1}
    return Reply(status, json_encode(body), HEADERS)
