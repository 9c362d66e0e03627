"""The rows of a job: stored as they were sent, with the rules of the call, and read chunk by chunk."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.dialects.datananas.chunks import ChunkRows
from contactory.dialects.datananas.earlier_jobs import EarlierRows, open_earlier_job
from contactory.dialects.datananas.sent import SentRows, open_body
from contactory.dialects.datananas.write import Rules, make_rows, make_write
from contactory.model.bulk import BulkWrite
from contactory.model.meanwhile import meanwhile
from contactory.model.problems import Problem, Refusal

_LEVEL: Final = 1  # of compression, by which a body is written to disk in half of the time


class _Content(msgspec.Struct):
    """Content of a job as it is stored; the names must not change."""

    body: bytes
    rules: Rules


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Content).decode


class JobRows:
    def __init__(self, rows: SentRows, rules: Rules) -> None:
        self._rows = rows
        self._rules = rules

    def chunk(self, first: int, last: int, refused: Mapping[int, Problem]) -> BulkWrite:
        of_chunk = range(first, last)
        problems = {row - first: refused[row] for row in of_chunk if row in refused}
        rows = make_rows(self._rows.read(of_chunk), self._rules, problems)
        digested = ChunkRows.with_digests(rows, self._rows.hashes(of_chunk), self._rules)
        return make_write(digested, self._rules)


def compress(body: bytes) -> Callable[[], bytes]:
    """Begin to compress a body. Return a function that waits for the result."""
    return meanwhile(lambda: zlib.compress(body, _LEVEL))


def encode_job(compressed: bytes, rules: Rules) -> bytes:
    """Encode the content of a job, whose body is compressed already."""
    return _encode(_Content(compressed, rules))


def open_job(content: bytes) -> JobRows | EarlierRows | None:
    try:
        stored = _decode(content)
        return JobRows(open_body(zlib.decompress(stored.body)).rows, stored.rules)
    except (*UNREADABLE, zlib.error, Refusal):
        return open_earlier_job(content)
