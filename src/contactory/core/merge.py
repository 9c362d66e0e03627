"""How a given value meets an earlier one: the rule in one place, for one value at a time.

The database applies the same rule to whole columns (store/columns.py); a property test holds both alike.
"""

from __future__ import annotations

from typing import Any, assert_never

import msgspec

from contactory.model.fields import EMPTY, FieldType, Mode


def merge(type_: FieldType, mode: Mode, earlier: Any, given: Any) -> Any:
    """What stands after `given` came upon `earlier`; None is a value that nobody gave."""
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
    if value is None or value == EMPTY[type_]:
        return True
    return type_ is FieldType.MAP and not any(
        item is not None for item in msgspec.json.decode(value).values()
    )


def fold(type_: FieldType, mode: Mode, earlier: Any, given: Any) -> Any:
    """What two rows say of one record, as one: as `merge`, but what neither of them says of quiet times is
    still to come from what is stored."""
    given_both = earlier is not None and given is not None
    if type_ is FieldType.PATHS and given_both and mode in (Mode.SET, Mode.REPLACE):
        return msgspec.json.encode(fold_paths(msgspec.json.decode(earlier), msgspec.json.decode(given)))
    return merge(type_, mode, earlier, given)


Paths = list[dict[str, Any]]


def fold_paths(earlier: Paths, given: Paths) -> Paths:
    """A path that the earlier row did not have has no quiet times to keep. (Of several paths with one pathId
    in both rows, what is stored is found by the later row's value and place, not by way of the earlier's.)"""
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
    """Paths that say nothing of quiet times keep those of the earlier path with the same pathId: that of the
    same value, the one in the same place first, else that of the same place among those of this pathId. A
    null in their place says: none."""
    of_value: dict[tuple[Any, Any], dict[str, Any]] = {}
    of_place: dict[tuple[Any, int], dict[str, Any]] = {}
    for path, number, nth in _numbered(earlier):
        of_value.setdefault((number, path.get("value")), path)
        of_place[number, nth] = path
    for path, number, nth in _numbered(given):
        here, value = of_place.get((number, nth), {}), path.get("value")
        kept = here if here.get("value") == value else of_value.get((number, value), here)
        if "quietTimeFrames" not in path and "quietTimeFrames" in kept:
            path["quietTimeFrames"] = kept["quietTimeFrames"]
    return given


def _numbered(paths: Paths) -> list[tuple[dict[str, Any], Any, int]]:
    """Each path with its pathId and its place among those of the same."""
    counted: dict[Any, int] = {}
    numbered = []
    for path in paths:
        number = path.get("pathId")
        counted[number] = counted.get(number, 0) + 1
        numbered.append((path, number, counted[number]))
    return numbered
