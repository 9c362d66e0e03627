"""Datananas: rows read by columns are those that the exact reader reads."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from contactory.columns.column import BytesColumn
from contactory.dialects.datananas.bodies import parse
from contactory.dialects.datananas.columnar import ColumnarRows
from contactory.dialects.datananas.names import FIELDS
from contactory.dialects.datananas.rows import Rows, read_rows

_NAMES = [word for name, (_, others) in FIELDS.items() for word in (name, *others)]
keys = st.sampled_from([*FIELDS, "created_at", "_id", "updatedAt", "list", "First-Name"]) | st.sampled_from(
    [*_NAMES, "unknown"]
)
words = st.text(max_size=8) | st.sampled_from(
    [
        " ",
        " padded ",
        "\u3000",
        "\u2003x",
        "nl",
        "crm",
        " CRM ",
        "connect",
        "\ud83d",
        "\0",
        "x" * 36,
        "é" * 501,
    ]
)
emails = st.sampled_from(
    [
        "a@e.org",
        "A.b+c@Example.org",
        "é@e.org",
        "e@é.org",
        "<a@e.org>",
        "nobody",
        "mailto:a@e.org",
        "a@localhost",
    ]
)
urls = st.sampled_from(
    [
        "https://www.linkedin.com/in/some-one/",
        "http://linkedin.com/in/none",
        "https://fr.linkedin.com/in/Some-One?x=1",
        "https://linkedin.com/company/x",
        "linkedin.com/in/x",
        "https://www.linkedin.com/in/undefined/",
    ]
)
moments = st.sampled_from(
    [
        "2024-02-29",
        "2023-02-29",
        "2024-01-01T10:00:00.1234567Z",
        "2024-01-01T10:00:00+02:00",
        " 2024-01-01 ",
        "5",
    ]
)
ids = st.sampled_from(["0" * 23 + "7", "0" * 24, "x", "f" * 24])
numbers = st.integers() | st.floats() | st.sampled_from([0, 12, 10**17, 10**400, 1.5, 75001.0, -0.0])
anything = st.none() | st.booleans() | numbers | words
nested = st.recursive(
    anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
variables = st.dictionaries(st.text(max_size=4), nested, max_size=3)
usual = st.fixed_dictionaries(
    {},
    optional={
        "email": emails,
        "firstName": words,
        "linkedinUrl": urls,
        "vars": variables,
        "collectedAt": moments,
        "createdAt": moments,
        "owner": emails | st.builds(lambda email: {"email": email}, emails | st.just(0)),
        "source": words,
        "language": words,
        "_id": ids,
    },
)
rows = usual | st.dictionaries(keys, words | emails | urls | moments | ids | nested, max_size=6) | nested


def shown(read: Rows) -> Any:
    """Return all that was read in plain Python, with vars as the store keeps them."""
    columns = {field: list(column) for field, column in read.columns.items()}
    columns["vars"] = [
        document and json.loads(document, parse_float=_as_stored) for document in columns["vars"]
    ]
    emails, profiles = read.keys()
    keys = [(key.schemes, key.field, list(key.keys)) for key in (emails, profiles)]
    return read.size, columns, list(read.owners), sorted(read.errors), read.ids, keys


def _as_stored(number: str) -> str:
    """Return a number with all its digits, which PostgreSQL shows."""
    return number if "e" not in number.lower() else repr(float(number))


def check(body: bytes, decoded: list[Any]) -> None:
    found = ColumnarRows.of(body)
    if found is None:
        return
    exact = read_rows(decoded)
    assert shown(found.read(range(len(found)))) == shown(exact)
    half = [*range(0, len(decoded), 2)]
    taken = found.read(half)
    for field, column in exact.columns.items():
        assert list(taken.columns[field]) == [column[row] for row in half] or field == "vars"


@given(st.lists(rows, min_size=1, max_size=8), st.booleans(), st.sampled_from([None, 1]))
@example([{"createdAt": "2024-01-01", "updatedAt": "2024-01-01"}, {"createdAt": "2024-01-01"}], True, None)
@example([{"mail": "a@e.org", "email": ""}, {"mail": "a@e.org"}, {"email": "b@e.org"}], True, None)
@example([{"email": "É@e.org", "vars": {"a": 1.50}}, {"email": "a@e.org", "vars": {"a": 1}}], False, None)
def test_rows_are_those_of_the_exact_reader(
    given_rows: list[Any], ascii_only: bool, indent: int | None
) -> None:
    written = json.dumps(given_rows, ensure_ascii=ascii_only, indent=indent, allow_nan=True)
    body = (
        written.replace("NaN", "1")
        .replace("-Infinity", "-1e999")
        .replace("Infinity", "1e999")
        .encode(errors="surrogatepass")
    )
    try:
        body.decode()
        decoded = parse(body)
    except ValueError:
        return
    check(body, decoded)


@given(st.lists(usual, min_size=1, max_size=6), st.data())
def test_damaged_rows_are_those_of_the_exact_reader(given_rows: list[Any], data: st.DataObject) -> None:
    body = bytearray(json.dumps(given_rows).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(
            st.sampled_from(b'"\\,:{}[]0-1.eutfn\x00\x1f \xc3\xed\xf0\x80')
        )
    try:
        body.decode()
        msgspec.json.decode(bytes(body), type=list[msgspec.Raw])
        decoded = parse(bytes(body))
    except ValueError:
        return
    check(bytes(body), decoded)


def test_usual_columns_share_the_bytes_of_the_body() -> None:
    body = json.dumps(
        [{"email": "a@e.org", "firstName": "A", "vars": {"a": 1}}, {"email": " b@e.org"}]
    ).encode()
    found = ColumnarRows.of(body)
    assert found is not None
    columns = [column for column in found.read([0, 1]).columns.values() if isinstance(column, BytesColumn)]
    assert len(columns) == 3
    assert all(column.source is columns[0].source for column in columns)
