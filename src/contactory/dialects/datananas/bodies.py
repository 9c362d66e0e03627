"""Bodies of this API, read once it is known that they are not too large."""

from __future__ import annotations

from typing import Any

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.dialects.datananas.problems import invalid, wrong
from contactory.dialects.datananas.rows import Error
from contactory.dialects.sizes import find_excess
from contactory.model.limits import MOST_ITEMS
from contactory.model.problems import Code, Problem, Refusal


def read_object(body: bytes, *, most: int = MOST_ITEMS, depth: int = 0) -> dict[str, Any]:
    """A document that is an object. `most` and `depth`: rows that it may have, and where these are."""
    excess = find_excess(body, rows=most, depth=depth)
    if excess is not None and excess.is_of_rows:
        raise wrong("contacts", f"is not an array of 1 to {most} contacts: there are {excess.found}")
    if excess is not None and excess.row is not None:
        raise invalid([Error(excess.row, "", excess.reason())])
    if excess is not None:
        raise wrong("", f"the body {excess.reason()}")
    try:
        document = msgspec.json.decode(body)
    except UNREADABLE as error:
        raise Refusal(Problem(code=Code.MALFORMED)) from error
    if not isinstance(document, dict):
        raise wrong("", "the body is not an object")
    return document
