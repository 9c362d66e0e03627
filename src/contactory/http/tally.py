"""Amounts by key, of which only those that are not zero are kept."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

T = TypeVar("T")


class Tally(Counter[T]):
    """A counter that forgets keys whose amount comes to zero, so as not to grow with all that ever came."""

    def add(self, key: T, more: int) -> None:
        """`more` than before, or less where it is negative."""
        self[key] += more
        if not self[key]:
            del self[key]
