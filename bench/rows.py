"""The persons that batches are made of."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from contactory.demo.people import contacts

Row = dict[str, Any]

ROWS: Final = 10_000  # of a large batch


class Span(NamedTuple):
    """Persons of consecutive numbers, as they are in a revision."""

    first: int
    size: int
    revision: int = 0

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + self.size)

    def people(self) -> list[Row]:
        return contacts(self.size, first=self.first, revision=self.revision, everyone=True)
