"""The body of a bulk call, opened so that any of its rows can be read: by columns, or where that cannot be,
by the exact reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from contactory.columns.column import RowSelection, take
from contactory.columns.jit import IS_EXACT
from contactory.dialects.base import UNREADABLE
from contactory.dialects.datananas.bodies import decode_object
from contactory.dialects.datananas.columnar import ColumnarRows
from contactory.dialects.datananas.problems import wrong
from contactory.dialects.datananas.rows import Rows, read_rows

MAX_CONTACTS: Final = 10_000
HASH_BYTES: Final = 16
DEPTH: Final = 2  # of the array of rows


class SentRows(Protocol):
    """The rows of a body."""

    def __len__(self) -> int: ...

    def read(self, rows: RowSelection) -> Rows:
        """Read some rows."""

    def hashes(self, rows: RowSelection) -> bytes:
        """Return a hash of 16 bytes of all that each of some rows says, or zeros."""


class DecodedRows:
    """Rows that were decoded with their body."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, rows: RowSelection) -> Rows:
        return read_rows(take(self._rows, rows))

    def hashes(self, rows: RowSelection) -> bytes:
        return bytes(HASH_BYTES * len(rows))


class SentBody(NamedTuple):
    """An opened body. `target`: the list that it names."""

    target: Any
    rows: SentRows


class _Outline(msgspec.Struct):
    contacts: msgspec.Raw
    list: Any = None


_OUTLINE: Final = msgspec.json.Decoder(_Outline)


def open_body(body: bytes) -> SentBody:
    """Open a body. Raises Refusal (INVALID, MALFORMED)."""
    opened = _open_usual(body)
    if opened is None:
        document = decode_object(body, DEPTH)
        contacts = document.get("contacts")
        rows = DecodedRows(contacts if isinstance(contacts, list) else ())
        opened = SentBody(document.get("list"), rows)
    if not 1 <= len(opened.rows) <= MAX_CONTACTS:
        raise wrong("contacts", f"is not an array of 1 to {MAX_CONTACTS} contacts")
    return opened


def _open_usual(body: bytes) -> SentBody | None:
    """Open a body that is known to be JSON after one pass, and whose rows can be read by columns."""
    if IS_EXACT:
        return None
    try:
        body.decode()
        outline = _OUTLINE.decode(body)
    except UNREADABLE:
        return None
    contacts = bytes(outline.contacts)
    rows = ColumnarRows.of(contacts) if contacts[:1] == b"[" else None
    return None if rows is None else SentBody(outline.list, rows)
