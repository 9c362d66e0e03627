"""Pages: `page` counts from 1, and replies have {"page": .., "pages": .., "total": ..}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from contactory.dialects.datananas.problems import wrong

SIZE: Final = 20
MAX_SIZE: Final = 1000


def read_page(query: Mapping[str, Sequence[str]]) -> tuple[int, int]:
    """Read the number of the page, and its size (`perPage`). Raises Refusal (INVALID)."""
    return _count(query, "page", 1, 10**9), _count(query, "perPage", SIZE, MAX_SIZE)


def page_info(page: int, size: int, found: int) -> dict[str, int]:
    return {"page": page, "pages": -(-found // size), "total": found}


def _count(query: Mapping[str, Sequence[str]], name: str, default: int, most: int) -> int:
    text = (query.get(name) or [""])[-1] or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= most):
        raise wrong(name, f"is not a number from 1 to {most}")
    return int(text)
