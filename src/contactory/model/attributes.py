"""Attributes: fields that an organization defines for itself."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

TYPES: Final = ("text", "list", "enum", "enumlist", "integer", "decimal", "date", "datetime", "color")


class AttributeDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """`details` is whatever else the vendor lets one say of an attribute, kept as it was said."""

    id: int = 0
    attribute_class: str
    name: str
    type: str
    details: dict[str, Any] = {}


def accepts(attribute_type: str, value: Any) -> bool:
    """Whether an attribute of a type may hold a JSON value. Numbers and dates may come as texts; texts and
    lists may come in several languages, as a list."""
    match attribute_type:
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
    if not text:
        return True
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
