"""Examples of the vendor's OpenAPI document and its Postman collection that name things by an organization's
own labels."""

from __future__ import annotations

from .conftest import Move, attributes, contacts, paths, record_types


def test_partial_updates_by_name(move: Move) -> None:
    org = move(
        1660000000000000,
        record_types((1660000000000001, "Employee")),
        attributes((1660000000000002, "states")),
        paths((241901148045316, "email", "EMAIL"), (241901148045319, "phone", "PHONE")),
        contacts(
            {
                "id": 1660000000000100,
                "externalId": "P1",
                "firstName": "Iris",
                "lastName": "Vega",
                "recordTypeId": 1660000000000001,
            }
        ),
    )
    one = "/contacts/{org}/1660000000000100"
    added = [
        {"op": "add", "path": "/paths/-", "value": {"prompt": "email", "value": "a@example.com"}},
        {"op": "add", "path": "/contactAttributes/-", "value": {"name": "states", "values": ["MA"]}},
    ]
    org.ask("PATCH", one, added)
    changed = [
        {"op": "replace", "path": "/paths/prompt:email/value", "value": "b@example.com"},
        {"op": "replace", "path": "/contactAttributes/name:states/values", "value": ["NH"]},
    ]
    org.ask("PATCH", one, changed)
    kept = org.ask("GET", one)["result"]
    assert [path["value"] for path in kept["paths"]] == ["b@example.com"]
    assert kept["contactAttributes"][0]["values"] == ["NH"]
