"""Documents one after another in a stream: wherever the pieces end, and however much there is."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactory.dialects import documents
from contactory.dialects.documents import DocumentError, Documents
from contactory.dialects.everbridge.answers import Answers

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Pieces:
    """A stream that comes in pieces, whatever is asked for."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)

    def read(self, size: int, /) -> bytes:  # noqa: ARG002
        return next(self._pieces, b"")

    @classmethod
    def of(cls, content: bytes, size: int) -> Pieces:
        return cls(content[start : start + size] for start in range(0, len(content), size))


def read_all(documents: Documents) -> list[Any]:
    found = []
    while documents.peek():
        found.append(documents.value())
    return found


@given(st.lists(VALUES, max_size=6), st.booleans(), st.integers(1, 40))
@settings(deadline=None)
def test_values_one_after_another(values: list[Any], ascii_only: bool, size: int) -> None:
    texts = [json.dumps(value, ensure_ascii=ascii_only) for value in values]
    content = "\n".join(texts).encode("utf-8", "surrogatepass")
    assert read_all(Documents(Pieces.of(content, size))) == values


@given(VALUES, st.integers(1, 9), st.data())
@settings(deadline=None)
def test_a_document_that_is_cut_off(value: Any, size: int, data: st.DataObject) -> None:
    content = json.dumps({"page": [value]}).encode()
    cut = content[: data.draw(st.integers(1, len(content) - 1))]
    with pytest.raises(DocumentError, match="cut off"):
        read_all(Documents(Pieces.of(cut, size)))


def test_the_line_of_what_is_wrong() -> None:
    content = b'[1,\n2]\n\n{"a": 1,\n "b": tru }\n' + b" " * 100
    with pytest.raises(DocumentError, match="is not JSON") as caught:
        read_all(Documents(Pieces.of(content, 7)))
    assert caught.value.line in (4, 5)


def test_a_value_may_be_so_large_and_no_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST_RECORD", 1000)
    fits = json.dumps("x" * 990).encode()
    assert read_all(Documents(Pieces.of(fits, 10))) == ["x" * 990]
    with pytest.raises(DocumentError, match="has a value of more than 1000 characters"):
        read_all(Documents(Pieces.of(json.dumps("x" * 1100).encode(), 10)))


def test_a_page_of_a_hundred_megabytes_takes_a_few() -> None:
    contact = b'{"id": 1, "externalId": "E", "firstName": "%s"}' % (b"n" * 1000)

    def answer() -> Iterable[bytes]:
        yield b'{"firstPageUri": "https://api.everbridge.net/rest/contacts/1/", "page": {"data": ['
        yield from (b", ".join([contact] * 1000) + b", " for _ in range(100))
        yield contact + b"]}}"

    tracemalloc.start()
    try:
        count = sum(item.resource == "contacts" for item in Answers(Pieces(answer())))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 100_001
    assert peak < 20 << 20
