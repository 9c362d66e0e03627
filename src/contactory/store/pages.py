"""Limit of the size of pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contactory.model.limits import LARGEST_PAGE
from contactory.model.problems import page_too_large


def check_page(rows: Sequence[Any]) -> None:
    """Raise Refusal (PAGE_TOO_LARGE) if the rows have too many bytes. The last two values of each row are the
    bytes and the number of all rows. A single row may have any size, since no smaller page exists."""
    for *_, size, amount in rows[:1]:
        if amount > 1 and size > LARGEST_PAGE:
            raise page_too_large()
