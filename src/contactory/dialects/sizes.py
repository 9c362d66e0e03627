"""The sizes of JSON documents, measured before they are decoded: an oversized one costs no memory."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from contactory.columns import measure
from contactory.columns.jit import Table
from contactory.columns.kinds import DEPTH, ITEMS, KEYS, LONGEST, NESTED, ROWS, VALUES
from contactory.model.limits import DEEPEST, LONGEST_SHOWN, MOST_ITEMS, MOST_KEYS, MOST_NESTED, MOST_VALUES
from contactory.model.problems import Code, Problem, Refusal


class Excess(NamedTuple):
    """The first measure in which a document is too large. `row` is None if that is outside of rows."""

    measure: int
    found: int
    limit: int
    row: int | None

    @property
    def is_of_rows(self) -> bool:
        return self.measure == ROWS

    def reason(self) -> str:
        return _REASONS[self.measure].format(found=self.found, limit=self.limit)


_REASONS: Final = {
    ROWS: "has {found} items, more than {limit}",
    DEPTH: "is nested deeper than {limit} levels",
    KEYS: "has an object of {found} keys, more than {limit}",
    ITEMS: "has an array of {found} items, more than {limit}",
    VALUES: "has {found} values in all, more than {limit}",
    NESTED: "has {found} objects and arrays in all, more than {limit}",
    LONGEST: "has a text of {found} bytes, more than {limit}",
}


def find_excess(
    document: bytes, *, rows: int = MOST_ITEMS, depth: int = 0, items: int = MOST_ITEMS, text: int = 0
) -> Excess | None:
    """Return the first measure that exceeds its limit, or None.

    `depth` is that of the array of rows (0: there are none, 1: the document itself). `text` is the limit for
    one text, in bytes; 0 if texts are checked one by one later.
    """
    sizes = _measure(document, depth).tolist()
    limits = {
        ROWS: rows,
        DEPTH: DEEPEST,
        KEYS: MOST_KEYS,
        ITEMS: items,
        VALUES: MOST_VALUES,
        NESTED: MOST_NESTED,
    }
    if text:
        limits[LONGEST] = text
    for index, limit in limits.items():
        found, row = sizes[index]
        if found > limit:
            return Excess(index, found, limit, None if row < 0 else row)
    return None


def check_rows(excess: Excess | None, rows: str) -> None:
    """Raise Refusal (TOO_LARGE) with their number if there are too many rows. `rows`: their name in the
    text."""
    if excess is not None and excess.is_of_rows:
        raise too_many(excess.limit, excess.found, rows)


def too_many(limit: int, found: int, rows: str) -> Refusal:
    value = f"{limit} {rows}, and there are {found}"
    return Refusal(Problem(code=Code.TOO_LARGE, value=value))


def count_rows(document: bytes, depth: int) -> int:
    """Count the rows of a document that is known to have too many."""
    found: int = _measure(document, depth)[ROWS, 0]
    return int(found)


def is_too_deep(document: bytes, above: int) -> bool:
    """Tell whether a document that is part of a body, `above` levels down, makes that nested too deep. A
    document with few brackets, as most have, is not measured."""
    if document.count(b"[") + document.count(b"{") + above <= DEEPEST:
        return False
    return bool(_measure(document, 0)[DEPTH, 0] + above > DEEPEST)


def _measure(document: bytes, depth: int) -> Table:
    return measure.measure(np.frombuffer(document, np.uint8), depth, DEEPEST)


def shorten(text: str) -> str:
    """Shorten a text that a client sent, for an error that repeats it."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
