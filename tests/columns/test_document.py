"""Document: the children of objects and arrays are those that a decoder reads."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns.document import Children, Document, ValueKind

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
keys = st.text(st.characters(exclude_characters='"\\', min_codepoint=32, max_codepoint=126), max_size=4)
simple = texts | st.integers() | st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    simple,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)
flaws = st.sampled_from(b'"\\,:{}[]0-1.eutfn\x00\x1f \xc3\xed\xf0\x80') | st.integers(0, 255)


def children_of(document: Document, starts: Any, lengths: Any) -> Children:
    found = document.children(np.array(starts, np.int32), np.array(lengths, np.int32))
    assert (found.starts >= 0).all()
    assert (found.starts + found.lengths <= len(document.source)).all()
    return found


def rebuild(document: Document, start: int, length: int, kind: int) -> Any:
    """Read a value by its children; an odd one is read by the decoder."""
    written = document.source[start : start + length].tobytes()
    if kind == ValueKind.TEXT:
        return written.decode()
    if kind not in (ValueKind.OBJECT, ValueKind.ARRAY):
        return json.loads(written)
    found = children_of(document, [start], [length])
    assert not found.odd.any()
    rows = zip(found.starts.tolist(), found.lengths.tolist(), found.kinds.tolist(), strict=True)
    read = [rebuild(document, *row) for row in rows]
    if kind == ValueKind.ARRAY:
        return read
    return dict(zip([found.names[name] for name in found.name_of.tolist()], read, strict=True))


@given(values.filter(lambda value: isinstance(value, dict | list)), st.booleans(), st.sampled_from([None, 1]))
def test_children_are_those_of_a_decoder(value: Any, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    kind = ValueKind.OBJECT if isinstance(value, dict) else ValueKind.ARRAY
    assert rebuild(Document(body), 0, len(body), kind) == value


@given(st.lists(st.dictionaries(keys, simple, max_size=5), max_size=6))
def test_fields_have_the_last_value_of_each_object(rows: list[dict[str, Any]]) -> None:
    body = json.dumps(rows).encode()
    document = Document(body)
    items = children_of(document, [0], [len(body)])
    assert items.kinds.tolist() == [ValueKind.OBJECT] * len(rows)
    names = sorted({key for row in rows for key in row})[:3]
    members = children_of(document, items.starts, items.lengths)
    fields = members.fields(lambda key: names.index(key) if key in names else -1, len(names))
    for number, name in enumerate(names):
        for index, row in enumerate(rows):
            kind = int(fields.kinds[number, index])
            assert (kind != ValueKind.ABSENT) == (name in row)
            if name in row:
                place = int(fields.starts[number, index]), int(fields.lengths[number, index])
                assert rebuild(document, *place, kind) == row[name]


@given(values.filter(lambda value: isinstance(value, dict | list)), st.data())
def test_damaged_bytes_are_odd_or_read_within_bounds(value: Any, data: st.DataObject) -> None:
    body = bytearray(json.dumps(value).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(flaws)
    document = Document(bytes(body[: data.draw(st.integers(1, len(body)))]))
    walk(document, np.zeros(1, np.int32), np.full(1, len(document.source), np.int32), 8)


def walk(document: Document, starts: npt.NDArray[Any], lengths: npt.NDArray[Any], depth: int) -> None:
    found = children_of(document, starts, lengths)
    nested = np.isin(found.kinds, (ValueKind.OBJECT, ValueKind.ARRAY))
    if depth and nested.any():
        walk(document, found.starts[nested], found.lengths[nested], depth - 1)


def test_objects_with_too_many_names_are_odd() -> None:
    body = json.dumps(
        [{f"k{n}": n for n in range(200)}, {f"m{n}": n for n in range(200)}, {"k1": 1}]
    ).encode()
    document = Document(body)
    items = children_of(document, [0], [len(body)])
    members = children_of(document, items.starts, items.lengths)
    assert members.odd.tolist() == [False, True, False]
