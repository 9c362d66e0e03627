"""Ids as clients see them: 24 hexadecimal digits, as the vendor's samples show."""

from __future__ import annotations

import re
from typing import Final

from contactory.model.fields import LARGEST_ID

_SHAPE: Final = re.compile("[0-9a-fA-F]{24}")


def encode_id(id_: int) -> str | None:
    return f"{id_:024x}" if id_ else None


def is_id(text: str) -> bool:
    return _SHAPE.fullmatch(text) is not None


def decode_id(text: str) -> int | None:
    """Return the number of an id; None if the text cannot be one of ours."""
    number = int(text, 16) if is_id(text) else 0
    return number if 0 < number <= LARGEST_ID else None
