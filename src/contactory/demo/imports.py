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
    """Paths have {org} in the place of the organization, here and below."""

    path: str
    body: bytes


class Route(NamedTuple):
    method: str
    path: str


class Import(NamedTuple):
    """`preparations`: calls that come before all others; `steps`: where each of STEPS goes; `errors`: of the
    rows that failed, out of a reply, as they are worded; `examples` makes commands to go on with out of an
    address, an organization, a token and the rows, each with what it does; `watch`, where the work goes on
    after the answer: out of a port, a token and what takes the rows done so far, what waits for the end."""

    api: str
    compared: bool  # with plain SQL, which writes the fields of the Propeller API
    preparations: Sequence[Call]
    steps: Sequence[Route]
    encode: Callable[[Sequence[Row]], bytes]
    errors: Callable[[bytes], list[str]]
    examples: Callable[[str, int, str, Sequence[Row]], list[tuple[str, str]]]
    watch: Callable[[int, str, Callable[[int], None]], Callable[[], None]] | None = None
