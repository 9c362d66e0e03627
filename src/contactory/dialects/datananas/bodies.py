"""Request bodies of this API, decoded after their sizes were checked."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

from contactory.dialects.base import UNREADABLE, json_encode
from contactory.dialects.datananas.names import canonical
from contactory.dialects.datananas.problems import invalid, wrong
from contactory.dialects.sizes import find_excess
from contactory.dialects.unreadable import Unreadable, find_unreadable
from contactory.model.jobs import RowError
from contactory.model.limits import MOST_ITEMS
from contactory.model.problems import Code, Problem, Refusal


def read_object(body: bytes) -> dict[str, Any]:
    """Decode a body that must be an object. Raises Refusal (INVALID, MALFORMED)."""
    check_sizes(body)
    return decode_object(body)


def check_sizes(body: bytes, *, most: int = MOST_ITEMS, depth: int = 0) -> None:
    """Raise Refusal (INVALID) for a body that is too large to be decoded. `most` rows may be in the array at
    `depth` (0: there are none)."""
    excess = find_excess(body, rows=most, depth=depth)
    if excess is not None and excess.is_of_rows:
        raise wrong("contacts", f"is not an array of 1 to {most} contacts: there are {excess.found}")
    if excess is not None and excess.row is not None:
        raise invalid([RowError(excess.row, Code.BAD_VALUE.name, "", excess.reason())])
    if excess is not None:
        raise wrong("", f"the body {excess.reason()}")


def decode_object(body: bytes, depth: int = 0) -> dict[str, Any]:
    """Decode a body that must be an object, with rows at `depth`.

    Numbers beyond a double become infinite, and lone surrogates stay in texts: the readers of rows reject
    them, and so can name the row. Raises Refusal (INVALID, MALFORMED).
    """
    try:
        document = parse(body)
    except (*UNREADABLE, ValueError) as error:
        raise _malformed(body, depth) from error
    if not isinstance(document, dict):
        raise wrong("", "the body is not an object")
    return document


def parse(document: bytes) -> Any:
    """Decode a document. Raises ValueError, UNREADABLE errors among them."""
    try:
        return msgspec.json.decode(document)
    except UNREADABLE as error:
        if not isinstance(error, msgspec.ValidationError) and b"\\u" not in document:
            raise
    return json.loads(document.decode(), parse_int=_integer, parse_constant=_refuse)


def _integer(digits: str) -> int | float:
    """Read an integer; one with more digits than Python reads is infinite, as it is for a double."""
    try:
        return int(digits)
    except ValueError:
        return math.inf


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _malformed(body: bytes, depth: int) -> Refusal:
    """Make the refusal of a body that is no JSON or no UTF-8, with the rows and fields that are wrong, as far
    as they can be found."""
    texts = tuple(json_encode(_error(value, depth)).decode() for value in find_unreadable(body))
    return Refusal(Problem(code=Code.MALFORMED, texts=texts))


def _error(value: Unreadable, depth: int) -> dict[str, Any]:
    match value.path:
        case (_, int(row), *keys) if depth:
            where: dict[str, Any] = {"i": row}
        case keys:
            where = {}
    key = str(keys[0]) if keys else ""
    return where | {"field": canonical(key) or key, "message": value.reason}
