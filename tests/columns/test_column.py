"""Columns: PostgreSQL receives the values that were formatted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns.column import BytesColumn, IntegerColumn, StringColumn, concat_rows
from contactory.columns.pgcopy import join
from contactory.store.binary import TextArray
from contactory.store.database import Database

TYPES = ("int8", "int4", "bool", "text", "bytea", "text", "int4")

texts = st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=9)
small = st.none() | st.integers(-(2**31), 2**31 - 1)
rows = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        small,
        st.none() | st.booleans(),
        texts,
        st.none() | st.binary(max_size=9),
        texts,
        small,
    ),
    min_size=1,
    max_size=9,
)


def text_column(values: Sequence[str | None]) -> StringColumn:
    encoded = [(value or "").encode() for value in values]
    lengths = [-1 if value is None else len(piece) for value, piece in zip(values, encoded, strict=True)]
    return StringColumn.from_buffer(b"".join(encoded), np.array(lengths, np.int32))


def integer_column(values: Sequence[int | None]) -> IntegerColumn:
    is_given = np.array([value is not None for value in values])
    return IntegerColumn.from_array(np.array([value or 0 for value in values], np.int32), is_given)


def test_arrays_are_returned_as_they_were_sent(database: Database, organization: int) -> None:
    with database.transaction(organization) as transaction:

        @given(st.lists(texts.filter(lambda text: text is not None), max_size=9), st.booleans())
        def round_trip(sent: list[Any], as_column: bool) -> None:
            texts: Any = text_column(sent) if as_column else sent
            array = TextArray.of(texts)
            back = transaction.connection.execute(b"SELECT %s", [array]).fetchone()
            assert back == (sent,)

        round_trip()


@given(st.lists(st.tuples(st.binary(max_size=5), st.binary(max_size=5)), min_size=1), st.binary(max_size=3))
def test_rows_are_concatenated_from_pieces_and_values(sent: list[tuple[bytes, bytes]], piece: bytes) -> None:
    first, second = (BytesColumn[bytes].from_values(values) for values in zip(*sent, strict=True))
    joined = concat_rows([piece, b",", b";"], [first, second])
    assert list(joined) == [piece + one + b"," + other + b";" for one, other in sent]
    replaced = joined.replace_rows([len(sent) - 1], BytesColumn[bytes].from_values([b"else"]))
    assert list(replaced) == [*list(joined)[:-1], b"else"]
    assert list(BytesColumn[bytes].concatenate([first, second, first])) == [*first, *second, *first]
    assert list(first.prefix(b":")) == [b":" + value for value, _ in sent]
    assert list(first.compact()) == list(first)


def test_rows_are_returned_as_they_were_sent(database: Database, organization: int) -> None:
    with database.transaction(organization) as transaction:
        names = [f"c{index}" for index in range(len(TYPES))]
        columns = ", ".join(f"{name} {type_}" for name, type_ in zip(names, TYPES, strict=True))
        transaction.connection.execute(f"CREATE TEMPORARY TABLE copied ({columns})")

        @given(rows)
        def round_trip(sent: list[tuple[Any, ...]]) -> None:
            values: list[Sequence[Any]] = [list(column) for column in zip(*sent, strict=True)]
            values[5:] = [text_column(values[5]), integer_column(values[6])]
            assert list(zip(*values, strict=True)) == sent
            transaction.copy(b"COPY copied FROM STDIN (FORMAT binary)", TYPES, values)
            transaction.drain()
            back = transaction.connection.execute("DELETE FROM copied RETURNING *").fetchall()
            assert back == sent

        round_trip()


@given(st.lists(texts), st.data())
def test_columns_are_sequences(values: list[str | None], data: st.DataObject) -> None:
    column = text_column(values)
    assert list(column) == values == [column[row] for row in range(len(values))]
    assert column.has_any() == any(value is not None for value in values)
    assert column.has_any(more_than_empty=True) == any(values)
    assert list(column.fill_null(b"x")) == ["x" if value is None else value for value in values]
    assert list(column.fill_null()) == [value or "" for value in values]
    value = data.draw(st.sampled_from([*filter(None, values), "x", ""]))
    assert list(column.null_if(value.encode())) == [None if each == value else each for each in values]
    chosen = data.draw(st.lists(st.sampled_from(range(len(values))))) if values else []
    assert list(column.take(np.array(chosen, np.int32))) == [values[row] for row in chosen]
    assert list(column.take(range(1, len(values)))) == values[1:]
    assert column.join(b"\0").decode() == "\0".join(value for value in values if value is not None)


def test_concatenating_nothing_gives_an_empty_column() -> None:
    nothing = BytesColumn[bytes].from_buffer(b"", np.empty(0, np.int32))
    assert join(nothing.source, nothing.starts, nothing.lengths, 0).tobytes() == b""
