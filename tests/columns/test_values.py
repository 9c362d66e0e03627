"""Values: the compiled readers of columns agree with exact ones in Python."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from contactory.columns.column import BytesColumn, StringColumn
from contactory.columns.values import (
    ABSENT,
    ARRAY,
    DAY,
    INTEGER,
    NONE,
    ODD,
    OTHER,
    TEXT,
    find_unusual_emails,
    kinds_of,
    number_alike,
    read_days,
    read_digits,
    read_letters,
    strip,
)
from contactory.dialects.propeller.everit import is_email

CLEARED = 7
LETTERS = np.frombuffer(b"ABMU", np.uint8)

some = st.none() | st.text(st.sampled_from("ab-/.@0129"), max_size=5)
dates = (
    st.dates().map(lambda day: f"{day:%d/%m}/{day.year:04}")
    | st.dates().map(str)
    | st.from_regex(r"[0-9]{2}/[0-3][0-9]/[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-3][0-9]", fullmatch=True)
    | st.text(max_size=11)
)


def make_column(values: Sequence[str | None]) -> BytesColumn[str]:
    """Make a column whose buffer has other bytes before the first value."""
    encoded = [b"..."] + [b"" if value is None else value.encode() for value in values]
    column = BytesColumn[str].from_buffer(b"".join(encoded), np.array(list(map(len, encoded)), np.int32))[1:]
    column.lengths[[value is None for value in values]] = -1
    return column


def date_of(text: str) -> date | None:
    iso = "-".join(reversed(text.split("/"))) if text[2:3] == "/" else text
    try:
        return date.fromisoformat(iso) if iso.isascii() and len(text) == 10 else None
    except ValueError:
        return None


@given(st.lists(dates))
def test_days_are_counted_like_the_calendar(texts: list[str]) -> None:
    column = make_column(["", None, *texts])
    found = read_days(column.source, column.starts, column.lengths, CLEARED)
    assert found[:2].tolist() == [CLEARED, ABSENT]
    for text, days in zip(texts, found[2:].tolist(), strict=True):
        day = date_of(text)
        if text and "W" not in text:
            assert days == (ODD if day is None else (day - date(2000, 1, 1)).days)


@given(st.lists(st.emails() | some | st.from_regex(r"[a.+-]{1,4}@[a0.-]{1,6}\.[a-z0-]{1,3}", fullmatch=True)))
@example(["a@b.nl", "", None, "a.b+c_d@x-y.example.org"])
def test_plain_addresses_are_valid_addresses(texts: list[str | None]) -> None:
    column = make_column(texts)
    unusual = find_unusual_emails(column.source, column.starts, column.lengths).tolist()
    usual = [text for row, text in enumerate(texts) if row not in unusual]
    assert all(text is None or not text or is_email(text) for text in usual)


def test_most_addresses_are_plain() -> None:
    column = make_column(["a@b.nl", "", None, "jan.de+x_y@x-y--z.example.org", "9@9.9.io"])
    assert not len(find_unusual_emails(column.source, column.starts, column.lengths))
    for wrong in ("a@b", "a@b.c", "a@b.c0", "a@-b.nl", "a@b-.nl", "a..b@c.nl", ".a@c.nl", "a.@c.nl", "@c.nl"):
        column = make_column(["a@b.nl", wrong])
        assert find_unusual_emails(column.source, column.starts, column.lengths).tolist() == [1], wrong


@given(st.lists(some | st.text("\t\x1c\xa0 a", max_size=4)))
def test_blanks_of_ascii_are_stripped(texts: list[str | None]) -> None:
    column = make_column(texts)
    starts, lengths = strip(column.source, column.starts, column.lengths)
    blanks = "".join(character for character in map(chr, range(128)) if character.isspace())
    assert [*StringColumn(column.source, starts, lengths)] == [text and text.strip(blanks) for text in texts]


@given(st.lists(st.none() | st.text("+0719 -(é\u0661", max_size=6)))
def test_digits_are_read_with_the_plus_before_them(texts: list[str | None]) -> None:
    column = make_column(texts)
    digits, starts, lengths, has_plus = read_digits(column.source, column.starts, column.lengths)
    read = [*StringColumn(digits, starts, lengths)]
    for text, found, plus in zip(texts, read, has_plus.tolist(), strict=True):
        if text is None or not text.isascii():
            assert found is None
        else:
            assert found == "".join(filter(str.isdigit, text))
            assert plus == text.strip(" -(").startswith("+")


@given(st.lists(st.tuples(some, some)), st.integers(0, 2**62))
def test_rows_have_the_same_number_exactly_when_they_are_equal(
    values: list[tuple[str | None, str | None]], seed: int
) -> None:
    columns = [make_column([value[index] for value in values]) for index in range(2)]
    source = np.concatenate([column.source for column in columns])
    columns[1].starts += len(columns[0].source)
    starts, lengths = (np.stack(each) for each in zip(*((c.starts, c.lengths) for c in columns), strict=True))
    numbers, firsts = number_alike(source, starts, lengths, seed)
    assert [values[row] for row in firsts.tolist()] == list(dict.fromkeys(values))
    assert [values[firsts[number]] for number in numbers.tolist()] == values


values = (
    st.none()
    | dates
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.lists(st.text(max_size=2), max_size=2)
    | st.dictionaries(st.text(max_size=1), st.integers(), max_size=1)
)


@given(st.lists(values, min_size=1))
def test_kinds_of_json_values_are_found(sent: list[Any]) -> None:
    column = make_column([None if value is None else json.dumps(value) for value in sent])
    kinds = kinds_of(column.source, column.starts, column.lengths)
    for value, kind in zip(sent, kinds.tolist(), strict=True):
        if isinstance(value, str):
            is_day = date_of(value) is not None and value[2] != "/" and "W" not in value
            assert kind == (DAY if is_day else TEXT)
        elif isinstance(value, list):
            assert kind == ARRAY
        elif value is None:
            assert kind == NONE
        else:
            assert kind == (INTEGER if type(value) is int else OTHER)


@given(st.lists(st.none() | st.text(st.sampled_from("abmuABz"), min_size=1, max_size=3), min_size=1))
def test_letters_are_read_as_upper_case(texts: list[str | None]) -> None:
    column = make_column(texts)
    letters = read_letters(column.source, column.starts, column.lengths, 2, LETTERS)
    fit = all(text is None or (len(text) == 2 and set(text.upper()) <= set("ABMU")) for text in texts)
    assert letters.tobytes().decode() == ("".join((text or "\0\0").upper() for text in texts) if fit else "")
