"""Bodies as JSON."""

from __future__ import annotations

import codecs
import json
import math
from typing import Any

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.model.problems import Code, Problem, Refusal


def parse(body: bytes) -> Any:
    """The document, behind a byte order mark or not. In one that only has values that cannot be kept, numbers
    beyond a double are infinite and halves of surrogate pairs stay in texts: reading them names their row."""
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        return msgspec.json.decode(body)
    except UNREADABLE as error:
        if isinstance(error, msgspec.ValidationError) or b"\\u" in body:
            return _parse_leniently(body)
        raise Refusal(Problem(code=Code.MALFORMED)) from error


def _parse_leniently(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_int=_integer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Refusal(Problem(code=Code.MALFORMED)) from error


def _integer(digits: str) -> int | float:
    """More digits than Python reads are more than a double has."""
    try:
        return int(digits)
    except ValueError:
        return math.inf


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")
