"""Errors of the database, reported as client errors or as errors of the service."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg

from contactory.model.limits import SCHEMES
from tests.acceptance.datananas.client import Api as Datananas
from tests.acceptance.everbridge.client import Api as Everbridge

from .client import MakeApi, row
from .server import Server

LONG = "".join(f"{number:x}" for number in range(20_000))  # which no compression brings below an index' limit


def test_name_too_long_for_an_index_is_a_client_error(
    make_api: MakeApi, server: Server, http: httpx.Client
) -> None:
    api = make_api()
    everbridge = Everbridge(http, server.url, api.organization, api.token)
    group = everbridge.call("POST", "/groups/{org}", json={"name": LONG})
    datananas = Datananas(http, server.url, api.organization, api.token)
    a_list = datananas.call("POST", "/lists", json={"name": LONG})
    for reply in (group, a_list):
        assert 400 <= reply.status_code < 500, reply.text
        assert "retry-after" not in reply.headers


def test_concurrent_renames_to_one_name_are_no_server_errors(
    make_api: MakeApi, server: Server, http: httpx.Client
) -> None:
    api = make_api()
    datananas = Datananas(http, server.url, api.organization, api.token)
    made = [datananas.ask("POST", "/lists", {"name": f"L{n}"}, 201) for n in range(8)]
    ids = [found.get("list", found)["_id"] for found in made]

    def rename(id_: str, name: str) -> int:
        with httpx.Client(trust_env=False, timeout=60) as own:
            caller = Datananas(own, server.url, api.organization, api.token)
            return caller.call("PUT", f"/lists/{id_}", json={"name": name}).status_code

    for name in ("one", "two", "three"):
        with ThreadPoolExecutor(8) as callers:
            statuses = list(callers.map(rename, ids, [name] * len(ids)))
        assert set(statuses) <= {200, 409} and statuses.count(200) == 1, statuses


def test_number_of_sources_of_an_organization_is_bounded(
    make_api: MakeApi, owner: psycopg.Connection
) -> None:
    api, other = make_api(), make_api()
    owner.execute(
        "INSERT INTO schemes (organization_id, id, kind, system, name, qualifier)"
        " SELECT %s, id, 'companies', 'other', id::text, '' FROM generate_series(1, %s) AS id",
        [api.organization, SCHEMES - 1],
    )
    assert api.store(row(1))  # Of the last source.
    said = api.error(10017, "POST", "/contacts/bulk/sourceId", json={"contacts": [row(2, source="ERP")]})
    assert said == [
        f"Invalid value [ERP] for field [source], there may be {SCHEMES} sources with their languages"
    ]
    assert api.store(row(3)) and other.store(row(1, source="ERP"))
