"""A body that does not fit, looked at again for everything that is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NoReturn

import msgspec

from contactory.dialects.base import UNREADABLE, json_encode
from contactory.dialects.propeller.everit import MAX_VIOLATIONS, violations
from contactory.dialects.sizes import check_rows, find_excess, shown
from contactory.model.limits import LARGEST_DOCUMENT, LONGEST_TEXT, MOST_DIGITS, MOST_ITEMS
from contactory.model.problems import Code, Problem, Refusal

_LONGEST_TEXT: Final = 4 * LONGEST_TEXT  # bytes of so many characters
_INFINITY: Final = float("inf")
_HUGE: Final = 10 ** (MOST_DIGITS - 1)  # stands for numbers of more digits


def refuse_body(
    schema: dict[str, Any], body: bytes, *, rows_key: str = "", most: int = MOST_ITEMS, sized: bool = False
) -> None:
    """Raise Refusal with the schema's violations, and values that cannot be kept; return if there is neither.
    `rows_key` and `most`: where the rows are, and how many there may be. `sized`: that was looked at
    before."""
    if not sized:
        check_size(body, rows_key=rows_key, most=most)
    document = _read(body)
    found = violations(schema, document)
    if found:
        raise Refusal(Problem(code=Code.INVALID, texts=tuple(map(shown, found))))
    wrong = tuple(
        islice((f"{shown(place)}: {reason}" for place, reason in _unkept(document, "#")), MAX_VIOLATIONS)
    )
    if wrong:
        raise Refusal(Problem(code=Code.BAD_VALUE, texts=wrong))


def check_size(body: bytes, *, rows_key: str = "", most: int = MOST_ITEMS) -> None:
    """Refuse a body that is too large in some respect before anything is made of it. Texts of rows are looked
    at later, one by one."""
    if rows_key:
        excess = find_excess(body, rows=most, depth=2)
        check_rows(excess, "rows")
    else:
        excess = find_excess(body, items=most, text=_LONGEST_TEXT)
    if excess is not None:
        place = "#" if excess.row is None else f"#/{rows_key}/{excess.row}"
        raise Refusal(Problem(code=Code.INVALID, texts=(f"{place}: {excess.reason()}",)))


def check_document(place: str, document: Any) -> None:
    """Refuse a part of a body that is kept as one document and is too large for that."""
    size = len(json_encode(document))
    if size > LARGEST_DOCUMENT:
        reason = f"{place}: has {size} bytes, more than {LARGEST_DOCUMENT}"
        raise Refusal(Problem(code=Code.INVALID, texts=(reason,)))


def _read(body: bytes) -> Any:
    """The document; numbers that are too large for its reader have a stand-in."""
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:  # of a number: nothing else is asked for
        try:
            return json.loads(body, parse_int=_whole, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Refusal(Problem(code=Code.MALFORMED)) from error
    except UNREADABLE as error:
        raise Refusal(Problem(code=Code.MALFORMED)) from error


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else _HUGE


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _unkept(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Places of values that no reader could read again."""
    match value:
        case str() if "\0" in value:
            yield place, "a text cannot hold the character U+0000"
        case int() | float() if value is _HUGE or abs(value) == _INFINITY:
            yield place, "the number is out of range"
        case list():
            for index, item in enumerate(value):
                yield from _unkept(item, f"{place}/{index}")
        case dict():
            for key, item in value.items():
                if "\0" in key:
                    yield f"{place}/{key}", "a text cannot hold the character U+0000"
                yield from _unkept(item, f"{place}/{key}")
