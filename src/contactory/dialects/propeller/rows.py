"""The types of rows, by which bodies are decoded that the scanner does not read.

A body that does not fit is validated again by its JSON schema (violations.py), for errors in the vendor's
words.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import GenericAlias
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta

from contactory.model.attributes import AttributeValue

# A key that is absent. null is refused, so no annotation allows None.
ABSENT: Final = cast("Any", None)

Number = int | str
Source = Annotated[str, Meta(min_length=1)]
Key = int | Annotated[str, Meta(min_length=1)]
Language = Annotated[str, Meta(pattern="^([A-Za-z]{2})?$")]
Gender = Literal["M", "F", "U", "m", "f", "u", ""]


class ParentRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A company by `id` or by `sourceId`, of which one is required; with both, `id` counts."""

    id: int = ABSENT
    source: str = ABSENT
    sourceId: Number = ABSENT  # noqa: N815

    def __post_init__(self) -> None:
        if self.id is None and self.sourceId is None:
            raise ValueError


class AttributeRow(
    AttributeValue,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"attribute_class": "class"},
):
    """A value of an attribute, which has an `id`, or a class and name. A row without a value deletes it."""

    type: str
    attribute_class: str = ABSENT
    name: str = ABSENT
    id: int = ABSENT
    value: bool | int | float | str | list[Any] | dict[str, Any] = ABSENT

    def __post_init__(self) -> None:
        if self.id is None and (self.attribute_class is None or self.name is None):
            raise ValueError


def row_type(name: str, required: Mapping[str, Any], optional: Mapping[str, Any]) -> type[msgspec.Struct]:
    """Make a struct of these keys that accepts no others."""
    fields: list[Any] = [*required.items(), *((key, type_, ABSENT) for key, type_ in optional.items())]
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True, omit_defaults=True, gc=False)


def body_decoder(rows_key: str, row: type[Any]) -> msgspec.json.Decoder[Any]:
    """Make a decoder of bodies, to a struct of `rows` (the key `rows_key`) and `directives`."""
    directives = list[Any] | dict[str, Any]
    body = msgspec.defstruct(
        "Body",
        [("rows", GenericAlias(list, (row,))), ("directives", directives, ABSENT)],
        rename={"rows": rows_key},
        forbid_unknown_fields=True,
    )
    return msgspec.json.Decoder(body)
