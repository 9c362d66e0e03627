"""Datananas: POST /contacts/bulk, whose rows are written after the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from bench.rows import Row, Span
from bench.vendors.vendor import Number, Route, Vendor
from contactory.demo import datananas

# field -> wire name; null where it is empty, since most contacts of other APIs have none of it
_SPARSE: Final = {
    "company": "company",
    "employees": "employees",
    "position": "position",
    "work_country": "country",
}
_COLLECTED_AT: Final = datetime(2025, 1, 1, tzinfo=UTC)  # The service takes the moment of the call.


class Datananas(Vendor):
    name = "datananas"
    label = "Datananas bulk"
    key = {"email_key": "text"}  # noqa: RUF012
    unique = ("email_key",)
    fields = {  # noqa: RUF012
        "email": "text",
        "first_name": "text",
        "last_name": "text",
        "phone": "text",
        **dict.fromkeys(_SPARSE, "text"),
        "vars": "jsonb",
        "source": "text",
        "work_language": "text",
        "collected_at": "timestamptz",
    }
    is_job = True

    def rows(self, span: Span) -> list[Row]:
        rows = [datananas.contact(person) for person in span.people()]
        for number, row in zip(span.numbers, rows, strict=True):
            if row["email"].startswith("prospect."):
                # The demo's addresses of persons who have none repeat after a million.
                row["email"] = f"prospect.{number}@example.com"
        return rows

    def body(self, rows: Sequence[Row]) -> bytes:
        return msgspec.json.encode({"contacts": rows})

    def route(self, *, creates: bool) -> Route:  # noqa: ARG002
        """Rows that cannot be taken do not refuse the others."""
        return Route("POST", "/datananas/contacts/bulk?partial=true")

    def values(self, row: Row, number: Number) -> tuple[Any, ...]:  # noqa: ARG002
        return (
            row["email"].lower(),
            row["email"],
            row["firstName"],
            row["lastName"],
            row["phone"],
            *(row[wire_name] or None for wire_name in _SPARSE.values()),
            row["vars"],
            "manual",
            "en",
            _COLLECTED_AT,
        )

    def spoil(self, row: Row) -> None:
        row["email"] = "nobody"

    def check(self, answer: bytes, count: int) -> None:
        read = msgspec.json.decode(answer)
        if read.get("total") != count:
            raise ValueError(f"{count} rows sent: {answer[:500]!r}")
