"""Readers of query parameters, which may be repeated or comma-separated, with quotes or without (spec,
section 1.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from contactory.dialects.everbridge.problems import bad, bad_choice
from contactory.dialects.everbridge.replies import Paging
from contactory.dialects.everbridge.values import ItemError, number, text

MAX_PAGE_SIZE: Final = 3000
PAGE_SIZE: Final = 100

Query = Mapping[str, Sequence[str]]
Read = TypeVar("Read")


def one(query: Query, name: str, default: str = "") -> str:
    values = query.get(name) or [default]
    return values[-1].strip().strip('"') or default


def choice(query: Query, name: str, choices: Sequence[str], default: str) -> str:
    """Read one of some choices, in any case. Raises Refusal (INVALID)."""
    value = one(query, name, default).lower()
    for word in choices:
        if value == word.lower():
            return word
    raise bad_choice(name, choices)


def several(query: Query, name: str) -> list[str] | None:
    """Read all values of a parameter; None if it is absent."""
    values = query.get(name, ())
    if not values:
        return None
    return [part for value in values for part in (part.strip() for part in value.split(",")) if part]


def keys(query: Query, name: str) -> list[str] | None:
    """Read keys as `several` does. A value with commas is also one key, since keys may have commas."""
    parts = several(query, name)
    return parts and [*parts, *(value for value in query.get(name, ()) if "," in value)]


def texts(values: Sequence[object], name: str) -> list[str]:
    return [_read(text, value, name) for value in values]


def numbers(values: Sequence[object] | None, name: str) -> list[int] | None:
    if values is None:
        return None
    return [whole_number(value, name) for value in values]


def whole_number(value: object, name: str) -> int:
    return _read(number, value, name)


def _read(read: Callable[[Any, str], Read], value: object, name: str) -> Read:
    try:
        return read(value, name)
    except ItemError as error:
        raise bad(str(error)) from error


def read_page(query: Query) -> Paging:
    page = whole_number(one(query, "pageNumber", "1"), "pageNumber")
    size = whole_number(one(query, "pageSize", str(PAGE_SIZE)), "pageSize")
    return check_page(page, size)


def requested_page(query: Query) -> Paging | None:
    """Read the requested page; None if there is none: lists other than contacts are then returned whole."""
    if not one(query, "pageNumber") and not one(query, "pageSize"):
        return None
    return read_page(query)


def check_page(page: int, size: int) -> Paging:
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise bad(f"pageSize is not between 1 and {MAX_PAGE_SIZE}.")
    if not 1 <= page <= 10**9:
        raise bad("pageNumber is not a number from 1 on.")
    return Paging(page, size)
