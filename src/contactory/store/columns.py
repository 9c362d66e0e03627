"""How each type of field travels to PostgreSQL, and how a staged value meets a stored one in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, LiteralString, NamedTuple, assert_never

from psycopg.sql import SQL, Composed, Identifier

from contactory.model.fields import FieldType, Mode


class Column(NamedTuple):
    """A field as one write uses it. `deletes`: some row deletes map keys."""

    field: str
    type: FieldType
    mode: Mode = Mode.SET
    deletes: bool = False


# The type on the wire; where it is not the column's own, its bytes are (a date is a count of days).
WIRE_TYPES: Final[dict[FieldType, str]] = {
    FieldType.TEXT: "text",
    FieldType.DATE: "int4",
    FieldType.REFERENCE: "int8",
    FieldType.JSON: "bytea",
    FieldType.MAP: "bytea",
    FieldType.SECRET: "bytea",
}


def to_wire(type_: FieldType, values: Sequence[Any]) -> Sequence[Any]:
    """The values as COPY sends them: jsonb is its text behind a version byte."""
    if type_ is FieldType.JSON or type_ is FieldType.MAP:
        return [value and b"\x01" + value for value in values]
    return values


_EMPTY: Final[dict[FieldType, LiteralString]] = {
    FieldType.TEXT: "''",
    FieldType.DATE: "NULL",
    FieldType.REFERENCE: "0",
    FieldType.JSON: "'{}'",
    FieldType.MAP: "'{}'",
    FieldType.SECRET: "''",
}


def created_value(column: Column) -> Composed:
    """SQL for the value of a new record."""
    return _fill(_normalize(column, "coalesce({given}, {empty})"), column)


def changed_value(column: Column) -> Composed:
    """SQL for the value of a record that exists."""
    return _fill(_normalize(column, _merge(column)), column)


def _merge(column: Column) -> LiteralString:
    match column.mode:
        case Mode.FILL:
            return (
                "CASE WHEN {stored} IS NOT DISTINCT FROM {empty} THEN coalesce({given}, {empty})"
                " ELSE {stored} END"
            )
        case Mode.SET if column.type is FieldType.MAP:
            return "CASE WHEN {given} IS NULL THEN {stored} ELSE {stored} || {given} END"
        case Mode.SET:
            return "coalesce({given}, {stored})"
        case Mode.INITIAL:
            return "{stored}"
        case _:
            assert_never(column.mode)


def _normalize(column: Column, value: LiteralString) -> LiteralString:
    if column.type is FieldType.DATE:
        return "nullif(" + value + ", 'infinity')"
    if column.deletes:
        return "without_nulls(" + value + ")"
    return value


def _fill(template: LiteralString, column: Column) -> Composed:
    return SQL(template).format(
        given=Identifier("given", column.field),
        stored=Identifier("record", column.field),
        empty=SQL(_EMPTY[column.type]),
    )
