"""Propeller: POST /contacts/bulk/sourceId."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

from bench.rows import Row, Span
from bench.vendors.vendor import Call, Number, Route, Vendor
from contactory.demo import people

# field -> wire name
_TEXTS: Final = {
    "debtor_id": "debtorId",
    "first_name": "firstName",
    "middle_name": "middleName",
    "last_name": "lastName",
    "abbreviation": "abbreviation",
    "title": "title",
    "phone": "phone",
    "mobile": "mobile",
    "email": "email",
    "primary_language": "primaryLanguage",
    "pricelist_amount": "pricelistAmount",
    "pricelist_percentage": "pricelistPercentage",
}


class _RowAnswer(msgspec.Struct):
    success: bool


class _Answer(msgspec.Struct):
    data: list[_RowAnswer]
    total: int


class Propeller(Vendor):
    name = "propeller"
    label = "Propeller"
    key = {"source": "text", "source_id": "text"}  # noqa: RUF012
    unique = ("source", "source_id", "language")
    fields = {  # noqa: RUF012
        "language": "text",
        "gender": "text",
        **dict.fromkeys(_TEXTS, "text"),
        "date_of_birth": "date",
        "parent_id": "bigint",
        "attributes": "jsonb",
    }

    def definitions(self) -> Sequence[Call]:
        return [_call("/attributes/bulk/name", people.attribute_definitions())]

    def references(self) -> Sequence[Call]:
        return [_call("/companies/bulk/sourceId", {"companies": people.companies()})]

    def rows(self, span: Span) -> list[Row]:
        return span.people()

    def body(self, rows: Sequence[Row]) -> bytes:
        return msgspec.json.encode({"contacts": rows})

    def route(self, *, creates: bool) -> Route:  # noqa: ARG002
        return Route("POST", "/propeller/contacts/bulk/sourceId")

    def values(self, row: Row, number: Number) -> tuple[Any, ...]:
        return (
            row["source"],
            str(row["sourceId"]),
            row["language"],
            row.get("gender", "").upper().replace("U", ""),
            *(str(row.get(wire_name, "")) for wire_name in _TEXTS.values()),
            _day(row.get("dateOfBirth", "")),
            number("company", row["parent"]["sourceId"]) if "parent" in row else 0,
            {
                str(number("attribute", attribute["name"])): attribute["value"]
                for attribute in row.get("attributes", ())
            },
        )

    def spoil(self, row: Row) -> None:
        row["email"] = "nobody"

    def check(self, answer: bytes, count: int) -> None:
        read = msgspec.json.decode(answer, type=_Answer)
        taken = sum(row.success for row in read.data)
        if (read.total, taken) != (count, count):
            raise ValueError(f"{count} rows sent, {read.total} answered, {taken} taken: {answer[:500]!r}")


def _call(path: str, document: Any) -> Call:
    return Call(Route("POST", f"/propeller{path}"), msgspec.json.encode(document))


def _day(text: str) -> date | None:
    if not text:
        return None
    return date.fromisoformat("-".join(reversed(text.split("/"))) if "/" in text else text)
