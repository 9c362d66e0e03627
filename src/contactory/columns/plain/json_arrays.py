"""Columns to arrays of JSON, with the standard library's encoder."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np

from contactory.columns.jit import Bytes, Ints, Table
from contactory.columns.plain.pgcopy import to_buffer
from contactory.columns.plain.values import read_values


def write_arrays(
    pieces: Bytes,
    ends: Ints,
    source: Bytes,
    extra: Bytes,
    is_extra: Bytes,
    starts: Table,
    lengths: Table,
    are_texts: Bytes,
    parents: Ints,
    count: int,
    are_objects: int,
) -> tuple[Bytes, Ints, Ints]:
    """Return the buffer, starts and lengths of an array for each row."""
    around = [pieces[start:end].tobytes() for start, end in pairwise(ends.tolist())]
    written: list[list[bytes]] = [[] for _ in parents]
    for member, is_text in enumerate(are_texts.tolist()):
        values = read_values(extra if is_extra[member] else source, starts[member], lengths[member])
        for item, value in enumerate(values):
            if value is not None:
                inside = _quote(value) if is_text else value
                written[item].append(around[2 * member] + inside + around[2 * member + 1])
    form = b"{%s}" if are_objects else b"%s"
    items = [form % b",".join(members) for members in written]
    rows = [
        b"[%s]"
        % b",".join([item for item, parent in zip(items, parents.tolist(), strict=True) if parent == row])
        for row in range(count)
    ]
    sizes = np.array([*map(len, rows)], np.int32)
    return to_buffer(b"".join(rows)), np.cumsum(sizes, dtype=np.int32) - sizes, sizes


def _quote(text: bytes) -> bytes:
    """Return a text with quotes and escapes. Only bytes of ASCII are escaped."""
    return json.dumps(text.decode("latin-1"), ensure_ascii=False).encode("latin-1")
