"""Guessing is slow: who fails too often in a minute has to wait, whatever is shown then.

Each process counts for itself and forgets when it ends, so that several let through as many times more.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from contactory.model.problems import Code, Problem, Refusal

FAILURES: Final = 10
SECONDS: Final = 60.0
MOST: Final = 100_000

_failures: Final[dict[str, deque[float]]] = {}


def may_try(name: str) -> None:
    """Raises Refusal (TOO_MANY; its value: seconds to wait) for a name of which too much was wrong."""
    times = _failures.get(name)
    if times is None or len(times) < FAILURES:
        return
    wait = times[0] + SECONDS - time.monotonic()
    if wait > 0:
        raise Refusal(Problem(code=Code.TOO_MANY, value=str(int(wait) + 1)))


def has_failed(name: str) -> None:
    if len(_failures) >= MOST:
        _failures.clear()
    _failures.setdefault(name, deque(maxlen=FAILURES)).append(time.monotonic())


def has_succeeded(name: str) -> None:
    _failures.pop(name, None)
