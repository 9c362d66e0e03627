"""A body that does not fit, looked at again for everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from contactory.dialects.base import json_encode
from contactory.dialects.propeller.documents import HUGE, read_document
from contactory.dialects.propeller.everit import MAX_VIOLATIONS, violations
from contactory.dialects.sizes import check_rows, find_excess, shorten
from contactory.model.limits import LARGEST_DOCUMENT, LONGEST_TEXT, MOST_ITEMS
from contactory.model.problems import Code, Problem, Refusal

_LONGEST_TEXT: Final = 4 * LONGEST_TEXT  # bytes of so many characters
_INFINITY: Final = float("inf")
_ZERO: Final = "a text cannot hold the character U+0000"


def refuse_body(
    schema: dict[str, Any], body: bytes, *, rows_key: str = "", most: int = MOST_ITEMS, sized: bool = False
) -> None:
    """Raise Refusal with the schema's violations, and values that cannot be kept; return if there is neither.
    `rows_key` and `most`: where the rows are, and how many there may be. `sized`: that was looked at
    before."""
    if not sized:
        check_size(body, rows_key=rows_key, most=most)
    refuse_document(schema, read_document(body))


def refuse_document(schema: dict[str, Any], document: Any) -> None:
    """Refuse a body that has been read, as `refuse_body` does."""
    _refuse_misfit(schema, document)
    wrong = (f"{shorten(place)}: {reason}" for place, reason in _unkept(document, "#"))
    _refuse_unkept(tuple(islice(wrong, MAX_VIOLATIONS)))


def find_zeros(schema: dict[str, Any], body: bytes, rows_key: str, most: int) -> dict[int, Problem]:
    """Rows with a character U+0000, which fail. Raises Refusal for whatever else is wrong with the body."""
    check_size(body, rows_key=rows_key, most=most)
    document = read_document(body)
    _refuse_misfit(schema, document)
    wrong, zeros = list[str](), dict[int, Problem]()
    for place, reason in _unkept(document, "#"):
        _, key, row, *_ = *place.split("/"), ""
        text = f"{shorten(place)}: {reason}"
        if key == rows_key and reason is _ZERO:
            zeros.setdefault(int(row), Problem(code=Code.BAD_VALUE, texts=(text,)))
        else:
            wrong.append(text)
    _refuse_unkept(tuple(wrong[:MAX_VIOLATIONS]))
    return zeros


def _refuse_misfit(schema: dict[str, Any], document: Any) -> None:
    found = violations(schema, document)
    if found:
        raise Refusal(Problem(code=Code.INVALID, texts=tuple(map(shorten, found))))


def _refuse_unkept(wrong: tuple[str, ...]) -> None:
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


def _unkept(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Places of values that no reader could read again."""
    match value:
        case str() if "\0" in value:
            yield place, _ZERO
        case int() | float() if value is HUGE or abs(value) == _INFINITY:
            yield place, "the number is out of range"
        case list():
            for index, item in enumerate(value):
                yield from _unkept(item, f"{place}/{index}")
        case dict():
            for key, item in value.items():
                if "\0" in key:
                    yield f"{place}/{key}", _ZERO
                yield from _unkept(item, f"{place}/{key}")
