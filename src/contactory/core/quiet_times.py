"""Delivery paths that several rows of one call give the same record: whose quiet times they keep.

A path that says nothing of quiet times keeps those of the path before it (see merge.py). Where several rows
are folded into one, that may be a path of a row between, which itself keeps what is stored: then only the
stored paths tell what comes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import msgspec

from contactory.core.merge import merge
from contactory.model.fields import FieldType, Mode

_FRAMES = "quietTimeFrames"


def needs_stored(given: Sequence[bytes | None]) -> bool:
    """Tell whether the values that rows give one record, in order, can only be folded onto what is stored."""
    values = [msgspec.json.decode(value) for value in given if value is not None]
    return any(map(_is_open, values, values[1:]))


def _is_open(earlier: list[dict[str, Any]], later: list[dict[str, Any]]) -> bool:
    """Tell whether a path without quiet times is not simply the same one in both rows."""
    before, after = _values(earlier), _values(later)
    return any(
        _FRAMES not in path and (len(after[number]) > 1 or before.get(number) != after[number])
        for path in later
        for number in (path.get("pathId"),)
    )


def _values(paths: list[dict[str, Any]]) -> dict[Any, list[Any]]:
    """The values of paths, by pathId."""
    values: dict[Any, list[Any]] = {}
    for path in paths:
        values.setdefault(path.get("pathId"), []).append(path.get("value"))
    return values


def fold_onto(stored: bytes, given: Sequence[bytes | None]) -> bytes:
    """Return what is left of the stored paths after all rows; nothing is to be kept of the stored paths once
    more."""
    last: bytes = reduce(lambda kept, value: merge(FieldType.PATHS, Mode.SET, kept, value), given, stored)
    paths = msgspec.json.decode(last)
    for path in paths:
        path.setdefault(_FRAMES, None)
    return msgspec.json.encode(paths)
