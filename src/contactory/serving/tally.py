"""A counter that keeps only the keys whose amount is not zero."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

T = TypeVar("T")


class Tally(Counter[T]):
    """Amounts by key. Keys whose amount comes to zero are removed, so that it does not grow for ever."""

    def add(self, key: T, more: int) -> None:
        """Add `more`, which may be negative."""
        self[key] += more
        if not self[key]:
            del self[key]
