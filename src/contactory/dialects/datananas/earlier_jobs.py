"""Rows of jobs that earlier versions accepted: columns of values that are read already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.model.bulk import BulkWrite, Rows
from contactory.model.fields import CONTACTS, Mode
from contactory.model.keys import Keys
from contactory.model.problems import Problem


class EarlierRows(msgspec.Struct, kw_only=True, rename={"fallback_keys": "alternates"}):
    keys: Keys
    fallback_keys: list[Keys]
    columns: dict[str, list[Any]]
    defaults: dict[str, Any]
    modes: dict[str, Mode]
    largest: dict[str, int] = {}
    ids: list[int | None] | None = None

    def chunk(self, first: int, last: int, refused: Mapping[int, Problem]) -> BulkWrite:
        of_chunk = range(first, last)
        rows = Rows(
            count=len(of_chunk),
            ids=self.ids and self.ids[first:last],
            keys=self.keys.take(of_chunk),
            fallback_keys=[keys.take(of_chunk) for keys in self.fallback_keys],
            columns={field: values[first:last] for field, values in self.columns.items()},
            refused={row - first: refused[row] for row in of_chunk if row in refused},
        )
        return BulkWrite(
            kind=CONTACTS,
            defaults=self.defaults,
            modes=self.modes,
            replace_key=True,
            largest=self.largest,
            rows=rows,
        )


_decode = msgspec.msgpack.Decoder(EarlierRows).decode


def open_earlier_job(content: bytes) -> EarlierRows | None:
    try:
        return _decode(content)
    except UNREADABLE:
        return None
