"""Values as binary COPY takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from struct import Struct, pack
from typing import Any, Final

import msgspec

# The types that psycopg is told: where one is not the column's own, its bytes are.
WIRE_TYPES: Final = {
    "text": "text",
    "integer": "int4",
    "bigint": "int8",
    "date": "int4",
    "timestamptz": "int8",
    "jsonb": "bytea",
    "bigint[]": "bytea",
}
_BIGINT: Final = 20  # the type's oid
_FIRST_DAY: Final = date(2000, 1, 1).toordinal()
_FIRST_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_INTEGER: Final = Struct("!ii").pack
_BIG_INTEGER: Final = Struct("!iq").pack
_LENGTH: Final = Struct("!i").pack


def to_wire(type_: str, value: Any) -> Any:
    """Return a value as psycopg sends it cheapest."""
    if value is None:
        return None
    match type_:
        case "jsonb":
            return b"\x01" + msgspec.json.encode(value)
        case "bigint[]":
            elements = (part for item in value for part in (8, item))
            return pack("!iiiii" + "iq" * len(value), 1, 0, _BIGINT, len(value), 1, *elements)
        case "date":
            return value.toordinal() - _FIRST_DAY
        case "timestamptz":
            return (value - _FIRST_MOMENT) // datetime.resolution
        case _:
            return value


def make_copy(types: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Make all that a COPY sends; the values are those of `to_wire`."""
    count = pack("!h", len(types))
    write = [_WRITERS[WIRE_TYPES[type_]] for type_ in types]
    lines = (
        chain(
            (count,),
            (_NULL if value is None else one(value) for one, value in zip(write, row, strict=True)),
        )
        for row in rows
    )
    return b"".join((_HEADER, *chain.from_iterable(lines), _TRAILER))


def _bytes(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


_WRITERS: Final[dict[str, Callable[[Any], bytes]]] = {
    "int4": lambda value: _INTEGER(4, value),
    "int8": lambda value: _BIG_INTEGER(8, value),
    "text": lambda value: _bytes(value.encode()),
    "bytea": _bytes,
}
