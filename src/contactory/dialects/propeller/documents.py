"""Bodies decoded for the validator, and refusals of those that are no JSON."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, Final, NoReturn

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.dialects.propeller.everit import OutOfRange
from contactory.dialects.sizes import shorten
from contactory.dialects.unreadable import find_unreadable
from contactory.model.limits import MOST_DIGITS
from contactory.model.problems import Code, Problem, Refusal

NO_JSON: Final = "Invalid JSON Payload"
HUGE: Final = 10 ** (MOST_DIGITS - 1)  # replaces numbers of more digits


def read_document(body: bytes) -> Any:
    """Decode a body. Numbers that are too large become HUGE or OutOfRange. Raises Refusal (MALFORMED)."""
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:  # a number that is too large: no type is checked
        try:
            return json.loads(body, parse_int=_whole, parse_float=_float, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise malformed(body) from error
    except UNREADABLE as error:
        raise malformed(body) from error


def malformed(body: bytes) -> Refusal:
    """Make the refusal of a body in the vendor's words, followed by what is wrong with it, as far as it is
    JSON."""
    values = [value for value in find_unreadable(body) if value.path]
    details = [f"{shorten('/'.join(['#', *map(str, value.path)]))}: {value.reason}" for value in values]
    return Refusal(Problem(code=Code.MALFORMED, texts=(NO_JSON, *details) if details else ()))


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else HUGE


def _float(written: str) -> float:
    value = float(written)
    return value if isfinite(value) else OutOfRange(written)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
