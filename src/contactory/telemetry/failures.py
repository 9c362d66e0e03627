"""Exceptions as logs tell them: where they came from and of which kind they are, without any value.

Messages of exceptions repeat what clients send: a key that is missing, a text that is no number, the row that
the database refuses. So only those are told that cannot have a value in them.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Final

import psycopg

from contactory.store.errors import Unfit, safe_message

_MOST_LINKS: Final = 10


def describe(error: BaseException) -> str:
    """The kind of an error, and as much of its message as cannot have a value in it."""
    kind = type(error).__qualname__
    module = type(error).__module__
    named = kind if module == "builtins" else f"{module}.{kind}"
    said = message(error)
    return f"{named}: {said}" if said else named


def trace(error: BaseException) -> str:
    """A traceback of the lines of code that an error passed, with those that led to it, oldest first."""
    parts = []
    for link, cause in enumerate(_chain(error)):
        if link:
            parts.append("After:\n")
        parts += ["Traceback (most recent call last):\n", *traceback.format_tb(cause.__traceback__)]
        parts.append(f"{describe(cause)}\n")
        if isinstance(cause, BaseExceptionGroup):
            parts += [f"With:\n{trace(part)}\n" for part in cause.exceptions[:_MOST_LINKS]]
    return "".join(parts).rstrip()


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from or while handling, the nearest first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen and len(seen) < _MOST_LINKS:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def message(error: BaseException) -> str:
    """Return as much of an error's message as cannot have a value in it; may be nothing."""
    if isinstance(error, psycopg.Error):
        return safe_message(error)
    if isinstance(error, Unfit):
        return str(error)  # A sentence of ours, for whoever runs the service.
    if isinstance(error, OSError):
        return error.strerror or ""
    return ""
