"""Every endpoint of every API, as its OpenAPI document lists it, called with the ids of another
organization: nothing of it is shown, and nothing in it changes. A new endpoint is included automatically."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import psycopg
import pytest

from .client import MakeApi, row
from .datananas.client import Api as Datananas
from .everbridge.client import Api as Everbridge
from .everbridge.client import person
from .server import Server
from .test_openapi import DIALECTS, document

NAME = "OF_OURS"
SECRET = "Xanthippe"  # No request has it, so no reply may.


class Victim:
    """An organization that has a record of every kind, with their ids and keys."""

    def __init__(self, http: httpx.Client, server: str, organization: int, token: str) -> None:
        self.organization = organization
        datananas = Datananas(http, server, organization, token)
        body = {"list": {"name": NAME}, "contacts": [{"email": "x@example.org", "lastName": SECRET}]}
        made = datananas.ask("POST", "/contacts/bulk", body)
        while datananas.ask("GET", f"/contacts/bulk/{made['uuid']}")["state"] != "ended":
            pass
        contact = datananas.create(email="y@example.org", lastName=SECRET)
        everbridge = Everbridge(http, server, organization, token)
        everbridge.ask("POST", "/contacts/{org}", person("e1", lastName=SECRET))
        group = everbridge.ask("POST", "/groups/{org}", {"name": NAME})["id"]
        self.ids = ["k1", "e1", NAME, made["uuid"], made["listId"], contact["_id"], str(group)]


@pytest.fixture(scope="module")
def victim(make_api: MakeApi, http: httpx.Client, server: Server) -> Victim:
    api = make_api()
    api.store_companies(row("c1", name=SECRET))
    api.post("/attributes", {"class": "user", "name": NAME, "type": "text"}, 201)
    ids = api.store(row("k1", lastName=SECRET, email="xanthippe@example.org"))
    victim = Victim(http, server.url, api.organization, api.token)
    victim.ids += map(str, ids)
    return victim


def stored(owner: psycopg.Connection, organization: int) -> dict[str, list[Any]]:
    names = owner.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'organization_id'"
    ).fetchall()
    return {
        name: owner.execute(
            f"SELECT t::text FROM {name} AS t WHERE organization_id = %s ORDER BY 1".encode(), [organization]
        ).fetchall()
        for (name,) in names
    }


def attempts(victim: Victim, own: int, path: str, operation: Any, parts: Any) -> Iterator[tuple[str, Any]]:
    """Yield paths and bodies with the victim's organization or the caller's own, and with each of the ids."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    lookups = ("id", "sourceId", "name") if "{lookup_key}" in path else ("",)
    for organization in {victim.organization, own} if "{organization_id}" in path else {own}:
        for id_, lookup in product(victim.ids if "{" in path or schema else victim.ids[:1], lookups):
            there = path.replace("{organization_id}", str(organization)).replace("{lookup_key}", lookup)
            for every in (False, True) if schema else (False,):
                body = fitting(schema, parts, id_, every=every) if schema else None
                yield re.sub(r"\{\w+\}", id_, there) + ("?source=ERP" if lookup else ""), body


WORDS = {"source": "ERP", "language": "NL", "class": "user", "type": "text", "email": "x@example.org",
         "recordTypeName": "Employee"}  # fmt: skip
NAMES = {"id", "sourceId", "externalId", "parent", "contacts", "list", "name", "lastName", "groups", "_id"}


def fitting(schema: Any, parts: Any, id_: str, *, every: bool, name: str = "") -> Any:
    """Make a body of this schema that names the id wherever it can; `every`: with optional fields, too."""
    while "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    schema = (
        next(iter(schema.get("oneOf") or schema.get("anyOf", [])), {}) if "type" not in schema else schema
    )
    kind = schema.get("type", "string")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            asked = set(schema.get("required", ())) | (NAMES | WORDS.keys() if every else set())
            given = {key: of for key, of in schema.get("properties", {}).items() if key in asked}
            return {key: fitting(of, parts, id_, every=every, name=key) for key, of in given.items()}
        case "array":
            return [fitting(schema.get("items", {}), parts, id_, every=every)]
        case "integer" | "number":
            return int(id_) if id_.isdigit() else 1
        case "boolean":
            return True
        case _:
            return WORDS.get(name, schema.get("enum", [id_])[0])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_other_organizations_see_and_change_nothing(
    make_api: MakeApi,
    http: httpx.Client,
    server: Server,
    owner: psycopg.Connection,
    victim: Victim,
    dialect: str,
) -> None:
    stranger = make_api()
    headers = {"authorization": f"Bearer {stranger.token}"}
    before, tried = stored(owner, victim.organization), Counter[int]()
    assert SECRET in str(before)
    described = document(http, server.url, dialect)
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            parts = described["components"]["schemas"]
            for attempt, body in attempts(victim, stranger.organization, path, operation, parts):
                url = f"{server.url}/{dialect}{DIALECTS[dialect]}{attempt}"
                reply = http.request(method, url, headers=headers, json=body)
                assert reply.status_code < 500, (method, url, body, reply.text)
                assert SECRET not in reply.text, (method, url, body, reply.text)
                tried[reply.status_code // 100] += 1
    assert tried[2] > 20 and tried[4] > 50, tried
    assert stored(owner, victim.organization) == before
