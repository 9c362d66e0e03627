"""The numbers by which compiled functions and their twins say what is to be read, and what was found."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final


class ValueType(IntFlag):
    """Types of JSON values that a key may have."""

    TEXT = 1
    INTEGER = 2
    OBJECT = 4
    ARRAY = 8
    DECIMAL = 16
    RAW = 32  # a text is kept as it is written, with its quotes


class ValueKind(IntEnum):
    """Kinds of values. ABSENT: there is none; INTEGER: in canonical form; NUMBER: any other number."""

    ABSENT = 0
    TEXT = 1
    INTEGER = 2
    NUMBER = 3
    TRUE = 4
    FALSE = 5
    NULL = 6
    OBJECT = 7
    ARRAY = 8


# Kinds of JSON values in a column.
NONE, TEXT, DAY, ARRAY, INTEGER, OTHER = range(6)

# What stands in a column of days for None, and for a text that is no date.
ABSENT: Final = -(2**31)
ODD: Final = ABSENT + 1

ROWS, DEPTH, KEYS, ITEMS, VALUES, NESTED, LONGEST = range(7)
"""Measures: rows; depth of nesting; keys of one object; items of one array other than that of the rows;
values in all; objects and arrays in all; bytes of the longest text."""
MEASURES: Final = 7
