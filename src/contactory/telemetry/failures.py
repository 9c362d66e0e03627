"""The description of exceptions in logs: their lines of code and their class, without any value.

Messages of exceptions repeat values that clients send: a missing key, a text that is no number, the row that
the database refuses. So only messages that cannot contain a value are logged.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Final

import psycopg

from contactory.store.errors import Unfit, safe_message

_MOST_LINKS: Final = 10


def describe(error: BaseException) -> str:
    """Return the class of an error, and its message as far as that cannot contain a value."""
    name = type(error).__qualname__
    module = type(error).__module__
    full_name = name if module == "builtins" else f"{module}.{name}"
    text = message(error)
    return f"{full_name}: {text}" if text else full_name


def trace(error: BaseException) -> str:
    """Return the traceback of an error and of the errors that led to it, without values. The error comes
    first.
    """
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
    """Yield the error, and then the errors that it was raised from or while handling, the nearest first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen and len(seen) < _MOST_LINKS:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def message(error: BaseException) -> str:
    """Return an error's message as far as it cannot contain a value, or ""."""
    if isinstance(error, psycopg.Error):
        return safe_message(error)
    if isinstance(error, Unfit):
        return str(error)  # A sentence of ours, for operators.
    if isinstance(error, OSError):
        return error.strerror or ""
    return ""
