"""A service that reads bodies in plain Python answers and stores what one with compiled functions does."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx
import psycopg
import pytest
from bench.fuzz import damage

from .client import MakeApi, row
from .everbridge.client import person
from .server import Server

ROWS: Final = 40
UNUSUAL: Final = ["é", "\U0001f600", 'a"\\/\n', " ", "x" * 3000, "\u202e", "0"]
PATHS: Final = {
    "propeller": ("POST", "/propeller/contacts/bulk/sourceId"),
    "everbridge": ("POST", "/everbridge/rest/contacts/{org}/batch"),
    "datananas": ("POST", "/datananas/contacts/bulk?partial=true"),
}
STORED: Final = """
    SELECT first_name, last_name, email, phone, date_of_birth, to_jsonb(identity_keys)
    FROM contacts WHERE organization_id = %s ORDER BY identity_keys::text, email, last_name, first_name
"""
OPEN_JOBS: Final = (
    "SELECT 1 FROM jobs WHERE organization_id = %s AND state NOT IN ('ended', 'failed') LIMIT 1"
)


def propeller(names: list[str]) -> Any:
    return {
        "contacts": [
            row(number, lastName=name, email=f"p{number}@x.example", dateOfBirth="1980-02-29", language="NL")
            for number, name in enumerate(names)
        ]
    }


def everbridge(names: list[str]) -> Any:
    return [person(f"e{number}", lastName=name) for number, name in enumerate(names)]


def datananas(names: list[str]) -> Any:
    return {
        "contacts": [
            {"email": f"d{number}@x.example", "lastName": name, "vars": {"a": [number, name]}}
            for number, name in enumerate(names)
        ]
    }


@pytest.fixture(scope="module")
def exact_server(server_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("exact"), DATABASE_URL=server_database, SCANNER="exact")
    yield server
    server.stop()


@pytest.mark.parametrize("make_rows", [propeller, everbridge, datananas])
def test_bodies_are_answered_and_stored_as_by_compiled_functions(
    http: httpx.Client,
    server: Server,
    exact_server: Server,
    make_api: MakeApi,
    owner: psycopg.Connection,
    make_rows: Callable[[list[str]], Any],
) -> None:
    draw = random.Random(make_rows.__name__)
    usual = [f"Marsh {number}" for number in range(ROWS)]
    bodies = [
        json.dumps(make_rows(names), ensure_ascii=is_ascii).encode()
        for names in (usual, [*UNUSUAL, *usual])
        for is_ascii in (False, True)
    ]
    bodies += [damage(draw, draw.choice(bodies)) for _ in range(20)]
    results = []
    for each in (server, exact_server):
        api = make_api(on=each)
        method, path = PATHS[make_rows.__name__]
        url = each.url + path.replace("{org}", str(api.organization))
        headers = {"authorization": f"Bearer {api.token}", "content-type": "application/json"}
        answers = []
        for body in bodies:
            reply = http.request(method, url, headers=headers, content=body)
            answers.append((reply.status_code, reply.text if reply.status_code >= 400 else ""))
            while owner.execute(OPEN_JOBS, [api.organization]).fetchone():
                time.sleep(0.02)
        results.append((answers, owner.execute(STORED, [api.organization]).fetchall()))
    (answers, stored), (exact_answers, exact_stored) = results
    assert answers == exact_answers
    assert [one for one in stored if one not in exact_stored] == []
    assert stored == exact_stored
    assert len(stored) >= ROWS
