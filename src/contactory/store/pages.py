"""Pages that are too large to be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contactory.model.limits import LARGEST_PAGE
from contactory.model.problems import page_too_large


def check_page(rows: Sequence[Any]) -> None:
    """Refuse rows behind each of which stand the bytes of all and their number, where these are too many. One
    alone is read however large it is, since nobody could ask for less."""
    for *_, size, amount in rows[:1]:
        if amount > 1 and size > LARGEST_PAGE:
            raise page_too_large()
