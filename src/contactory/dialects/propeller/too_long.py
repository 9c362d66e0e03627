"""Values of rows that exceed their limits. Their rows fail, and the values are neither read nor looked up."""

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


def find_texts(plain: Mapping[str, str], made: Mapping[str, BytesColumn[Any]]) -> dict[int, Problem]:
    """Find rows with a text that is too long. `plain` maps wire names to fields, `made` has their columns."""
    problems: dict[int, Problem] = {}
    for key, field in plain.items():
        limit, texts = _LONGEST.get(key, LONGEST_NAME), made.get(field)
        if texts is None or texts.lengths.max(initial=0) <= limit:  # bytes, so no fewer than characters
            continue
        for row in np.flatnonzero(texts.lengths > limit).tolist():
            if len(text := texts[row] or "") > limit:
                problems[row] = _problem(key, f"has {len(text)} characters, more than {limit}")
    return problems


def find_documents(table: RowTable) -> dict[int, Problem]:
    """Find rows with a document that is too large."""
    problems: dict[int, Problem] = {}
    for key in _DOCUMENTS:
        lengths = table.documents(key).lengths
        if lengths.max(initial=0) > LARGEST_DOCUMENT:
            for row in np.flatnonzero(lengths > LARGEST_DOCUMENT).tolist():
                problems[row] = _problem(key, f"has {lengths[row]} bytes, more than {LARGEST_DOCUMENT}")
    return problems


def find_values(attributes: AttributeValues) -> dict[int, Problem]:
    """Find rows with too many attribute values, or a value that is too long."""
    problems: dict[int, Problem] = {}
    if not len(attributes.rows):
        return problems
    counts = np.bincount(attributes.rows)
    for row in np.flatnonzero(counts > MOST_ATTRIBUTES).tolist():
        problems[row] = _problem("attributes", f"has {counts[row]} values, more than {MOST_ATTRIBUTES}")
    lengths = attributes.values.lengths
    for index in np.flatnonzero(lengths > LONGEST_TEXT).tolist():
        name = attributes.names[attributes.name_of[index]]
        reason = f"has {lengths[index]} bytes, more than {LONGEST_TEXT}"
        problems[int(attributes.rows[index])] = _problem(name.name[:LONGEST_KEY] or str(name.id), reason)
    return problems


def drop_long_documents(documents: BytesColumn[bytes]) -> BytesColumn[bytes]:
    """Return the column with null for documents that are too large to be read."""
    return _drop_long(documents, LARGEST_DOCUMENT)


def drop_long_keys(keys: StringColumn) -> StringColumn:
    """Return the column with null for keys that are too long for an index, however few bytes a character
    has."""
    return _drop_long(keys, LONGEST_KEY * _MOST_BYTES)


def cut_source(source: str) -> str:
    """Cut a source to a length that fits an index, and is still recognised as too long."""
    return source[: LONGEST_KEY + 1]


def _drop_long(column: Column, limit: int) -> Column:
    if column.lengths.max(initial=0) <= limit:
        return column
    lengths = np.where(column.lengths > limit, np.int32(-1), column.lengths)
    return type(column)(column.source, column.starts, lengths)


def _problem(field: str, reason: str) -> Problem:
    return Problem(code=Code.BAD_VALUE, field=field, texts=(f"Field [{field}] {reason}",))
