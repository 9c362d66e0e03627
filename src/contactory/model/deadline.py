"""Deadline of the work of a call: long-running code checks now and then whether it has passed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import NamedTuple

from contactory.model.problems import Code, Problem, Refusal


class Deadline(NamedTuple):
    moment: float  # by the monotonic clock
    seconds: float  # time that was given


_deadline: ContextVar[Deadline] = ContextVar("deadline")
_NEVER = Deadline(inf, inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Set a deadline for the work inside. Nested work has the deadline of the outer work."""
    if _deadline.get(_NEVER) is not _NEVER:
        yield
        return
    token = _deadline.set(Deadline(time.monotonic() + seconds, seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def current() -> Deadline:
    return _deadline.get(_NEVER)


def has_passed() -> bool:
    return time.monotonic() > current().moment


def check() -> None:
    """Raise Refusal (OVERDUE) when the deadline has passed."""
    if has_passed():
        raise Refusal(overdue())


def overdue() -> Problem:
    """Return the problem of work that has passed its deadline."""
    return Problem(code=Code.OVERDUE, value=f"{current().seconds:g}")
