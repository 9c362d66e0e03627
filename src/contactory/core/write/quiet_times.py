"""Quiet times of delivery paths that several rows of one call give the same record.

A path without quiet times keeps those of the path that it replaces (see merge.py). Where several rows are
folded into one, that may be a path of a row between, which itself keeps the stored quiet times: then the rows
can only be folded onto the stored paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import msgspec

from contactory.core.write.merge import merge
from contactory.model.fields import FieldType, Mode

_FRAMES = "quietTimeFrames"


def needs_stored(given: Sequence[bytes | None]) -> bool:
    """Tell whether the values that rows give one record, in order, can only be folded onto the stored
    paths."""
    values = [msgspec.json.decode(value) for value in given if value is not None]
    return any(map(_is_open, values, values[1:]))


def _is_open(earlier: list[dict[str, Any]], later: list[dict[str, Any]]) -> bool:
    """Tell whether a path without quiet times has no unambiguous counterpart in the earlier row."""
    before, after = _values(earlier), _values(later)
    return any(
        _FRAMES not in path and (len(after[number]) > 1 or before.get(number) != after[number])
        for path in later
        for number in (path.get("pathId"),)
    )


def _values(paths: list[dict[str, Any]]) -> dict[Any, list[Any]]:
    """Return the values of paths, by pathId."""
    values: dict[Any, list[Any]] = {}
    for path in paths:
        values.setdefault(path.get("pathId"), []).append(path.get("value"))
    return values


def fold_onto(stored: bytes, given: Sequence[bytes | None]) -> bytes:
    """Return the paths after all rows are written over the stored ones. Paths without quiet times get null,
    so that the database does not give them the stored ones."""
    last: bytes = reduce(lambda kept, value: merge(FieldType.PATHS, Mode.SET, kept, value), given, stored)
    paths = msgspec.json.decode(last)
    for path in paths:
        path.setdefault(_FRAMES, None)
    return msgspec.json.encode(paths)
