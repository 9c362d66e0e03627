"""Descriptions of the members of an object, from which both readers take names and limits."""

from __future__ import annotations

from functools import cache
from types import NoneType
from typing import Any, Final, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import UnsetType

from contactory.columns.document import ValueKind
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


_KINDS: Final[dict[Any, tuple[ValueKind, ...]]] = {
    UnsetType: (ValueKind.ABSENT,),
    NoneType: (ValueKind.NULL,),
    str: (ValueKind.TEXT,),
    int: (ValueKind.INTEGER,),
    float: (ValueKind.INTEGER, ValueKind.NUMBER),
    bool: (ValueKind.TRUE, ValueKind.FALSE),
    list: (ValueKind.ARRAY,),
    tuple: (ValueKind.ARRAY,),
}


@cache
def kinds_of(struct: type[msgspec.Struct]) -> npt.NDArray[np.bool_]:
    """Return the kinds of values that a type takes, by its members and by ValueKind. A type of a member that
    is not known above is an object."""
    hints = get_type_hints(struct)
    allowed = np.zeros((len(struct.__struct_fields__), len(ValueKind)), bool)
    for number, name in enumerate(struct.__struct_fields__):
        for type_ in get_args(hints[name]) or (hints[name],):
            allowed[number, list(_KINDS.get(get_origin(type_) or type_, (ValueKind.OBJECT,)))] = True
    return allowed
