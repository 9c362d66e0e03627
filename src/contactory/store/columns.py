"""Encoding of each type of field for PostgreSQL, and the SQL that merges a staged value with a stored one."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack
from typing import Any, Final, LiteralString, NamedTuple, assert_never

import msgspec
from psycopg.sql import SQL, Composed, Identifier

from contactory.columns.column import BytesColumn
from contactory.model.fields import CLEARED_DATE, EMPTY, FieldType, Kind, Mode


class Column(NamedTuple):
    """Field as one write uses it. `deletes`: a document of some row may contain nulls, which delete keys."""

    field: str
    type: FieldType
    mode: Mode = Mode.SET
    deletes: bool = False


# The type on the wire. It need not be the column's type if its bytes are the same (a date is a count of
# days).
WIRE_TYPES: Final[dict[FieldType, str]] = {
    FieldType.TEXT: "text",
    FieldType.DATE: "int4",
    FieldType.TIMESTAMP: "int8",
    FieldType.REFERENCE: "int8",
    FieldType.JSON: "bytea",
    FieldType.MAP: "bytea",
    FieldType.LIST: "bytea",
    FieldType.PATHS: "bytea",
    FieldType.BOOLEAN: "bool",
    FieldType.IDS: "bytea",
    FieldType.SECRET: "bytea",
}
_DOCUMENTS: Final = (FieldType.JSON, FieldType.MAP, FieldType.LIST, FieldType.PATHS)
_VERSION: Final = b"\x01"  # of jsonb on the wire
_BIGINT: Final = 20  # the oids of types


def to_wire(type_: FieldType, values: Sequence[Any]) -> Sequence[Any]:
    """Return the values as COPY sends them: jsonb is a version byte and its text."""
    if type_ in _DOCUMENTS:
        if isinstance(values, BytesColumn):
            return values.prefix(_VERSION)
        return [value and _VERSION + value for value in values]
    if type_ is FieldType.IDS:
        arrays = {ids: None if ids is None else _array(ids) for ids in set(values)}
        return [arrays[ids] for ids in values]
    return values


def new_values(kind: Kind, column: Column, values: Sequence[Any]) -> Sequence[Any]:
    """Return the values of new records, with nothing left to merge. An empty sparse field is null, which
    takes no space in the many records that have no value in it."""
    if isinstance(values, BytesColumn) and not column.deletes:
        return _new_column(kind, column, values)
    empty = EMPTY[column.type]
    if column.type is FieldType.DATE:
        return [None if value == CLEARED_DATE else value for value in values]
    if column.deletes:
        values = [value and _without_nulls(column.type, value) for value in values]
    if column.field in kind.sparse:
        return [None if value == empty else value for value in values]
    return [empty if value is None else value for value in values]


def _new_column(kind: Kind, column: Column, values: BytesColumn[Any]) -> BytesColumn[Any]:
    if column.type is FieldType.DATE:
        return values.null_if(CLEARED_DATE.to_bytes(4))
    empty: bytes = EMPTY[column.type] if column.type in _DOCUMENTS else b""
    if column.type is FieldType.REFERENCE:
        empty = bytes(8)
    return values.null_if(empty) if column.field in kind.sparse else values.fill_null(empty)


def _without_nulls(type_: FieldType, document: bytes) -> bytes:
    """Remove nulls like the functions `without_nulls` and `jsonb_strip_nulls` of the database."""
    if b"null" not in document:
        return document
    decoded = msgspec.json.decode(document)
    if type_ is FieldType.MAP:
        return msgspec.json.encode({key: value for key, value in decoded.items() if value is not None})
    return msgspec.json.encode(_strip_nulls(decoded))


def _strip_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strip_nulls(item) for key, item in value.items() if item is not None}
    return [_strip_nulls(item) for item in value] if isinstance(value, list) else value


def _array(ids: Sequence[int]) -> bytes:
    """Encode a bigint[] as the server receives it: number of dimensions, has-nulls flag, type of the
    elements, length and lower bound of the one dimension; then each element after its size."""
    if not ids:
        return pack("!iii", 0, 0, _BIGINT)
    elements = (part for id_ in ids for part in (8, id_))
    return pack("!iiiii" + "iq" * len(ids), 1, 0, _BIGINT, len(ids), 1, *elements)


_EMPTY: Final[dict[FieldType, LiteralString]] = {
    FieldType.TEXT: "''",
    FieldType.DATE: "NULL",
    FieldType.TIMESTAMP: "NULL",
    FieldType.REFERENCE: "0",
    FieldType.JSON: "'{}'",
    FieldType.MAP: "'{}'",
    FieldType.LIST: "'[]'",
    FieldType.PATHS: "'[]'",
    FieldType.BOOLEAN: "false",
    FieldType.IDS: "'{}'",
    FieldType.SECRET: "''",
}


def stored_value(kind: Kind, field: str, *table: str) -> Composed:
    """Return SQL for the value that a field holds."""
    value = SQL("coalesce({}, {})" if field in kind.sparse else "{}")
    return value.format(Identifier(*table, field), SQL(_EMPTY[kind.fields[field]]))


def size_of(kind: Kind) -> Composed:
    """Return SQL for the size of a record in bytes, as it is read. The size of a text is known without
    reading it; that of a document is not, so those that may be large are measured as texts."""
    parts = [
        SQL(_SIZES[type_]).format(field=Identifier(field))
        for field, type_ in kind.fields.items()
        if type_ in _SIZES
    ]
    return SQL(" + ").join(parts)


_DOCUMENT_SIZE: Final[LiteralString] = (
    "CASE WHEN pg_column_size({field}) > 128 THEN octet_length({field}::text) ELSE 128 END"
)
_SIZES: Final[dict[FieldType, LiteralString]] = {
    FieldType.TEXT: "coalesce(octet_length({field}), 0)",
    FieldType.SECRET: "coalesce(octet_length({field}), 0)",
    FieldType.IDS: "8 * cardinality({field})",
    **dict.fromkeys(_DOCUMENTS, _DOCUMENT_SIZE),
}


def changed_value(kind: Kind, column: Column) -> Composed:
    """Return SQL that merges the staged value with that of a stored record."""
    value = _normalize(column, _merge(column))
    if column.field in kind.sparse:
        value = "nullif(" + value + ", {empty})"
    return SQL(value).format(
        given=Identifier("given", column.field),
        stored=stored_value(kind, column.field, "record"),
        empty=SQL(_EMPTY[column.type]),
    )


def _merge(column: Column) -> LiteralString:
    match column.mode:
        case Mode.FILL:
            return (
                "CASE WHEN {stored} IS NOT DISTINCT FROM {empty} THEN coalesce({given}, {empty})"
                " ELSE {stored} END"
            )
        case Mode.SET if column.type is FieldType.MAP:
            return "CASE WHEN {given} IS NULL THEN {stored} ELSE {stored} || {given} END"
        case Mode.SET if column.type is FieldType.IDS:
            return (
                "CASE WHEN {given} IS NULL OR {stored} @> {given} THEN {stored}"
                " ELSE ids_union({stored}, {given}) END"
            )
        case Mode.SET | Mode.REPLACE if column.type is FieldType.PATHS:
            return (
                "CASE WHEN {given} IS NULL THEN {stored}"
                " WHEN {stored} @? '$[*].quietTimeFrames' THEN keep_quiet_times({stored}, {given})"
                " ELSE {given} END"
            )
        case Mode.SET | Mode.REPLACE:
            return "coalesce({given}, {stored})"
        case Mode.INITIAL:
            return "{stored}"
        case _:
            assert_never(column.mode)


def _normalize(column: Column, value: LiteralString) -> LiteralString:
    if column.type is FieldType.DATE:
        return "nullif(" + value + ", 'infinity')"
    if column.deletes:
        without: LiteralString = "without_nulls(" if column.type is FieldType.MAP else "jsonb_strip_nulls("
        return without + value + ")"
    return value
