"""The sizes of documents, valid and broken."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns import measure
from contactory.columns.column import BytesColumn
from contactory.columns.kinds import DEPTH, ITEMS, KEYS, LONGEST, NESTED, ROWS, VALUES
from contactory.dialects.propeller.row_attributes import read_attributes
from contactory.dialects.propeller.row_table import InvalidValue
from contactory.dialects.sizes import find_excess
from contactory.model.limits import DEEPEST, MOST_ATTRIBUTE_VALUES, MOST_NESTED, MOST_VALUES

JSON = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False) | st.text('a",:[]{}\\é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('"]}', max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


def sizes(body: bytes, depth: int) -> list[int]:
    found: list[int] = measure.measure(np.frombuffer(body, np.uint8), depth, DEEPEST)[:, 0].tolist()
    return found


def count(value: Any, depth: int, rows_depth: int, found: dict[int, int]) -> None:
    """Measure a decoded document in the same way."""
    if not isinstance(value, dict | list):
        return
    size, depth = len(value), depth + 1
    found[NESTED] += 1
    found[VALUES] += size
    found[DEPTH] = max(found[DEPTH], depth)
    kind = KEYS if isinstance(value, dict) else ROWS if depth == rows_depth else ITEMS
    found[kind] = max(found[kind], size)
    for item in value.values() if isinstance(value, dict) else value:
        count(item, depth, rows_depth, found)


@given(JSON, st.integers(0, 3), st.sampled_from([None, 1]))
def test_document_is_as_large_as_a_json_reader_finds(value: Any, rows_depth: int, indent: int | None) -> None:
    found = dict.fromkeys((ROWS, DEPTH, KEYS, ITEMS, VALUES, NESTED), 0)
    count(value, 0, rows_depth, found)
    measured = sizes(json.dumps(value, indent=indent, ensure_ascii=False).encode(), rows_depth)
    assert measured[:LONGEST] == [found[respect] for respect in range(LONGEST)]


@given(st.binary(max_size=60) | st.text('[]{},:"\\ 1', max_size=60).map(str.encode), st.integers(0, 3))
def test_any_bytes_can_be_measured(body: bytes, rows_depth: int) -> None:
    assert all(0 <= size <= len(body) + 1 for size in sizes(body, rows_depth))


@pytest.mark.parametrize("broken", ["", "]", ',"x', "}"])
def test_rows_of_a_truncated_document_are_counted(broken: str) -> None:
    assert sizes(("[" + "{}," * 50 + broken).encode(), 1)[ROWS] >= 50


@pytest.mark.parametrize(
    ("inner", "each", "limit", "reason"),
    [
        (b"[" + b",".join([b"1"] * 9_999) + b"]", 10_000, MOST_VALUES, "values in all"),
        (b"[" + b",".join([b"{}"] * 9_999) + b"]", 10_000, MOST_NESTED, "objects and arrays in all"),
    ],
)
def test_values_of_a_body_are_bounded_in_all(inner: bytes, each: int, limit: int, reason: str) -> None:
    rows = limit // each
    assert find_excess(b"[" + b",".join([inner] * (rows - 1)) + b"]", depth=1) is None
    excess = find_excess(b"[" + b",".join([inner] * (rows + 1)) + b"]", depth=1)
    assert excess is not None
    assert reason in excess.reason()
    assert str(limit) in excess.reason()


def test_attributes_of_rows_that_are_read_together_are_bounded() -> None:
    row = b"[" + b",".join([b'{"id":1,"type":"t"}'] * 1000) + b"]"
    with pytest.raises(InvalidValue):
        read_attributes(BytesColumn.from_values([row] * (MOST_ATTRIBUTE_VALUES // 1000 + 1)))
