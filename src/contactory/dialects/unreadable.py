"""The values for which a body cannot be decoded, with their paths: msgspec reports a byte offset at best."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from math import isfinite
from typing import Any, Final, NamedTuple

from contactory.model.characters import has_half_a_pair
from contactory.model.limits import MOST_PLACES

_NO_UTF8: Final = "has bytes that are not UTF-8"
_HALF: Final = "has half of a surrogate pair"
_NO_NUMBER: Final = "is not a number of JSON"
_BEYOND: Final = "is a number out of range"


class Unreadable(NamedTuple):
    """A value that cannot be decoded: its path from the root (keys, and indexes from 0), and the reason as a
    predicate ("is .."). The path is empty if the body is no JSON at all."""

    path: tuple[str | int, ...]
    reason: str


class _Wrong(NamedTuple):
    reason: str


class _Members(list[tuple[str, Any]]):
    """All members of an object, repeated keys included."""


def find_unreadable(body: bytes) -> list[Unreadable]:
    """Return the values for which a body cannot be decoded, in their order, at most MOST_PLACES. An empty
    list means that the body is JSON, of whatever shape."""
    half = _HALF
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text, half = body.decode(errors="surrogateescape"), _NO_UTF8
    try:
        document = json.loads(
            text,
            object_pairs_hook=_Members,
            parse_float=_read_float,
            parse_int=lambda _: 0,
            parse_constant=lambda _: _Wrong(_NO_NUMBER),
        )
    except json.JSONDecodeError as error:
        return [Unreadable((), f"is not JSON (line {error.lineno}, column {error.colno}: {error.msg})")]
    except RecursionError:
        return [Unreadable((), "is nested too deep")]
    found = (Unreadable(path, value.reason or half) for path, value in _walk(document))
    return [*islice(found, MOST_PLACES)]


def _read_float(written: str) -> float | _Wrong:
    value = float(written)
    return value if isfinite(value) else _Wrong(_BEYOND)


def _walk(document: Any) -> Iterator[tuple[tuple[str | int, ...], _Wrong]]:
    """Yield paths and reasons in the order of the body. It keeps a stack of its own, since a body may be
    nested deeper than Python's calls."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, _Wrong):
            yield path, value
        elif isinstance(value, str):
            if has_half_a_pair(value):
                yield path, _Wrong("")
        elif isinstance(value, _Members):
            for key, _ in value:
                if has_half_a_pair(key):
                    yield path, _Wrong("")
            members = [
                (key, item)
                for key, item in reversed(value)
                if not has_half_a_pair(key) and not _is_plain(item)
            ]
            stack += [((*path, key), item) for key, item in members]
        elif isinstance(value, list):
            items = reversed(list(enumerate(value)))
            stack += [((*path, index), item) for index, item in items if not _is_plain(item)]


def _is_plain(item: Any) -> bool:
    return (
        item is None or isinstance(item, int | float) or (isinstance(item, str) and not has_half_a_pair(item))
    )
