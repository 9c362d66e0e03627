"""The reader of nested JSON, one object or array at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from contactory.columns.jit import Bytes, Ints, OutBuffer, Table
from contactory.columns.kinds import ValueKind
from contactory.columns.plain.lexer import INTEGER, OPENING, TEXT, Cursor, Texts, Unusual, decode

_KEY: Final = rb'"(?P<key>[^"\\]*)"'
_NUMBER: Final = rb"[-0-9][-+.0-9Ee]*"
_WORD: Final = rb"t...|f....|n..."
_WORDS: Final = {b"t": ValueKind.TRUE, b"f": ValueKind.FALSE, b"n": ValueKind.NULL}


def scan_children(
    source: Bytes,
    base: int,
    starts: Ints,
    lengths: Ints,
    out: OutBuffer,
    used: Ints,
    names: Table,
    following: Ints,  # noqa: ARG001
    children: Table,
    odd: OutBuffer,
) -> tuple[int, int]:
    """Write the children of objects and arrays to `children`: parent, name, start, length and kind. Return
    how many there are, and how many distinct names."""
    known: dict[bytes, int] = {}
    texts, count = Texts(out, used, base), 0
    for parent, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
        before = int(used[0])
        try:
            found = [*_read_children(Cursor(source, start, start + max(length, 0)), texts, names, known)]
        except Unusual:
            odd[parent], used[0] = 1, before
            continue
        for child in found:
            children[:, count] = parent, *child
            count += 1
    return count, len(known)


def place_fields(
    fields: Ints,
    parents: Ints,
    name_of: Ints,
    starts: Ints,
    lengths: Ints,
    kinds: Ints,
    placed: Table,
    repeated: OutBuffer,
) -> None:
    """Write the starts, lengths and kinds of members to `placed` [3, field * object]; the last one counts."""
    placed[0], placed[1], placed[2] = 0, -1, ValueKind.ABSENT
    for child, (field, parent) in enumerate(zip(fields[name_of].tolist(), parents.tolist(), strict=True)):
        if field >= 0:
            place = field * len(repeated) + parent
            repeated[parent] |= placed[2, place] != ValueKind.ABSENT
            placed[:, place] = starts[child], lengths[child], kinds[child]


def _read_children(
    cursor: Cursor, texts: Texts, names: Table, known: dict[bytes, int]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield name, start, length and kind of the children of one object or array. Raises Unusual."""
    is_object = bool(cursor.expect(OPENING)["object"])
    closing = rb"\}" if is_object else rb"\]"
    is_whole = cursor.take(closing)
    while not is_whole:
        name = _read_name(cursor, names, known) if is_object else -1
        yield name, *_read_value(cursor, texts)
        is_whole = cursor.take(closing)
        if not is_whole:
            cursor.expect(b",")


def _read_name(cursor: Cursor, names: Table, known: dict[bytes, int]) -> int:
    """Return the index of a member's key, with its place in `names`. Raises Unusual."""
    key = cursor.expect(_KEY)
    if key["key"] not in known:
        decode(key["token"])
        if len(known) == names.shape[1]:
            raise Unusual
        names[:, len(known)] = key.start("key"), len(key["key"])
        known[key["key"]] = len(known)
    cursor.expect(b":")
    return known[key["key"]]


def _read_value(cursor: Cursor, texts: Texts) -> tuple[int, int, int]:
    """Return start, length and kind of a value. Raises Unusual."""
    if text := cursor.take(TEXT):
        return *texts.place(text), ValueKind.TEXT
    if number := cursor.take(_NUMBER):
        kind = ValueKind.INTEGER if re.fullmatch(INTEGER, number["token"]) else ValueKind.NUMBER
        return number.start("token"), len(number["token"]), kind
    if word := cursor.take(_WORD):
        return word.start("token"), len(word["token"]), _WORDS[word["token"][:1]]
    opening = cursor.expect(OPENING)
    kind = ValueKind.OBJECT if opening["object"] else ValueKind.ARRAY
    return *cursor.take_nested(opening.start("token")), kind
