"""A body that does not fit, looked at again for everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.dialects.propeller.everit import violations
from contactory.model.problems import Code, Problem, Refusal

MAX_VIOLATIONS: Final = 100


def refuse_body(schema: dict[str, Any], body: bytes) -> None:
    """Raise Refusal with the schema's violations, and texts that no PostgreSQL text can hold; return if
    there is neither."""
    try:
        document = msgspec.json.decode(body)
    except UNREADABLE as error:
        raise Refusal(Problem(code=Code.MALFORMED)) from error
    found = violations(schema, document)
    if found:
        raise Refusal(Problem(code=Code.INVALID, texts=tuple(found[:MAX_VIOLATIONS])))
    zeros = [f"{place}: a text cannot hold the character U+0000" for place in _zeros(document, "#")]
    if zeros:
        raise Refusal(Problem(code=Code.BAD_VALUE, texts=tuple(zeros[:MAX_VIOLATIONS])))


def _zeros(value: Any, place: str) -> Iterator[str]:
    match value:
        case str() if "\0" in value:
            yield place
        case list():
            for index, item in enumerate(value):
                yield from _zeros(item, f"{place}/{index}")
        case dict():
            for key, item in value.items():
                if "\0" in key:
                    yield f"{place}/{key}"
                yield from _zeros(item, f"{place}/{key}")
