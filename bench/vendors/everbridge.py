"""Everbridge: POST and PUT /contacts/{org}/batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from bench.rows import Row, Span
from bench.vendors.vendor import Call, Number, Route, Vendor
from contactory.demo import everbridge

_BATCH: Final = "/everbridge/rest/contacts/{org}/batch"


class Everbridge(Vendor):
    name = "everbridge"
    label = "Everbridge batch"
    key = {"external_id": "text"}  # noqa: RUF012
    unique = ("external_id",)
    fields = {  # noqa: RUF012
        "first_name": "text",
        "last_name": "text",
        "record_type_id": "bigint",
        "group_ids": "bigint[]",
        "contact_attributes": "jsonb",
        "addresses": "jsonb",
        "paths": "jsonb",
    }

    def definitions(self) -> Sequence[Call]:
        return [Call(Route("POST", call.path), call.body) for call in everbridge.preparations()]

    def rows(self, span: Span) -> list[Row]:
        return [everbridge.contact(person) for person in span.people()]

    def body(self, rows: Sequence[Row]) -> bytes:
        return msgspec.json.encode(rows)

    def route(self, *, creates: bool) -> Route:
        return Route("POST" if creates else "PUT", _BATCH)

    def values(self, row: Row, number: Number) -> tuple[Any, ...]:
        return (
            row["externalId"],
            row["firstName"],
            row["lastName"],
            number("record_type", row["recordTypeName"]),
            sorted(number("group", name) for name in row["groupsName"]),
            [
                {"orgAttrId": number("attribute", attribute["name"]), "values": attribute["values"]}
                for attribute in row["contactAttributes"]
            ],
            [{**address, "source": "MANUAL"} for address in row["address"]],
            [_path(path) for path in row["paths"]],
        )

    def spoil(self, row: Row) -> None:
        row["recordTypeName"] = "Nobody"

    def check(self, answer: bytes, count: int) -> None:
        read = msgspec.json.decode(answer)
        if read.get("code") != 100:
            raise ValueError(f"{count} rows sent: {answer[:500]!r}")


def _path(path: Row) -> Row:
    """Return a path as it is kept: a phone number as the national one of its country."""
    value: str = path["value"]
    phone = {"countryCode": "NL", "value": value.removeprefix("+31").replace(" ", "")}
    return {
        "waitTime": 0,
        **path,
        "pathEnable": True,
        "skipValidation": False,
        **(phone if value.startswith("+31") else {}),
    }
