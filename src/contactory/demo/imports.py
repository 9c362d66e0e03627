"""How the demo's persons are sent to an API. Each API has a module of its own that fills an Import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

Row = dict[str, Any]


class Step(NamedTuple):
    """All persons in one call, as of one revision of people.contacts."""

    label: str
    revision: int


STEPS: Final = (Step("Create", 0), Step("A tenth changed", 1), Step("None changed", 1))


class Call(NamedTuple):
    path: str
    body: bytes


class Counts(NamedTuple):
    """What a reply says of its rows. `errors`: of the rows that failed, as they are worded."""

    created: int
    errors: list[str]


class Import(NamedTuple):
    """`preparations`: calls that come before all others; `read` looks into a reply; `examples` makes commands
    to go on with out of an address, a token and the rows, each with what it does."""

    api: str
    preparations: Sequence[Call]
    path: str
    encode: Callable[[Sequence[Row]], bytes]
    read: Callable[[bytes], Counts]
    examples: Callable[[str, str, Sequence[Row]], list[tuple[str, str]]]
