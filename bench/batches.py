"""Rows of one call in every form that they are sent in, made before the clock runs."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec

from bench.copying import make_copy, to_wire
from bench.rows import Row, Span
from bench.vendors.vendor import Number, Vendor

ORGANIZATION: Final = 1
SCHEME: Final = 1
CREATE: Final = "create"
UPDATE: Final = "update"
UNCHANGED: Final = "unchanged"

Values = list[tuple[Any, ...]]


class Batch(NamedTuple):
    """Rows of one scenario: create, update or unchanged.

    `records`: for the ceiling, organization, key and fields; `copies`: all bytes for PostgreSQL alone, two
    COPYs of new contacts (their rows and their keys) or one into its stage; `documents`: for PostgREST, empty
    where that takes no part.
    """

    size: int
    scenario: str
    body: bytes
    records: Values
    copies: tuple[bytes, ...]
    documents: bytes


def make_batch(
    vendor: Vendor,
    scenario: str,
    spans: Iterable[Span],
    *,
    number: Number | None = None,
    documents: bool = False,
) -> Batch:
    """Make a batch of persons.

    `number` finds the ids of what rows name; without it, other numbers stand in for them.
    """
    numbers, rows = _make_rows(vendor, spans)
    stored = [vendor.values(row, number or _stand_in) for row in rows]
    types = (*vendor.key.values(), *vendor.fields.values())
    wired = [tuple(map(to_wire, types, values)) for values in stored]
    return Batch(
        len(rows),
        scenario,
        vendor.body(rows),
        [(ORGANIZATION, *values) for values in wired],
        _new(vendor, numbers, wired) if scenario == CREATE else _staged(vendor, wired),
        _documents(vendor, stored) if documents else b"",
    )


def make_body(vendor: Vendor, spans: Iterable[Span]) -> bytes:
    return vendor.body([row for span in spans for row in vendor.rows(span)])


def _stand_in(kind: str, name: str) -> int:
    """Return a number in the place of an id, always the same: the other sides look nothing up."""
    return _numbers.setdefault((kind, name), 1000 + len(_numbers))


_numbers: dict[tuple[str, str], int] = {}


def _make_rows(vendor: Vendor, spans: Iterable[Span]) -> tuple[list[int], list[Row]]:
    numbers: list[int] = []
    rows: list[Row] = []
    for span in spans:
        numbers += span.numbers
        rows += vendor.rows(span)
    return numbers, rows


def _new(vendor: Vendor, numbers: list[int], wired: Values) -> tuple[bytes, bytes]:
    """Make the COPYs of new contacts, whose ids are their numbers; keys come in the order of their index."""
    place = len(vendor.key)
    records = [(ORGANIZATION, number, *values[place:]) for number, values in zip(numbers, wired, strict=True)]
    keys = [
        (ORGANIZATION, number, SCHEME, values[place - 1])
        for number, values in zip(numbers, wired, strict=True)
    ]
    return (
        make_copy(("bigint", "bigint", *vendor.fields.values()), records),
        make_copy(("bigint", "bigint", "integer", "text"), sorted(keys, key=itemgetter(3))),
    )


def _staged(vendor: Vendor, wired: Values) -> tuple[bytes]:
    place = len(vendor.key) - 1
    return (make_copy(("text", *vendor.fields.values()), [values[place:] for values in wired]),)


def _documents(vendor: Vendor, stored: Values) -> bytes:
    columns = ("organization_id", *vendor.key, *vendor.fields)
    return msgspec.json.encode(
        [dict(zip(columns, (ORGANIZATION, *values), strict=True)) for values in stored]
    )
