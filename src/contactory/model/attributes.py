"""Attributes: fields that an organization defines for itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from contactory.columns.column import BytesColumn, RowSelection
from contactory.columns.jit import Ints

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ]|$)", re.ASCII)
TYPES: Final = ("text", "list", "enum", "enumlist", "integer", "decimal", "date", "datetime", "color")


class AttributeDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """Definition of an attribute. `details`: further properties, stored as the vendor's API takes them."""

    id: int = 0
    attribute_class: str
    name: str
    type: str
    details: dict[str, Any] = {}


class AttributeName(msgspec.Struct, frozen=True, kw_only=True):
    """Reference to a definition, by id or by class and name. `type`: the type that it must have, if any."""

    attribute_class: str = ""
    name: str = ""
    id: int | None = None
    type: str = ""


class AttributeValue(AttributeName, frozen=True, kw_only=True):
    """Value of an attribute, as decoded JSON. None deletes the value."""

    value: Any = None


class AttributeValues(NamedTuple):
    """Values of attributes that rows give: for each one the row, in ascending order, the index of its
    attribute in `names`, and the value in JSON, None to delete it."""

    names: Sequence[AttributeName]
    rows: Ints
    name_of: Ints
    values: BytesColumn[bytes]

    @classmethod
    def of(cls, rows: Sequence[Sequence[AttributeValue] | None]) -> AttributeValues:
        """Make columns from the values of each row."""
        given = [(row, value) for row, values in enumerate(rows) for value in values or ()]
        names = [
            AttributeName(
                attribute_class=value.attribute_class, name=value.name, id=value.id, type=value.type
            )
            for _, value in given
        ]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        return cls(
            list(numbers),
            np.array([row for row, _ in given], np.int32),
            np.array([numbers[name] for name in names], np.int32),
            BytesColumn.from_values(
                [None if value.value is None else msgspec.json.encode(value.value) for _, value in given]
            ),
        )

    def take(self, rows: RowSelection) -> AttributeValues:
        """Return the values of some rows, which get the indices that they have in the selection."""
        index_of = np.full(int(max(self.rows.max(initial=-1), np.max(rows, initial=-1))) + 1, -1, np.int32)
        index_of[rows] = np.arange(len(rows))
        indices = index_of[self.rows]
        order = np.argsort(indices, kind="stable")[np.count_nonzero(indices < 0) :]
        return AttributeValues(self.names, indices[order], self.name_of[order], self.values.take(order))


def accepts(attribute_type: str, value: Any) -> bool:
    """Tell whether an attribute of a type accepts a JSON value. "" is an empty value of every type. Numbers
    and dates may be texts; texts and lists may be lists, with one item per language."""
    match attribute_type:
        case _ if value == "":
            return True
        case "integer":
            return type(value) is int or (_is_number(value) and _is_whole(Decimal(value)))
        case "decimal":
            return _is_number(value)
        case "date" | "datetime":
            return isinstance(value, str) and _is_date(value)
        case "enum" | "color":
            return isinstance(value, str)
        case _:
            return isinstance(value, str | list)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return Decimal(value).is_finite()
    except (InvalidOperation, ValueError):
        return False


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _is_date(text: str) -> bool:
    """Tell whether a text is an ISO 8601 date with hyphens, alone or before a time."""
    if not _DATE.match(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
