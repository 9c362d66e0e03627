"""Scanner: scanned rows have the values that a decoder reads, and nothing else is accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns.column import BytesColumn
from contactory.columns.scanner import NotFastPath, ObjectSchema, Scanner, ValueType

NESTED = ("object", "list", "value")
LAYOUT = ObjectSchema(
    {
        "name": ValueType.TEXT,
        "names": ValueType.TEXT,
        "number": ValueType.TEXT | ValueType.INTEGER,
        "object": ValueType.OBJECT,
        "list": ValueType.ARRAY,
        "value": ValueType.TEXT | ValueType.INTEGER | ValueType.DECIMAL | ValueType.RAW,
    }
)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
nested = st.recursive(
    texts | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
decimals = st.decimals(-(10**7), 10**7, places=3).map(float).filter(lambda number: "e" not in repr(number))
row = st.fixed_dictionaries(
    {},
    optional={
        "name": texts,
        "names": texts,
        "number": texts | st.integers(),
        "object": st.dictionaries(texts, nested, max_size=3),
        "list": st.lists(nested, max_size=3),
        "value": texts | st.integers() | decimals,
    },
)
rows = st.lists(row, max_size=6)
flaws = st.sampled_from(b'"\\,:{}[]0-1.eu\x00\x1f \xc3\xed\xf0\x80n') | st.integers(0, 255)


def scan(body: bytes, most: int = 2) -> tuple[list[dict[str, bytes]], bytes]:
    """Return the rows, their values as bytes of the body, and the rest of the body."""
    scanner, found = Scanner(b":" + body, 1, LAYOUT), []
    for source, objects, starts, lengths in scanner.slices(most):
        for start, end in objects.tolist():
            assert body[start - 1 : end - 1].startswith(b"{")
            assert body[start - 1 : end - 1].endswith(b"}")
        columns = [list(BytesColumn[bytes](source, *places)) for places in zip(starts, lengths, strict=True)]
        for values in zip(*columns, strict=True):
            named = zip(LAYOUT.fields, values, strict=True)
            found.append({key: value for key, value in named if value is not None})
    return found, body[scanner.at - 1 :]


def plain(sent: dict[str, Any]) -> dict[str, Any]:
    """Return values as strings; a number equals its text here."""
    return {key: value if key in NESTED else str(value) for key, value in sent.items()}


def decoded(found: dict[str, bytes]) -> dict[str, Any]:
    return {key: json.loads(value) if key in NESTED else value.decode() for key, value in found.items()}


def is_broken(found: dict[str, bytes]) -> bool:
    """Tell whether a nested value is no JSON."""
    try:
        decoded(found)
    except ValueError:
        return True
    return False


@given(rows, st.booleans(), st.sampled_from([None, 1]), st.integers(1, 7))
def test_scanned_rows_are_those_of_a_decoder(
    sent: list[dict[str, Any]], is_ascii: bool, indent: int | None, most: int
) -> None:
    body = json.dumps(sent, ensure_ascii=is_ascii, indent=indent).encode()
    found, rest = scan(body + b" ,rest", most)
    assert rest == b" ,rest"
    assert list(map(decoded, found)) == list(map(plain, sent))


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b",{}]", b"{}]", b"]", b"[", b"[{}", b"[,{}]", b"[{},]", b"[{} {}]", b"[{}{}]", b"[1]"],
)
def test_a_body_that_is_no_array_of_objects_is_rejected(body: bytes) -> None:
    with pytest.raises(NotFastPath):
        scan(body)


@pytest.mark.parametrize(
    "value",
    [
        *(
            b"null",
            b"true",
            b"[]",
            b"1",
            b"1.0",
            b'"\t"',
            b'"\x00"',
            b'"\\u0000"',
            b'"\\ud800"',
            b'"\\udc00"',
        ),
        *(
            b'"\\ud800\\u0041"',
            b'"\\x"',
            b'"\\',
            b'"\xc3"',
            b'"\xed\xa0\x80"',
            b'"\xc0\x80"',
            b'"\xf5\x80\x80\x80"',
        ),
    ],
)
def test_a_string_that_is_not_plain_is_rejected(value: bytes) -> None:
    with pytest.raises(NotFastPath):
        scan(b'[{"name":' + value + b"}]")


@pytest.mark.parametrize("number", [b"-", b"01", b"-0", b"-01", b"1e2", b"1.0", b"+1", b"9" * 4301])
def test_a_number_that_is_not_plain_is_rejected(number: bytes) -> None:
    with pytest.raises(NotFastPath):
        scan(b'[{"number":' + number + b"}]")


@pytest.mark.parametrize(
    "number", [b"1.", b".5", b"--1.5", b"-.5", b"01.5", b"1.5e2", b"1.50000000000000", b"-"]
)
def test_a_decimal_that_is_not_plain_is_rejected(number: bytes) -> None:
    assert scan(b'[{"value":-1.50}]')[0] == [{"value": b"-1.50"}]
    with pytest.raises(NotFastPath):
        scan(b'[{"value":' + number + b"}]")
    with pytest.raises(NotFastPath):
        scan(b'[{"value":' + number)


@pytest.mark.parametrize(
    "fields", [b'"name":"a","name":"b"', b'"nam":"a"', b'"":"a"', b'"name"', b'"name":"a",']
)
def test_a_row_that_does_not_fit_the_layout_is_rejected(fields: bytes) -> None:
    with pytest.raises(NotFastPath):
        scan(b"[{" + fields + b"}]")


@given(rows, st.lists(st.tuples(st.integers(0, 1000), flaws, st.booleans()), min_size=1, max_size=3))
def test_a_mutated_body_is_accepted_only_with_a_decoders_values(
    sent: list[dict[str, Any]], wrong: list[tuple[int, int, bool]]
) -> None:
    body = bytearray(json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode())
    for position, flaw, is_more in wrong:
        start = position % len(body)
        body[start : start + (not is_more)] = bytes([flaw])
    try:
        found, rest = scan(bytes(body))
    except NotFastPath:
        return
    if not any(map(is_broken, found)):
        taken = json.loads(bytes(body).removesuffix(rest))
        assert list(map(decoded, found)) == list(map(plain, taken))
