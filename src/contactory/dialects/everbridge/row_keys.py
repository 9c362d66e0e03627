"""The keys of the rows of a batch, and whether the rows can be judged without what is stored of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from contactory.columns.column import StringColumn
from contactory.columns.document import Document, ValueKind, are_kinds
from contactory.columns.values import find_odd
from contactory.dialects.everbridge.items import Contact, Outline
from contactory.dialects.everbridge.objects import Objects
from contactory.dialects.everbridge.targets import EXTERNAL_ID_LENGTH, WriteOptions, external_id
from contactory.dialects.everbridge.values import ItemError, gives_id
from contactory.dialects.everbridge.zones import needs_stored_zone
from contactory.model.limits import LONGEST_NAME

_OUTLINE: Final = msgspec.json.Decoder(Outline)
# A row that gives quiet times has the one, or the other in the place of a letter.
_QUIET: Final = b"quietTimeFrames"
_ESCAPE: Final = b"\\u"


class NeedsStored(Exception):
    """A row can only be judged by what is stored of its contact."""


def scan_rows(body: bytes) -> Objects:
    """Return the contacts of a body that is known to be a JSON array."""
    document, start = Document(body), np.full(1, body.index(b"["), np.int32)
    items = document.children(start, np.int32(len(body)) - start)
    parents = np.arange(len(items.starts))
    rows = Objects.scan(document, Contact, items.starts, items.lengths, parents)
    rows.odd |= ~are_kinds(items.kinds, ValueKind.OBJECT)
    return rows


def read_keys(rows: Objects, sent: Sequence[msgspec.Raw], options: WriteOptions) -> StringColumn:
    """Read the externalIds of rows, "" for those that are refused for theirs in any case.

    Raises NeedsStored, and UNREADABLE errors.
    """
    keys = rows.texts("externalId", LONGEST_NAME).fill_null()
    rows.odd |= are_kinds(rows.kinds("id"), ValueKind.NUMBER)
    _check_usual(rows, sent, options)
    doubtful = rows.odd | (keys.lengths == 0) | (keys.lengths > EXTERNAL_ID_LENGTH)
    doubtful[find_odd(keys.source, keys.starts, keys.lengths)] = True
    places = np.flatnonzero(doubtful)
    if not len(places):
        return keys
    read = []
    for row, written in zip(places.tolist(), keys.take(places), strict=True):
        outline = Outline(externalId=written)
        if rows.odd[row]:
            outline = _OUTLINE.decode(sent[row])
            _check_outline(outline, options)
        key = _read_key(outline, options)
        rows.odd[row] |= not key
        read.append(key)
    return keys.compact().replace_rows(places.tolist(), StringColumn.from_values(read))


def _check_usual(rows: Objects, sent: Sequence[msgspec.Raw], options: WriteOptions) -> None:
    """Check rows as `_check_outline` does, without decoding them unless they may give quiet times."""
    if options.by_id:
        ids = rows.written("id")
        given = ids.take(np.flatnonzero((ids.lengths > 0) & ~are_kinds(rows.kinds("id"), ValueKind.NULL)))
        if any(gives_id((value or b"").decode()) for value in given):
            raise NeedsStored
    body = rows.document.body
    if not (_QUIET in body or (b"\\" in body and _ESCAPE in body)):
        return
    lacks_zone = are_kinds(rows.kinds("timezoneId"), ValueKind.ABSENT, ValueKind.NULL)
    lacks_zone |= rows.written("timezoneId").lengths <= 0
    for row in np.flatnonzero(lacks_zone & ~rows.odd).tolist():
        if _QUIET in (raw := bytes(sent[row])) or _ESCAPE in raw:
            _check_outline(_OUTLINE.decode(sent[row]), options)


def _check_outline(outline: Outline, options: WriteOptions) -> None:
    if needs_stored_zone(outline) or (options.by_id and gives_id(outline.id)):
        raise NeedsStored


def _read_key(row: Outline, options: WriteOptions) -> str:
    """Read the externalId. Raises NeedsStored for one that cannot be read, unless its row is refused for that
    in any case."""
    try:
        key = external_id(row)
    except ItemError:
        key = ""
    if not key and not options.full:
        raise NeedsStored  # Rows without a key are told from each other when all are read.
    return key
