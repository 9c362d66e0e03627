"""The demo's persons in the format of the Propeller API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from contactory.demo import people
from contactory.demo.curl import curl, encode_json
from contactory.demo.imports import Call, Import, Route, Row

_CONTACTS: Final = "/propeller/contacts"
_BULK: Final = f"{_CONTACTS}/bulk/sourceId"


def _encode(rows: Sequence[Row]) -> bytes:
    return encode_json({"contacts": rows})


def _errors(reply: bytes) -> list[str]:
    return [row["error"] for row in json.loads(reply)["data"] if not row["success"]]


def _examples(address: str, _organization: int, token: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    known = next((row for row in rows if "parent" in row), rows[0])
    query = f"source={people.SOURCE}&expands=sources,parent"
    new = {"source": people.SOURCE, "sourceId": "MINE-1", "firstName": "Noor", "lastName": "de Wit"}
    return [
        (
            "Read a contact, with its sources and its company",
            curl(token, f"{address}{_CONTACTS}/sourceId/{known['sourceId']}?{query}"),
        ),
        (
            "Create a contact; the second time it is an update",
            curl(token, f"{address}{_BULK}", body=_encode([new]).decode()),
        ),
    ]


PROPELLER: Final = Import(
    api="Propeller",
    compared=True,
    preparations=[
        Call("/propeller/companies/bulk/sourceId", encode_json({"companies": people.companies()})),
        Call("/propeller/attributes/bulk/name", encode_json(people.attribute_definitions())),
    ],
    steps=(Route("POST", _BULK),) * 3,
    encode=_encode,
    errors=_errors,
    examples=_examples,
)
