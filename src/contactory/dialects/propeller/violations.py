"""The refusal of a body that does not match its schema, with everything that is wrong with it."""

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

_LONGEST_TEXT: Final = 4 * LONGEST_TEXT  # in bytes
_INFINITY: Final = float("inf")
_ZERO: Final = "a text cannot hold the character U+0000"


def refuse_body(
    schema: dict[str, Any], body: bytes, *, rows_key: str = "", most: int = MOST_ITEMS, sized: bool = False
) -> None:
    """Raise Refusal with the violations of a schema (INVALID), or with the values that cannot be stored
    (BAD_VALUE); return if there are none.

    `rows_key` is the key of the rows, of which there may be `most`. `sized`: the size has been checked.
    """
    if not sized:
        check_size(body, rows_key=rows_key, most=most)
    refuse_document(schema, read_document(body))


def refuse_document(schema: dict[str, Any], document: Any) -> None:
    """Refuse a decoded body, as `refuse_body` does."""
    _refuse_violations(schema, document)
    wrong = (f"{shorten(pointer)}: {reason}" for pointer, reason in _find_unstorable(document, "#"))
    _refuse_unstorable(tuple(islice(wrong, MAX_VIOLATIONS)))


def find_null_characters(schema: dict[str, Any], body: bytes, rows_key: str, most: int) -> dict[int, Problem]:
    """Find rows with a character U+0000, which fail. Raises Refusal for any other error in the body."""
    check_size(body, rows_key=rows_key, most=most)
    document = read_document(body)
    _refuse_violations(schema, document)
    wrong, zeros = list[str](), dict[int, Problem]()
    for pointer, reason in _find_unstorable(document, "#"):
        _, key, row, *_ = *pointer.split("/"), ""
        text = f"{shorten(pointer)}: {reason}"
        if key == rows_key and reason is _ZERO:
            zeros.setdefault(int(row), Problem(code=Code.BAD_VALUE, texts=(text,)))
        else:
            wrong.append(text)
    _refuse_unstorable(tuple(wrong[:MAX_VIOLATIONS]))
    return zeros


def _refuse_violations(schema: dict[str, Any], document: Any) -> None:
    found = violations(schema, document)
    if found:
        raise Refusal(Problem(code=Code.INVALID, texts=tuple(map(shorten, found))))


def _refuse_unstorable(wrong: tuple[str, ...]) -> None:
    if wrong:
        raise Refusal(Problem(code=Code.BAD_VALUE, texts=wrong))


def check_size(body: bytes, *, rows_key: str = "", most: int = MOST_ITEMS) -> None:
    """Raise Refusal for a body that exceeds a limit (INVALID, or TOO_LARGE for the number of rows) before it
    is decoded. The texts of rows are checked later, one by one."""
    if rows_key:
        excess = find_excess(body, rows=most, depth=2)
        check_rows(excess, "rows")
    else:
        excess = find_excess(body, items=most, text=_LONGEST_TEXT)
    if excess is not None:
        pointer = "#" if excess.row is None else f"#/{rows_key}/{excess.row}"
        raise Refusal(Problem(code=Code.INVALID, texts=(f"{pointer}: {excess.reason()}",)))


def check_document(pointer: str, document: Any) -> None:
    """Raise Refusal (INVALID) for a part of a body that is stored as one document and is too large for
    that."""
    size = len(json_encode(document))
    if size > LARGEST_DOCUMENT:
        reason = f"{pointer}: has {size} bytes, more than {LARGEST_DOCUMENT}"
        raise Refusal(Problem(code=Code.INVALID, texts=(reason,)))


def _find_unstorable(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield (JSON pointer, reason) of values that could not be read back."""
    match value:
        case str() if "\0" in value:
            yield pointer, _ZERO
        case int() | float() if value is HUGE or abs(value) == _INFINITY:
            yield pointer, "the number is out of range"
        case list():
            for index, item in enumerate(value):
                yield from _find_unstorable(item, f"{pointer}/{index}")
        case dict():
            for key, item in value.items():
                if "\0" in key:
                    yield f"{pointer}/{key}", _ZERO
                yield from _find_unstorable(item, f"{pointer}/{key}")
