"""What a dialect knows of the file in which an account moves: the vendor's own answers, one after another."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from contactory.dialects.base import Call
from contactory.dialects.documents import Stream
from contactory.model.commands import Command
from contactory.model.problems import Problem


class Place(NamedTuple):
    """Where an object stands in a file: all are counted from 1."""

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
    """Some objects cannot be taken: each with the reason."""

    def __init__(self, faults: Sequence[tuple[Item, str]]) -> None:
        super().__init__(f"{len(faults)} objects cannot be taken")
        self.faults = faults


class Reading(Protocol):
    """The objects of a file, in its order."""

    @property
    def totals(self) -> Mapping[str, int]:
        """How many objects of each resource the answers that were read so far tell of."""
        ...

    def __iter__(self) -> Iterator[Item]:
        """Raises DocumentError for what is no JSON, is cut off, or is not an answer of these resources."""
        ...


class Account(Protocol):
    """One vendor's form of such a file."""

    @property
    def definitions(self) -> Sequence[str]:
        """Resources that others refer to, and that are made first and all at once."""
        ...

    @property
    def records(self) -> Sequence[str]:
        """Resources that may have millions of objects, in the order in which they are made."""
        ...

    @property
    def has_secrets(self) -> bool:
        """Tell whether records have fields that are encrypted."""
        ...

    def read(self, stream: Stream) -> Reading: ...

    def organization_of(self, item: Item) -> int | None:
        """The number of the organization that an object says it belongs to."""
        ...

    def define(self, items: Sequence[Item]) -> Command:
        """Make or change definitions. Answers Outcomes: all of them, or none where there are problems. Raises
        ItemsError, also where the command is executed."""
        ...

    def read_record(self, item: Item) -> Any:
        """Raises ItemsError."""
        ...

    def write(self, resource: str, records: Sequence[Any]) -> Command:
        """Create or replace records, with the ids that they have. Answers Outcomes."""
        ...

    def name(self, item: Item) -> str:
        """What an object is called in messages, such as `contact 5 (externalId A1)`."""
        ...

    def say(self, problem: Problem, item: Item | None = None) -> str:
        """The reason for which an object was not written, or all that is left of a file."""
        ...

    def show(self, organization_id: int) -> Generator[Call, Any, None]:
        """Yield the calls whose answers are the file of an organization. Each is sent the result of its
        command, or thrown the Refusal."""
        ...
