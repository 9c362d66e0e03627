"""Values of rows that are longer than they may be. They cost their row, and none of them is read or looked
up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import numpy as np

from contactory.columns.column import BytesColumn, StringColumn
from contactory.dialects.propeller.row_table import RowTable
from contactory.model.attributes import AttributeValues
from contactory.model.limits import (
    LARGEST_DOCUMENT,
    LONGEST_EMAIL,
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ATTRIBUTES,
)
from contactory.model.problems import Code, Problem

Column = TypeVar("Column", bound=BytesColumn[Any])

_LONGEST: Final = {"email": LONGEST_EMAIL, "notes": LONGEST_TEXT}
_MOST_BYTES: Final = 4  # of a character
_DOCUMENTS: Final = ("attributes", "pricing")


def find(plain: Mapping[str, str], made: Mapping[str, BytesColumn[Any]]) -> dict[int, Problem]:
    """Rows with such a text, by their wire names in `plain` and the fields that were made of them."""
    problems: dict[int, Problem] = {}
    for key, field in plain.items():
        limit, texts = _LONGEST.get(key, LONGEST_NAME), made.get(field)
        if texts is None or texts.lengths.max(initial=0) <= limit:  # in bytes, of which there are no fewer
            continue
        for row in np.flatnonzero(texts.lengths > limit).tolist():
            if len(text := texts[row] or "") > limit:
                problems[row] = _problem(key, f"has {len(text)} characters, more than {limit}")
    return problems


def find_documents(table: RowTable) -> dict[int, Problem]:
    """Rows with a document that was left out."""
    problems: dict[int, Problem] = {}
    for key in _DOCUMENTS:
        lengths = table.documents(key).lengths
        if lengths.max(initial=0) > LARGEST_DOCUMENT:
            for row in np.flatnonzero(lengths > LARGEST_DOCUMENT).tolist():
                problems[row] = _problem(key, f"has {lengths[row]} bytes, more than {LARGEST_DOCUMENT}")
    return problems


def find_values(given: AttributeValues) -> dict[int, Problem]:
    """Rows with too many values of attributes, or one that is too long."""
    problems: dict[int, Problem] = {}
    if not len(given.rows):
        return problems
    counts = np.bincount(given.rows)
    for row in np.flatnonzero(counts > MOST_ATTRIBUTES).tolist():
        problems[row] = _problem("attributes", f"has {counts[row]} values, more than {MOST_ATTRIBUTES}")
    lengths = given.values.lengths
    for place in np.flatnonzero(lengths > LONGEST_TEXT).tolist():
        name = given.names[given.name_of[place]]
        reason = f"has {lengths[place]} bytes, more than {LONGEST_TEXT}"
        problems[int(given.rows[place])] = _problem(name.name[:LONGEST_KEY] or str(name.id), reason)
    return problems


def without_documents(documents: BytesColumn[bytes]) -> BytesColumn[bytes]:
    """Without those that are too large to be read."""
    return _without(documents, LARGEST_DOCUMENT)


def without_keys(keys: StringColumn) -> StringColumn:
    """Without those that are too long for an index, however many bytes their characters have."""
    return _without(keys, LONGEST_KEY * _MOST_BYTES)


def cut(source: str) -> str:
    """A source that is too long stays so, and goes into an index."""
    return source[: LONGEST_KEY + 1]


def _without(column: Column, limit: int) -> Column:
    if column.lengths.max(initial=0) <= limit:
        return column
    lengths = np.where(column.lengths > limit, np.int32(-1), column.lengths)
    return type(column)(column.source, column.starts, lengths)


def _problem(field: str, reason: str) -> Problem:
    return Problem(code=Code.BAD_VALUE, field=field, texts=(f"Field [{field}] {reason}",))
