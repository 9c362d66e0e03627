"""The demo's persons as the Propeller API takes them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any, Final

from contactory.demo import people
from contactory.demo.imports import Call, Counts, Import, Row

_CONTACTS: Final = "/propeller/contacts"
_BULK: Final = f"{_CONTACTS}/bulk/sourceId"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _encode(rows: Sequence[Row]) -> bytes:
    return _json({"contacts": rows})


def _read(reply: bytes) -> Counts:
    rows = json.loads(reply)["data"]
    created = sum(row["success"] and row["action"] == "create" for row in rows)
    return Counts(created, [row["error"] for row in rows if not row["success"]])


def _examples(address: str, token: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    known = next((row for row in rows if "parent" in row), rows[0])
    query = f"source={people.SOURCE}&expands=sources,parent"
    new = {"source": people.SOURCE, "sourceId": "MINE-1", "firstName": "Noor", "lastName": "de Wit"}
    return [
        (
            "Read a contact, with its sources and its company",
            _curl(token, f"{address}{_CONTACTS}/sourceId/{known['sourceId']}?{query}"),
        ),
        (
            "Create a contact; the second time it is an update",
            _curl(token, f"{address}{_BULK}", "Content-Type: application/json", body=_encode([new]).decode()),
        ),
    ]


def _curl(token: str, url: str, *headers: str, body: str | None = None) -> str:
    lines = [f"curl -s {shlex.quote(url)}"]
    lines += [f"-H {shlex.quote(header)}" for header in (f"Authorization: Bearer {token}", *headers)]
    if body is not None:
        lines.append(f"-d {shlex.quote(body)}")
    return " \\\n  ".join(lines)


PROPELLER: Final = Import(
    api="Propeller",
    preparations=[
        Call("/propeller/companies/bulk/sourceId", _json({"companies": people.companies()})),
        Call("/propeller/attributes/bulk/name", _json(people.attribute_definitions())),
    ],
    path=_BULK,
    encode=_encode,
    read=_read,
    examples=_examples,
)
