"""Every endpoint of every API, as its OpenAPI document lists it, tried by a stranger with the ids of another
organization: nothing of it is told, and nothing in it changes. A new endpoint is covered by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
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

NAME = "of-ours"
SECRET = "Xanthippe"  # No request has it, so no reply may.


class Victim:
    """An organization that has something of everything, and the ids and keys of it."""

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


def attempts(victim: Victim, own: int, path: str, operation: Any) -> Iterator[tuple[str, Any]]:
    """Paths and bodies with the victim's organization or the stranger's own, and with each of the ids."""
    for organization in {victim.organization, own} if "{organization_id}" in path else {own}:
        for id_ in victim.ids if "{" in path or "requestBody" in operation else victim.ids[:1]:
            there = path.replace("{organization_id}", str(organization))
            for body in bodies(id_) if "requestBody" in operation else [None]:
                yield re.sub(r"\{\w+\}", id_, there), body


def bodies(id_: str) -> Iterator[Any]:
    """What names a record in the ways in which bodies do."""
    key = int(id_) if id_.isdigit() else id_
    named = {"id": key, "source": "ERP", "sourceId": id_, "language": "NL", "externalId": id_, "name": id_}
    yield named
    yield {"contacts": [{"id": key}, {**named, "email": "x@example.org"}], "list": {"_id": id_}}
    yield {"name": "n", "class": "user", "type": "text", "parent": {"id": key}, "list": {"_id": id_}}
    yield [{**person(id_), "id": key, "groups": [key]}]
    yield [key]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_stranger_sees_and_changes_nothing(
    make_api: MakeApi,
    http: httpx.Client,
    server: Server,
    owner: psycopg.Connection,
    victim: Victim,
    dialect: str,
) -> None:
    stranger = make_api()
    headers = {"authorization": f"Bearer {stranger.token}"}
    before, tried = stored(owner, victim.organization), 0
    assert SECRET in str(before)
    for path, operations in document(http, server.url, dialect)["paths"].items():
        for method, operation in operations.items():
            for attempt, body in attempts(victim, stranger.organization, path, operation):
                url = f"{server.url}/{dialect}{DIALECTS[dialect]}{attempt}"
                reply = http.request(method, url, headers=headers, json=body)
                assert reply.status_code < 500, (method, url, body, reply.text)
                assert SECRET not in reply.text, (method, url, body, reply.text)
                tried += 1
    assert tried > 100
    assert stored(owner, victim.organization) == before
