"""The demo's persons in the format of the Everbridge API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from contactory.demo.curl import curl, encode_json
from contactory.demo.imports import Call, Import, Route, Row

_BATCH: Final = "/everbridge/rest/contacts/{org}/batch"
_EMAIL: Final = 241901148045316
_PHONE: Final = 241901148045319
_GROUPS: Final = ("Head office", "Field", "Night shift", "First aid")
_ATTRIBUTES: Final = ("Department", "Locker", "Car")
_TOWNS: Final = ("Delft", "Zwolle", "Hoorn", "Breda", "Sneek")


def contact(row: Row) -> dict[str, Any]:
    """Make a contact with two paths, two groups, three attributes and an address."""
    number = int(str(row["sourceId"]).removeprefix("P")) % 1_000_000
    return {
        "externalId": str(row["sourceId"]),
        "firstName": row["firstName"],
        "lastName": row["lastName"],
        "recordTypeName": "Employee",
        "groupsName": [_GROUPS[number % 4], _GROUPS[(number + 1) % 4]],
        "contactAttributes": [
            {"name": name, "values": [f"{name[0]}{number * 31 % (index * 40 + 7)}"]}
            for index, name in enumerate(_ATTRIBUTES)
        ],
        "address": [
            {
                "locationName": "Office",
                "streetAddress": f"Dorpsstraat {number % 200 + 1}",
                "city": _TOWNS[number % 5],
                "postalCode": f"{1000 + number % 8999} AB",
                "country": "NL",
                "gisLocation": {"lat": 52 + number % 100 / 100, "lon": 4 + number % 90 / 30},
            }
        ],
        "paths": [
            {"pathId": _EMAIL, "value": row.get("email") or f"staff.{number}@example.com"},
            # Valid by the rules of the Netherlands.
            {
                "pathId": _PHONE,
                "value": f"+31 6 {number % 5 + 1}{number * 7919 % 10_000_000:07}",
                "waitTime": 60,
            },
        ],
    }


def preparations() -> list[Call]:
    """Return the calls that create the groups and attributes that contacts refer to."""
    groups = [Call("/everbridge/rest/groups/{org}", encode_json({"name": name})) for name in _GROUPS]
    definitions = [{"name": name, "dataType": "STRING", "displayFormat": "F"} for name in _ATTRIBUTES]
    path = "/everbridge/rest/contactAttributes/{org}"
    return groups + [Call(path, encode_json(definition)) for definition in definitions]


def _encode(rows: Sequence[Row]) -> bytes:
    return encode_json([contact(row) for row in rows])


def _errors(reply: bytes) -> list[str]:
    return list(json.loads(reply).get("data", ()))


def _examples(address: str, organization: int, token: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    contacts = f"{address}/everbridge/rest/contacts/{organization}"
    known = rows[0]["sourceId"]
    new = {"externalId": "MINE-1", "firstName": "Noor", "lastName": "de Wit", "recordTypeName": "Employee"}
    return [
        ("Read a contact", curl(token, f"{contacts}/{known}?idType=externalId")),
        (
            "Create contacts; the second time they are replaced",
            curl(token, f"{contacts}/batch", body=encode_json([new]).decode()),
        ),
    ]


EVERBRIDGE: Final = Import(
    api="Everbridge",
    compared=False,
    preparations=preparations(),
    steps=(Route("POST", _BATCH), Route("PUT", _BATCH), Route("PUT", _BATCH)),
    encode=_encode,
    errors=_errors,
    examples=_examples,
)
