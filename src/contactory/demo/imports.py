"""The steps of the demo, and the description of an API that they are sent to. Each API has a module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

Row = dict[str, Any]


class Step(NamedTuple):
    """A call with all persons, in one revision of `people.contacts`."""

    label: str
    revision: int


STEPS: Final = (Step("Create", 0), Step("A tenth changed", 1), Step("None changed", 1))


class Call(NamedTuple):
    """A call whose path may contain {org} for the organization's id."""

    path: str
    body: bytes


class Route(NamedTuple):
    method: str
    path: str


class Import(NamedTuple):
    """An API as the demo uses it.

    `preparations`: calls that come before all others; `steps`: the route of each of STEPS; `errors`: reply ->
    messages of the rows that failed; `examples`: address, organization, token, rows -> titles and commands to
    paste; `watch`, for an API that responds before it writes: port, token, function that is called with the
    number of rows done -> function that waits for the end.
    """

    api: str
    compared: bool  # with plain SQL, which writes the fields of the Propeller API
    preparations: Sequence[Call]
    steps: Sequence[Route]
    encode: Callable[[Sequence[Row]], bytes]
    errors: Callable[[bytes], list[str]]
    examples: Callable[[str, int, str, Sequence[Row]], list[tuple[str, str]]]
    watch: Callable[[int, str, Callable[[int], None]], Callable[[], None]] | None = None
