"""Everything that the benchmark knows of one API: its calls, and what they store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bench.rows import Row, Span

Number = Callable[[str, str], int]
"""The id of what rows name, out of its kind (company, attribute, group, record type) and its name."""


class Route(NamedTuple):
    """A method and a path, which has {org} in the place of the organization."""

    method: str
    path: str


class Call(NamedTuple):
    route: Route
    body: bytes


class Vendor(ABC):
    """An API.

    `key` and `fields` are columns with their PostgreSQL types: those of the key by which a contact is known,
    of which the last is the key itself, and those of table `contacts` that these rows fill. `unique` tells
    contacts apart. `is_job` says that rows are written after the answer.
    """

    name: str
    label: str
    key: dict[str, str]
    unique: tuple[str, ...]
    fields: dict[str, str]
    is_job: bool = False

    def definitions(self) -> Sequence[Call]:
        """Return the calls that come once, before all others."""
        return ()

    def references(self) -> Sequence[Call]:
        """Return the calls that make the records that contacts refer to."""
        return ()

    @abstractmethod
    def rows(self, span: Span) -> list[Row]:
        """Make rows as they are sent."""

    @abstractmethod
    def body(self, rows: Sequence[Row]) -> bytes: ...

    @abstractmethod
    def route(self, *, creates: bool) -> Route:
        """Return where rows of new or of known contacts are sent."""

    @abstractmethod
    def values(self, row: Row, number: Number) -> tuple[Any, ...]:
        """Return what is stored of a row, in the order of `key` and `fields`."""

    @abstractmethod
    def spoil(self, row: Row) -> None:
        """Make a row wrong."""

    @abstractmethod
    def check(self, answer: bytes, count: int) -> None:
        """Raise ValueError unless the body of an answer says that all of the rows were taken."""
