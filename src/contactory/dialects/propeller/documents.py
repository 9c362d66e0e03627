"""Bodies as documents for the validator, and refusals of those that cannot be read."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, Final, NoReturn

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.dialects.propeller.everit import Beyond
from contactory.dialects.sizes import shorten
from contactory.dialects.unreadable import find_unreadable
from contactory.model.limits import MOST_DIGITS
from contactory.model.problems import Code, Problem, Refusal

NO_JSON: Final = "Invalid JSON Payload"
HUGE: Final = 10 ** (MOST_DIGITS - 1)  # stands for numbers of more digits


def read_document(body: bytes) -> Any:
    """The document; numbers that are too large for its reader have a stand-in. Raises Refusal."""
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:  # of a number: nothing else is asked for
        try:
            return json.loads(body, parse_int=_whole, parse_float=_float, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise malformed(body) from error
    except UNREADABLE as error:
        raise malformed(body) from error


def malformed(body: bytes) -> Refusal:
    """Refuse a body in the vendor's words, and say behind them where it is wrong, as far as it is JSON."""
    places = [place for place in find_unreadable(body) if place.path]
    told = [f"{shorten('/'.join(['#', *map(str, place.path)]))}: {place.reason}" for place in places]
    return Refusal(Problem(code=Code.MALFORMED, texts=(NO_JSON, *told) if told else ()))


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else HUGE


def _float(written: str) -> float:
    value = float(written)
    return value if isfinite(value) else Beyond(written)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
