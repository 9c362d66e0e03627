"""The demo's persons in the format of the Datananas API, whose jobs are followed by their events."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from contactory.demo.curl import curl, encode_json
from contactory.demo.imports import Import, Route, Row

_BULK: Final = "/datananas/contacts/bulk"


def contact(row: Row) -> dict[str, Any]:
    number = int(str(row["sourceId"]).removeprefix("P")) % 1_000_000
    return {
        "email": row.get("email") or f"prospect.{number}@example.com",
        "firstName": row["firstName"],
        "lastName": row["lastName"],
        "company": f"Acme {number % 997}",
        "employees": "11-50" if number % 3 else "51-200",
        "position": row.get("title", ""),
        "phone": row.get("phone", ""),
        "country": "NL",
        "vars": {"score": number % 100, "stand": f"B{number % 40}"},
    }


def _encode(rows: Sequence[Row]) -> bytes:
    return encode_json({"list": {"name": "Demo"}, "contacts": [contact(row) for row in rows]})


def _errors(_: bytes) -> list[str]:
    return []  # A wrong row refuses the whole call.


def watch(port: int, token: str, advance: Callable[[int], None]) -> Callable[[], None]:
    """Open a socket. Return a function that waits for the end of the next job; it calls `advance` with the
    number of rows that are done."""
    from websockets.sync.client import connect

    headers = {"Authorization": f"Bearer {token}"}
    socket = connect(f"ws://127.0.0.1:{port}/datananas/ws", additional_headers=headers, proxy=None)

    def wait() -> None:
        with socket:
            for frame in socket:
                event = json.loads(frame)
                if event["type"] == "contact_bulk_create_running" and event["payload"]["i"] % 500 == 499:
                    advance(event["payload"]["i"] + 1)
                if event["type"] == "contact_bulk_create_ending":
                    return

    return wait


def _examples(address: str, _organization: int, token: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    email = contact(rows[0])["email"]
    new = {"list": {"name": "Mine"}, "contacts": [{"email": "noor@example.com", "firstName": "Noor"}]}
    return [
        ("Find a contact by its e-mail", curl(token, f"{address}/datananas/contacts?email={email}")),
        ("Create contacts in a list", curl(token, f"{address}{_BULK}", body=encode_json(new).decode())),
    ]


DATANANAS: Final = Import(
    api="Datananas",
    compared=False,
    preparations=[],
    steps=(Route("POST", _BULK),) * 3,
    encode=_encode,
    errors=_errors,
    examples=_examples,
    watch=watch,
)
