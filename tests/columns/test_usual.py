"""Values of the usual form: what is found odd, against plain Python."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns.column import BytesColumn, StringColumn
from contactory.columns.usual import find_odd_objects, find_odd_texts, match_names

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)
numbers = st.sampled_from(["0", "-1", "1.5", "1.50", "-0", "1e3", "2E2", "1.0", "0.25e1", "9" * 18, "9" * 19])
members = st.one_of(numbers, texts.map(json.dumps), st.sampled_from(["null", "true", '[{"a":null}]', "[]"]))
allowed = np.array([chr(byte) in "abc-" for byte in range(256)], np.uint8)


@given(st.lists(st.none() | texts | st.sampled_from([" x", "\u2003", "\u3000x", "\x85", "—"]), min_size=1))
def test_texts_that_are_not_odd_are_short_and_not_blank(values: list[str | None]) -> None:
    column = StringColumn.from_values(values)
    odd = set(find_odd_texts(column.source, column.starts, column.lengths, 12).tolist())
    for row, text in enumerate(values):
        if text and (text[0].isspace() or len(text.encode()) > 12):
            assert row in odd
        if not text or (text[0] in "abcé漢" and len(text.encode()) <= 12):
            assert row not in odd


@given(st.lists(st.lists(st.tuples(texts, members), max_size=4), min_size=1, max_size=6), st.booleans())
def test_objects_that_are_not_odd_keep_their_bytes(rows: list[list[tuple[str, str]]], spaced: bool) -> None:
    between = ", " if spaced else ","
    written = [
        ("{" + between.join(f"{json.dumps(key)}:{value}" for key, value in row) + "}").encode()
        for row in rows
    ]
    column = BytesColumn[bytes].from_values(written)
    odd = set(find_odd_objects(column.source, column.starts, column.lengths, 200).tolist())
    for row, document in enumerate(written):
        if row not in odd:
            again = msgspec.json.encode(msgspec.json.decode(document))
            assert _exactly(again) == _exactly(document)
            assert len(again) <= len(document) <= 200


def _exactly(document: bytes) -> Any:
    """Decode a document with its numbers as they are written, as PostgreSQL keeps them."""
    assert b"null" not in re.sub(rb'"[^"]*"', b"", document)
    return json.loads(document, parse_int=str, parse_float=_without_exponent)


def _without_exponent(number: str) -> str:
    return np.format_float_positional(float(number), trim="0") if "e" in number else number


@given(
    st.lists(
        st.none()
        | st.builds(
            "{}{}{}".format,
            st.sampled_from(["", "x:", "x:y/", "x"]),
            st.text("abc-/é", max_size=6),
            st.sampled_from(["", "/"]),
        ),
        min_size=1,
    )
)
def test_names_behind_an_opening_are_those_of_a_pattern(values: list[str | None]) -> None:
    column = StringColumn.from_values(values)
    openings, ends = np.frombuffer(b"x:y/x:", np.uint8), np.array([4, 6], np.int32)
    starts, lengths = match_names(column.source, column.starts, column.lengths, openings, ends, allowed, 2, 4)
    expected = [re.fullmatch("(?:x:y/|x:)([abc-]{2,4})/?", text or "") for text in values]
    assert [*StringColumn(column.source, starts, lengths)] == [found and found[1] for found in expected]
