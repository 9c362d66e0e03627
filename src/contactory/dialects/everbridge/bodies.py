"""Bodies of this API, read by types once it is known that they are not too large."""

from __future__ import annotations

from typing import Any

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.dialects.everbridge.problems import bad, mismatch
from contactory.dialects.sizes import check_rows, find_excess
from contactory.model.limits import MOST_ITEMS


def read_one(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """A document that is one thing."""
    return _read(decoder, body, 0, MOST_ITEMS, "")


def read_several(decoder: msgspec.json.Decoder[Any], body: bytes, most: int, rows: str) -> Any:
    """An array of at most so many; `rows` is what these are called."""
    return _read(decoder, body, 1, most, rows)


def _read(decoder: msgspec.json.Decoder[Any], body: bytes, depth: int, most: int, rows: str) -> Any:
    excess = find_excess(body, rows=most, depth=depth)
    check_rows(excess, rows)
    if excess is not None:
        place = "The payload" if excess.row is None else f"The [{excess.row + 1}]"
        raise bad(f"{place} {excess.reason()}.")
    try:
        return decoder.decode(body)
    except UNREADABLE as error:
        raise mismatch() from error
