"""How a given value meets an earlier one: the rule in one place, for one value at a time.

The database applies the same rule to whole columns (store/columns.py); a property test holds both alike.
"""

from __future__ import annotations

from typing import Any, Final, assert_never

import msgspec

from contactory.model.fields import CLEARED_DATE, FieldType, Mode

EMPTY: Final[dict[FieldType, Any]] = {
    FieldType.TEXT: "",
    FieldType.DATE: CLEARED_DATE,
    FieldType.REFERENCE: 0,
    FieldType.JSON: b"{}",
    FieldType.MAP: b"{}",
    FieldType.SECRET: b"",
}


def merge(type_: FieldType, mode: Mode, earlier: Any, given: Any) -> Any:
    """What stands after `given` came upon `earlier`; None is a value that nobody gave."""
    if given is None:
        return earlier
    match mode:
        case Mode.SET if type_ is FieldType.MAP and earlier is not None:
            return msgspec.json.encode(msgspec.json.decode(earlier) | msgspec.json.decode(given))
        case Mode.SET:
            return given
        case Mode.FILL:
            return given if _is_empty(type_, earlier) else earlier
        case Mode.INITIAL:
            return earlier
        case _:
            assert_never(mode)


def _is_empty(type_: FieldType, value: Any) -> bool:
    if value is None or value == EMPTY[type_]:
        return True
    return type_ is FieldType.MAP and not any(
        item is not None for item in msgspec.json.decode(value).values()
    )
