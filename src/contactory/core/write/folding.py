"""Folding of the values that several rows give one record: once for all rows, not pair by pair, so that the
time grows with the rows and not with their square."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import msgspec

from contactory.core.write.merge import fold_paths, is_empty
from contactory.model.fields import FieldType, Mode


def fold_all(type_: FieldType, mode: Mode, values: Sequence[Any]) -> Any:
    """Fold values as `fold` does pair by pair, from the first row to the last."""
    if mode is Mode.INITIAL:
        return values[0]
    given = [value for value in values if value is not None]
    if len(given) < 2:
        return given[0] if given else None
    if mode is Mode.FILL:
        return next((value for value in given if not is_empty(type_, value)), given[-1])
    if type_ is FieldType.PATHS:
        return msgspec.json.encode(reduce(fold_paths, map(msgspec.json.decode, given)))
    if mode is Mode.SET and type_ is FieldType.MAP:
        merged: dict[str, Any] = {}
        for value in given:
            merged |= msgspec.json.decode(value)
        return msgspec.json.encode(merged)
    if mode is Mode.SET and type_ is FieldType.IDS:
        return tuple(sorted({id_ for ids in given for id_ in ids}))
    return given[-1]
