"""The JSON paths of errors in bodies that cannot be decoded."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.dialects.base import UNREADABLE
from contactory.dialects.unreadable import find_unreadable
from contactory.model.limits import MOST_PLACES

HALF = "has half of a surrogate pair"


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b'{"contacts":[{"a":1},{"b":["x","\\ud800"]}]}', [(("contacts", 1, "b", 1), HALF)]),
        (b'{"a":"\\udfff","b":{"c":"\\ud800"}}', [(("a",), HALF), (("b", "c"), HALF)]),
        (b'[{"\\ud800":1}]', [((0,), HALF)]),
        (b'[{"\\ud800":["\\ud800"]}]', [((0,), HALF)]),
        (b'{"a":"\\ud800","a":1}', [(("a",), HALF)]),
        (b'"\\ud800"', [((), HALF)]),
        (b'["\xe9"]', [((0,), "has bytes that are not UTF-8")]),
        (b'["\xed\xa0\x80"]', [((0,), "has bytes that are not UTF-8")]),
        (b"[1, -1e999]", [((1,), "is a number out of range")]),
        (b'{"a":NaN}', [(("a",), "is not a number of JSON")]),
        (b'["\\ud83d\\ude00", 1, null]', []),
        (b"[1,]", [((), "is not JSON (line 1, column 4: Expecting value)")]),
        (b'{"a":' * 100_000, [((), "is nested too deep")]),
        (b"[" + b"9" * 5000 + b"]", []),
        (b"[" + b'"\\ud800",' * MOST_PLACES + b"NaN]", [((place,), HALF) for place in range(MOST_PLACES)]),
    ],
)
def test_path_and_message_of_an_unreadable_value(
    body: bytes, places: list[tuple[tuple[str | int, ...], str]]
) -> None:
    assert [tuple(place) for place in find_unreadable(body)] == places


texts = st.text(st.characters(exclude_categories=[]), max_size=3)
documents = st.recursive(
    texts | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(documents)
def test_path_is_found_exactly_when_a_body_cannot_be_decoded(document: object) -> None:
    body = json.dumps(document).encode()
    try:
        msgspec.json.decode(body)
        readable = True
    except UNREADABLE:
        readable = False
    assert (find_unreadable(body) == []) == readable
