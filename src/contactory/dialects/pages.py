"""The items of a page, of a bounded size in all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from contactory.dialects.base import json_encode
from contactory.model.limits import LARGEST_PAGE
from contactory.model.problems import page_too_large


def encode_items(items: Iterable[Any]) -> list[msgspec.Raw]:
    """Encode the items of a page one by one. Parts that items share, such as the company of many contacts,
    count for each item.

    Raises Refusal (PAGE_TOO_LARGE) when they have more than LARGEST_PAGE bytes. A single item is never too
    large, since no client could ask for less.
    """
    encoded: list[msgspec.Raw] = []
    size = 0
    for item in items:
        written = json_encode(item)
        size += len(written)
        if size > LARGEST_PAGE and encoded:
            raise page_too_large()
        encoded.append(msgspec.Raw(written))
    return encoded
