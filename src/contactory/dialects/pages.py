"""Answers of many things, which together must not be too large."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from contactory.dialects.base import json_encode
from contactory.model.limits import LARGEST_PAGE
from contactory.model.problems import page_too_large


def fit(items: Iterable[Any]) -> list[msgspec.Raw]:
    """The items of a page, encoded one by one. What they share, such as a company that many contacts have,
    counts for each. One alone fits however large it is, since nobody could ask for less."""
    encoded: list[msgspec.Raw] = []
    size = 0
    for item in items:
        written = json_encode(item)
        size += len(written)
        if size > LARGEST_PAGE and encoded:
            raise page_too_large()
        encoded.append(msgspec.Raw(written))
    return encoded
