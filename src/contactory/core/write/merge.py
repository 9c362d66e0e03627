"""Merge of a given value with an earlier one: the rule in one place, for one value at a time.

The database applies the same rule to whole columns (store/columns.py); a property test compares both.
"""

from __future__ import annotations

from typing import Any, assert_never

import msgspec

from contactory.model.fields import EMPTY, FieldType, Mode


def merge(type_: FieldType, mode: Mode, earlier: Any, given: Any) -> Any:
    """Return the value that results when `given` is written over `earlier`; None is a value that is not
    given."""
    if given is None:
        return earlier
    match mode:
        case Mode.SET if type_ is FieldType.MAP and earlier is not None:
            return msgspec.json.encode(msgspec.json.decode(earlier) | msgspec.json.decode(given))
        case Mode.SET if type_ is FieldType.IDS and earlier is not None:
            return tuple(sorted({*earlier, *given}))
        case Mode.SET | Mode.REPLACE if type_ is FieldType.PATHS:
            return _keep_quiet_times(earlier, given)
        case Mode.SET | Mode.REPLACE:
            return given
        case Mode.FILL:
            return given if is_empty(type_, earlier) else earlier
        case Mode.INITIAL:
            return earlier
        case _:
            assert_never(mode)


def is_empty(type_: FieldType, value: Any) -> bool:
    """Tell whether a value is empty for `Mode.FILL`; a map of nulls only is."""
    if value is None or value == EMPTY[type_]:
        return True
    return type_ is FieldType.MAP and not any(
        item is not None for item in msgspec.json.decode(value).values()
    )


def fold(type_: FieldType, mode: Mode, earlier: Any, given: Any) -> Any:
    """Fold the values that two rows give one record. Like `merge`, but quiet times that neither row gives are
    left open: they come from the stored paths."""
    given_both = earlier is not None and given is not None
    if type_ is FieldType.PATHS and given_both and mode in (Mode.SET, Mode.REPLACE):
        return msgspec.json.encode(fold_paths(msgspec.json.decode(earlier), msgspec.json.decode(given)))
    return merge(type_, mode, earlier, given)


Paths = list[dict[str, Any]]


def fold_paths(earlier: Paths, given: Paths) -> Paths:
    """Fold the paths of two rows. A path that the earlier row does not have keeps no quiet times. (Of several
    paths with one pathId in both rows, the stored path is found by the later row's value and index.)"""
    folded = _keep(earlier, given)
    before = {path.get("pathId") for path in earlier}
    for path in folded:
        if path.get("pathId") not in before:
            path.setdefault("quietTimeFrames", None)
    return folded


def _keep_quiet_times(earlier: bytes | None, given: bytes) -> bytes:
    if not earlier or b"quietTimeFrames" not in earlier:
        return given
    return msgspec.json.encode(_keep(msgspec.json.decode(earlier), msgspec.json.decode(given)))


def _keep(earlier: Paths, given: Paths) -> Paths:
    """Give paths without quiet times those of the earlier path with the same pathId: the one with the same
    value, that with the same index first, else the one with the same index. Indices count the paths of a
    pathId. A path with null has no quiet times and gets none."""
    by_value: dict[tuple[Any, Any], dict[str, Any]] = {}
    by_index: dict[tuple[Any, int], dict[str, Any]] = {}
    for path, number, nth in _numbered(earlier):
        by_value.setdefault((number, path.get("value")), path)
        by_index[number, nth] = path
    for path, number, nth in _numbered(given):
        same_index, value = by_index.get((number, nth), {}), path.get("value")
        kept = same_index if same_index.get("value") == value else by_value.get((number, value), same_index)
        if "quietTimeFrames" not in path and "quietTimeFrames" in kept:
            path["quietTimeFrames"] = kept["quietTimeFrames"]
    return given


def _numbered(paths: Paths) -> list[tuple[dict[str, Any], Any, int]]:
    """Return each path with its pathId and its index, from 1, among the paths of that pathId."""
    counted: dict[Any, int] = {}
    numbered = []
    for path in paths:
        number = path.get("pathId")
        counted[number] = counted.get(number, 0) + 1
        numbered.append((path, number, counted[number]))
    return numbered
