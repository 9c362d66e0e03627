"""Columns to rows, with the standard library's `struct` and `join`."""

from __future__ import annotations

from struct import pack

import numpy as np

from contactory.columns.jit import Bytes, Ints, Table
from contactory.columns.plain.values import read_values


def join(source: Bytes, starts: Ints, lengths: Ints, separator: int) -> Bytes:
    """Return the values one after the other, with a separator of one byte between them."""
    values = read_values(source, starts, lengths)
    return to_buffer(bytes([separator]).join([value or b"" for value in values]))


def format_elements(source: Bytes, starts: Ints, lengths: Ints) -> Bytes:
    """Return the values as elements of an array in PostgreSQL's binary form."""
    return to_buffer(b"".join(map(_with_size, read_values(source, starts, lengths))))


def format_rows(source: Bytes, extra: Bytes, is_extra: Bytes, starts: Table, lengths: Table) -> Bytes:
    """Return rows in the binary form of COPY."""
    head = pack("!h", len(starts))
    rows = _rows(source, extra, is_extra, starts, lengths)
    return to_buffer(b"".join([head + b"".join(map(_with_size, row)) for row in rows]))


def concat_rows(
    pieces: Bytes, ends: Ints, source: Bytes, extra: Bytes, is_extra: Bytes, starts: Table, lengths: Table
) -> tuple[Bytes, Ints, Ints]:
    """Return a text for each row: a piece before each of its values and one behind the last."""
    before = [piece.tobytes() for piece in np.split(pieces, ends)[:-1]]
    texts = []
    for row in _rows(source, extra, is_extra, starts, lengths):
        values = [piece + (value or b"") for piece, value in zip(before, row, strict=False)]
        texts.append(b"".join(values) + before[-1])
    sizes = np.array([*map(len, texts)], np.int32)
    return to_buffer(b"".join(texts)), np.cumsum(sizes, dtype=np.int32) - sizes, sizes


def write_objects(
    source: Bytes,
    starts: Ints,
    lengths: Ints,
    rows: Ints,
    names: Bytes,
    ends: Ints,
    name_of: Ints,
    count: int,
) -> tuple[Bytes, Ints, Ints]:
    """Return a JSON object for each of `count` rows that has values."""
    keys = [name.tobytes() for name in np.split(names, ends)[:-1]]
    members: dict[int, list[bytes]] = {}
    values = read_values(source, starts, lengths)
    for row, name, value in zip(rows.tolist(), name_of.tolist(), values, strict=True):
        members.setdefault(row, []).append(keys[name] + (b"null" if value is None else value))
    objects = {row: b"{%s}" % b",".join(given) for row, given in members.items()}
    object_starts, object_lengths = np.zeros(count, np.int32), np.full(count, -1, np.int32)
    at = 0
    for row, written in objects.items():
        object_starts[row], object_lengths[row] = at, len(written)
        at += len(written)
    return to_buffer(b"".join(objects.values())), object_starts, object_lengths


def _rows(
    source: Bytes, extra: Bytes, is_extra: Bytes, starts: Table, lengths: Table
) -> list[tuple[bytes | None, ...]]:
    columns = [
        [*read_values(extra if is_extra[column] else source, starts[column], lengths[column])]
        for column in range(len(starts))
    ]
    return [*zip(*columns, strict=True)]


def _with_size(value: bytes | None) -> bytes:
    return pack("!i", -1) if value is None else pack("!i", len(value)) + value


def to_buffer(written: bytes) -> Bytes:
    return np.frombuffer(written, np.uint8).copy()
