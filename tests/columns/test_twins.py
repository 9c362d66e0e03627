"""Twins: each compiled function returns what its twin in plain Python does, whatever bytes it is given."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from bench.fuzz_columns import compared, fuzz, read, read_column
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns import jit, lexer, pgcopy, values, words

SECONDS = 5.0

pytestmark = pytest.mark.skipif(jit.IS_EXACT, reason="there are only the twins then")

tokens = st.sampled_from(
    [
        *(
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b'"',
            b"\\",
            b" ",
            b"\n",
            b"\0",
            b"\x1f",
            b"\xc3\xa9",
            b"\xc3",
            b"\xed",
        ),
        *(
            b"-",
            b"0",
            b"01",
            b"12",
            b"-0",
            b"1.5",
            b"1e9",
            b"9" * 16,
            b"true",
            b"false",
            b"null",
            b"tru",
            b"x",
        ),
        *(b'"sourceId":', b'"email":', b'"parent":', b'"vars":', b'"a"', b'"\\u00e9"', b'"\\ud83d\\ude00"'),
        *(b'"\\ud83d"', b'"\\u0000"', b'"\\n', b"[{", b"}]", b'{"email":"x"}', b'"paths":[]', b'{"id":1}'),
    ]
)
bodies = st.lists(tokens | st.binary(max_size=2), min_size=1, max_size=30).map(b"".join)
arrays = st.lists(tokens, max_size=4).map(lambda values: b"[%s]" % b",".join(values))
rows = st.lists(
    st.tuples(st.sampled_from([b'"email"', b'"debtorId"', b'"vars"', b'"paths"']), tokens), max_size=3
).map(lambda members: b"[{%s}]" % b",".join(map(b":".join, members)))
numbers = st.from_regex(rb"-{0,2}0?[0-9]{0,2}(\.[0-9]{0,2}|\.[0-9]{13,14})?[eE.-]?", fullmatch=True)
pieces = st.lists(
    st.none()
    | st.binary(max_size=12)
    | st.text(st.sampled_from('ab.-@/0129"LU'), max_size=13).map(str.encode)
    | st.dates().map(lambda day: str(day).encode())
    | st.dates().map(lambda day: f"{day:%d/%m}/{day.year:04}".encode())
    | st.emails().map(str.encode)
    | st.from_regex(rb"[a.+-]{1,4}@([a0-]{1,4}\.){1,2}l?[a-z]{1,11}", fullmatch=True),
    max_size=8,
)


@given(bodies | arrays | rows)
def test_bodies_are_read_as_by_the_twins(body: bytes) -> None:
    with compared():
        read(body)


@given(numbers)
def test_numbers_are_read_as_by_the_twins(number: bytes) -> None:
    with compared():
        read(b'[{"debtorId":%s}]' % number)


@given(pieces)
def test_columns_are_read_and_written_as_by_the_twins(given: list[bytes | None]) -> None:
    lengths = np.array([-1 if piece is None else len(piece) for piece in given], np.int32)
    starts = np.cumsum(np.maximum(lengths, 0), dtype=np.int32) - np.maximum(lengths, 0)
    with compared():
        read_column(np.frombuffer(b"".join(filter(None, given)), np.uint8), starts, lengths)


def test_damaged_bodies_are_read_as_by_the_twins() -> None:
    counts = fuzz(SECONDS, int.from_bytes(os.urandom(4)))
    assert len(counts) == len(jit.TWINS) + 1, counts


@pytest.mark.parametrize(("start", "length"), [(-1, 2), (0, 4), (3, 1), (2**31 - 1, 1), (1, 2**31 - 1)])
def test_ranges_outside_of_the_buffer_are_refused(start: int, length: int) -> None:
    place = np.zeros(3, np.uint8), np.array([start], np.int32), np.array([length], np.int32)
    for read_places in (values.kinds_of, values.find_odd, values.find_unusual_emails, pgcopy.format_elements):
        with pytest.raises(IndexError):
            read_places(*place)


@pytest.mark.skipif(jit.SCANNER != "checked", reason="a wrong index must not be used without checks")
def test_checked_functions_refuse_an_index_out_of_bounds() -> None:
    source, last = np.frombuffer(b"12", np.uint8), [2, 2**40, -1]
    for index in last:
        with pytest.raises(IndexError):
            lexer.byte_at(source, index)
    with pytest.raises(IndexError):
        lexer.skip_blanks(np.frombuffer(b"  ", np.uint8), 0, 3)
    with pytest.raises(IndexError):
        words.skip_visible(np.frombuffer(b"12345678", np.uint8), 1, 9)


def test_exact_scanner_never_imports_the_compiler() -> None:
    program = "import sys, contactory.app; assert not {'numba', 'llvmlite'} & sys.modules.keys()"
    environment = {**os.environ, "CONTACTORY_SCANNER": "exact", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
