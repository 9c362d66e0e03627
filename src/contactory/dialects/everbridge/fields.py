"""Descriptions of the members of an object, from which both readers take names and limits."""

from __future__ import annotations

from typing import NamedTuple, TypeVar, get_type_hints

import msgspec

from contactory.model.limits import LONGEST_NAME


class TextField(NamedTuple):
    """A text of so many characters at most. `stored`: the field that it is stored in, if it has its own."""

    stored: str = ""
    most: int = LONGEST_NAME
    is_key: bool = False
    is_required: bool = False


class FlagField(NamedTuple):
    stored: str


class NumberField(NamedTuple):
    stored: str = ""


Field = TypeVar("Field", TextField, FlagField, NumberField)


def fields_of(struct: type[msgspec.Struct], field: type[Field]) -> dict[str, Field]:
    """Return the members of a type that are annotated with a field, by their wire names."""
    hints = get_type_hints(struct, include_extras=True)
    return {
        name: described
        for name in struct.__struct_fields__
        for described in getattr(hints[name], "__metadata__", ())
        if isinstance(described, field)
    }
