"""Prices of contacts and companies: a document that is checked, and stored as it was sent."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from contactory.dialects.propeller.rows import ABSENT, Number
from contactory.dialects.sizes import find_excess, is_too_deep
from contactory.model.limits import MOST_ITEMS

_ABOVE: Final = 3  # levels of a body, down to a row


class Element(msgspec.Struct):
    type: Literal["CP", "SP", "net"] = ABSENT
    amount: float = ABSENT
    price: float = ABSENT


class Item(msgspec.Struct, forbid_unknown_fields=True):
    id: int = ABSENT
    source: str = ABSENT
    sourceId: Number = ABSENT  # noqa: N815
    pricing: Element = ABSENT

    def __post_init__(self) -> None:
        if self.id is None and (self.source is None or self.sourceId is None):
            raise ValueError


class Pricing(msgspec.Struct, forbid_unknown_fields=True):
    categories: list[Item] = ABSENT
    products: list[Item] = ABSENT
    shopId: int = ABSENT  # noqa: N815

    def __post_init__(self) -> None:
        if self.categories is None and self.products is None:
            raise ValueError


_decode = msgspec.json.Decoder().decode


def is_pricing(document: bytes) -> bool:
    """Tell whether a document is a valid pricing, in which every value, also under keys of no meaning, can be
    read back. Raises UNREADABLE errors."""
    if is_too_deep(document, _ABOVE) or (document.count(b",") >= MOST_ITEMS and find_excess(document)):
        return False
    try:
        msgspec.convert(_decode(document), Pricing)
    except msgspec.ValidationError:
        return False
    return True
