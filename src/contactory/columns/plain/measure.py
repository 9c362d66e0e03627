"""The sizes of a JSON document, token by token."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from contactory.columns.jit import Bytes, Table
from contactory.columns.kinds import DEPTH, ITEMS, KEYS, LONGEST, MEASURES, NESTED, ROWS, VALUES

_TOKEN: Final = re.compile(
    rb'(?P<text>"(?P<inside>[^"\\]*(?:\\.[^"\\]*)*\\?)"?)'
    rb'|[,:{}\[\]]|[^ \t\n\r][^,:"{}\[\]\x00-\x20]*',
    re.DOTALL,
)


def measure(source: Bytes, rows_depth: int, deepest: int) -> Table:
    """Return each measure of the document, and the row in which it is so large (-1: outside of rows)."""
    found = [[0, -1] for _ in range(MEASURES)]
    opened, values, nested, is_empty = [_Opened(b"")], 0, 0, True

    def note(measure: int, size: int, row: int) -> None:
        if size > found[measure][0]:
            found[measure] = [size, row]

    def note_members(depth: int, members: int, row: int) -> None:
        if opened[depth].bracket == b"{":
            note(KEYS, members, row)
        elif depth == rows_depth:
            note(ROWS, members, -1)
        else:
            note(ITEMS, members, row)

    for token in _TOKEN.finditer(source.data):
        depth = len(opened) - 1
        row = opened[rows_depth].commas if 0 < rows_depth <= depth else -1
        match token[0]:
            case b",":
                opened[-1].commas += 1
            case b":":
                pass
            case b"{" | b"[":
                note(DEPTH, depth + 1, row)
                if depth == deepest:
                    return np.array(found, np.int32)
                opened.append(_Opened(token[0]))
                nested, is_empty = nested + 1, True
            case b"}" | b"]":
                if not depth:
                    return np.array(found, np.int32)
                members = 0 if is_empty else opened[-1].commas + 1
                note_members(depth, members, row)
                opened.pop()
                values, is_empty = values + members, False
            case _:
                if token["text"]:
                    note(LONGEST, len(token["inside"]), row)
                is_empty = False
    for depth in range(1, len(opened)):  # which the document leaves open
        note_members(depth, opened[depth].commas + 1, -1)
        values += opened[depth].commas + 1
    note(VALUES, values, -1)
    note(NESTED, nested, -1)
    return np.array(found, np.int32)


class _Opened:
    """An object or array that has begun, and the commas in it until now."""

    def __init__(self, bracket: bytes) -> None:
        self.bracket = bracket
        self.commas = 0
