"""The scanner of arrays of objects, one value at a time."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from contactory.columns.jit import Bytes, Ints, OutBuffer, Table
from contactory.columns.kinds import ValueType
from contactory.columns.plain.lexer import INTEGER, OPENING, TEXT, Cursor, Texts, Unusual

_DECIMAL: Final = rb"-?(?:0|[1-9][0-9]*)\.[0-9]+"
_MOST_KEPT: Final = 15  # bytes of a decimal number of which a float keeps all digits


def scan(
    source: Bytes,
    at: int,
    end: int,
    out: OutBuffer,
    used: Ints,
    names: Bytes,
    ends: Ints,
    types: Bytes,
    following: Ints,  # noqa: ARG001
    objects: Table,
    starts: Table,
    lengths: Table,
) -> tuple[int, int]:
    """Scan rows from the bracket before all of them, or from the comma before the next ones."""
    keys = [names[first:last].tobytes() for first, last in pairwise([0, *ends.tolist()])]
    cursor, texts = Cursor(source, at, end), Texts(out, used, end)
    try:
        if not cursor.take(b","):
            cursor.expect(rb"\[")
            if cursor.take(rb"\]"):
                return 0, cursor.at
        for row, place in enumerate(objects):
            cursor.expect(rb"\{")
            place[0] = cursor.at - 1
            is_whole = cursor.take(rb"\}")
            while not is_whole:
                key = cursor.expect(rb'"(?P<key>[^"]+)"')["key"]
                cursor.expect(b":")
                if key not in keys or lengths[keys.index(key), row] >= 0:
                    raise Unusual
                field = keys.index(key)
                starts[field, row], lengths[field, row] = _read_value(cursor, texts, int(types[field]))
                is_whole = cursor.take(rb"\}")
                if not is_whole:
                    cursor.expect(b",")
            place[1] = cursor.at
            if cursor.take(rb"\]"):
                return row + 1, cursor.at
            cursor.expect(b",")
    except Unusual:
        return -1, cursor.at
    return len(objects), cursor.at - 1


def _read_value(cursor: Cursor, texts: Texts, types: int) -> tuple[int, int]:
    """Return start and length of a value. Raises Unusual if it is of none of the types."""
    if types & ValueType.TEXT and (text := cursor.take(TEXT)):
        place = texts.place(text)
        return (text.start("token"), len(text["token"])) if types & ValueType.RAW else place
    if types & ValueType.DECIMAL and (number := cursor.take(_DECIMAL)):
        if len(number["token"]) > _MOST_KEPT:
            raise Unusual
        return number.start("token"), len(number["token"])
    if types & ValueType.INTEGER and (number := cursor.take(INTEGER)):
        return number.start("token"), len(number["token"])
    opening = cursor.expect(OPENING)
    if not types & (ValueType.OBJECT if opening["object"] else ValueType.ARRAY):
        raise Unusual
    return cursor.take_nested(opening.start("token"))
