"""Arrays of objects are written as msgspec writes them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns.column import BytesColumn, StringColumn
from contactory.columns.json_arrays import Member, write_arrays

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
objects = st.fixed_dictionaries({}, optional={"a": texts, "n": st.integers(), "z": texts})


@given(st.lists(st.lists(objects, max_size=3), max_size=4))
def test_objects_are_written_as_by_msgspec(rows: list[list[dict[str, Any]]]) -> None:
    items = [item for row in rows for item in row]
    parents = np.array([number for number, row in enumerate(rows) for _ in row], np.int32)
    numbers = [str(item["n"]).encode() if "n" in item else None for item in items]
    members = [
        Member(b'"a":', StringColumn.from_values([item.get("a") for item in items]), is_text=True),
        Member(b'"n":', BytesColumn[bytes].from_values(numbers)),
        Member(b'"z":', StringColumn.from_values([item.get("z") for item in items]), is_text=True),
    ]
    in_order = [[{name: item[name] for name in "anz" if name in item} for item in row] for row in rows]
    assert [*write_arrays(members, parents, len(rows))] == [msgspec.json.encode(row) for row in in_order]


@given(st.lists(st.lists(texts, max_size=3), max_size=4))
def test_texts_are_written_as_by_msgspec(rows: list[list[str]]) -> None:
    column = StringColumn.from_values([text for row in rows for text in row])
    parents = np.array([number for number, row in enumerate(rows) for _ in row], np.int32)
    written = write_arrays([Member(b"", column, is_text=True)], parents, len(rows), are_objects=False)
    assert [*written] == [msgspec.json.encode(row) for row in rows]
