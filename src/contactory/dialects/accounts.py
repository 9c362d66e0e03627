"""The part of a dialect that reads and writes the file of an account: the vendor's own replies, one after
another."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from contactory.dialects.base import Call
from contactory.dialects.documents import Stream
from contactory.model.commands import Command
from contactory.model.problems import Problem


class Place(NamedTuple):
    """The position of an object in a file: line, reply and record, each counted from 1."""

    line: int
    answer: int
    record: int

    def __str__(self) -> str:
        return f"line {self.line}, answer {self.answer}, record {self.record}"


class Item(NamedTuple):
    """An object of a resource, such as groups."""

    place: Place
    resource: str
    document: dict[str, Any]


class ItemsError(Exception):
    """Some objects cannot be imported. `faults` has each with its reason."""

    def __init__(self, faults: Sequence[tuple[Item, str]]) -> None:
        super().__init__(f"{len(faults)} objects cannot be taken")
        self.faults = faults


class Reading(Protocol):
    """The objects of a file, in its order."""

    @property
    def totals(self) -> Mapping[str, int]:
        """The total number of objects of each resource, by the replies that were read so far."""
        ...

    def __iter__(self) -> Iterator[Item]:
        """Yield the objects. Raises DocumentError for a file that is no JSON, is cut off, or has other
        replies."""
        ...


class Account(Protocol):
    """The file of an account in the form of a vendor."""

    @property
    def definitions(self) -> Sequence[str]:
        """The resources to which others refer. They are created first, all in one command."""
        ...

    @property
    def records(self) -> Sequence[str]:
        """The resources that may have millions of objects, in the order in which they are created."""
        ...

    @property
    def has_secrets(self) -> bool:
        """Tell whether records have fields that are encrypted."""
        ...

    def read(self, stream: Stream) -> Reading: ...

    def organization_of(self, item: Item) -> int | None:
        """Return the number of the organization in an object; None if it has none."""
        ...

    def define(self, items: Sequence[Item]) -> Command:
        """Return a command that creates or changes definitions, all or none. Its result is Outcomes. Raises
        ItemsError, also when the command is executed."""
        ...

    def read_record(self, item: Item) -> Any:
        """Read an object for `write`. Raises ItemsError."""
        ...

    def write(self, resource: str, records: Sequence[Any]) -> Command:
        """Return a command that creates or replaces records with their ids. Its result is Outcomes."""
        ...

    def name(self, item: Item) -> str:
        """Return the name of an object for messages, such as `contact 5 (externalId A1)`."""
        ...

    def describe(self, problem: Problem, item: Item | None = None) -> str:
        """Return the text of a problem, for which an object or the rest of a file was not written."""
        ...

    def show(self, organization_id: int) -> Generator[Call, Any, None]:
        """Yield the calls whose replies are the file of an organization. The generator is sent the result of
        each command, or its Refusal is thrown into it."""
        ...
