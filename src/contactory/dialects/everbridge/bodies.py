"""Decoders of request bodies, and refusals of unreadable ones: the vendor's words, then item, field and
reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.dialects.everbridge.problems import MISMATCH, bad
from contactory.dialects.sizes import check_rows, find_excess
from contactory.dialects.unreadable import find_unreadable
from contactory.model.limits import MOST_ITEMS, MOST_PLACES
from contactory.model.problems import Code, Problem, Refusal

_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_PATH: Final = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_TYPES: Final = re.compile(r"Expected `(.*)`, got `(.*)`")
_FILLED: Final = "Expected `array` of length 0"  # where only PHP's empty object may be one
_WORDS: Final = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}


class Items(NamedTuple):
    """Decoders of an array of items. A single item may be sent without the array, as on the vendor's page of
    the batch."""

    several: msgspec.json.Decoder[Any]
    one: msgspec.json.Decoder[Any]

    @classmethod
    def of(cls, type_: Any) -> Items:
        several: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[type_] | type_)
        return cls(several, msgspec.json.Decoder(type_))


class _Fault(NamedTuple):
    """An error in a body. `item` is counted from 1; 0 if the body is no array."""

    item: int
    field: str
    reason: str


def read_items(items: Items, body: bytes, most: int, rows: str) -> list[Any]:
    """Read at most so many items; `rows` is what these are called. Raises Refusal, which names every item
    that is not as it should be."""
    check_items(body, most, rows)
    return decode_items(items, body)


def check_items(body: bytes, most: int, rows: str) -> None:
    """Refuse a body of items that is too large, before anything is made of it."""
    _check_size(body, 1 if body.lstrip()[:1] == b"[" else 0, most, rows)


def decode_items(items: Items, body: bytes) -> list[Any]:
    """Decode the items of a body that is not too large. Raises Refusal as `read_items` does."""
    try:
        found = items.several.decode(body)
    except UNREADABLE as error:
        raise _refusal(_faults_of_items(items.one, body)) from error
    return found if isinstance(found, list) else [found]


def read_object(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """Decode an object; an empty array is PHP's empty object. Raises Refusal."""
    _check_size(body, 0, MOST_ITEMS, "")
    try:
        return decoder.decode(b"{}" if body.strip() == b"[]" else body)
    except UNREADABLE as error:
        raise _refusal(_faults_of(decoder, body, 0)) from error


def _check_size(body: bytes, depth: int, most: int, rows: str) -> None:
    """Raise Refusal for a body that exceeds a limit, before it is decoded."""
    excess = find_excess(body, rows=most, depth=depth)
    check_rows(excess, rows)
    if excess is not None:
        place = "The payload" if excess.row is None else f"The [{excess.row + 1}]"
        raise bad(f"{place} {excess.reason()}.")


def mismatch(error: msgspec.ValidationError) -> Refusal:
    """Make the refusal of a document that is not of the expected type."""
    return _refusal(iter([_fault(error, 0)]))


def wrong_type(field: str, reason: str) -> Refusal:
    return _refusal(iter([_Fault(0, field, reason)]))


def _refusal(faults: Iterator[_Fault]) -> Refusal:
    named = list(islice(faults, MOST_PLACES))
    if not named:
        return Refusal(Problem(code=Code.INVALID))
    what = [" ".join(filter(None, (fault.field, fault.reason))) for fault in named]
    rows = [f"The [{fault.item}] {MISMATCH}: {text}" for fault, text in zip(named, what, strict=True)]
    if not named[0].item:
        return Refusal(Problem(code=Code.INVALID, texts=(f"{MISMATCH}: {what[0]}",)))
    first = f"{MISMATCH}: [{named[0].item}] {what[0]}"
    return Refusal(Problem(code=Code.INVALID, texts=(first, *rows)))


def _faults_of_items(one: msgspec.json.Decoder[Any], body: bytes) -> Iterator[_Fault]:
    try:
        rows = _RAWS.decode(body)
    except msgspec.ValidationError:
        yield from _faults_of(one, body, 0)
        return
    except UNREADABLE:
        for value in find_unreadable(body):
            within = value.path and isinstance(value.path[0], int)
            item = int(value.path[0]) + 1 if within else 0
            yield _Fault(item, _dotted(value.path[1:] if within else value.path), value.reason)
        return
    for item, row in enumerate(rows, 1):
        yield from _faults_of(one, bytes(row), item)


def _faults_of(one: msgspec.json.Decoder[Any], body: bytes, item: int) -> Iterator[_Fault]:
    try:
        one.decode(body)
    except msgspec.ValidationError as error:
        yield _fault(error, item)
    except UNREADABLE:
        for value in find_unreadable(body):
            yield _Fault(item, _dotted(value.path), value.reason)


def _fault(error: msgspec.ValidationError, item: int) -> _Fault:
    text = str(error)
    found = _PATH.search(text)
    reason = text[: found.start()] if found else text
    if reason == _FILLED:
        reason = "is array, expected object"
    elif types := _TYPES.fullmatch(reason):
        expected = ", ".join(_WORDS.get(word, word) for word in types[1].split(" | "))
        reason = f"is {_WORDS.get(types[2], types[2])}, expected {expected}"
    return _Fault(item, found[1] if found else "", reason)


def _dotted(path: tuple[str | int, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")
