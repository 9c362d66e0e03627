"""The deadline of calls: a call ends with the vendor's error, and nothing of it is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from contactory.store import embedded
from tests.acceptance.client import Api, hold_up_writes, row
from tests.acceptance.everbridge.client import person
from tests.acceptance.server import Server

pytestmark = pytest.mark.alone

SECONDS = 1


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    server = Server(tmp_path_factory.mktemp("short"), CALL_SECONDS=str(SECONDS), EVERBRIDGE_UPSERT="true")
    with embedded.running(server.data_dir, exclusive=False) as url:
        yield server, url
    server.stop()


CALLS: dict[str, tuple[str, str, Any, str]] = {
    "propeller": ("POST", "/propeller/contacts/bulk/sourceId", {"contacts": [row(1)]}, "GatewayTimeout"),
    "everbridge": (
        "PUT",
        "/everbridge/rest/contacts/{org}/batch",
        [person("e1")],
        "The call took more than 1 seconds and nothing of it was saved: send less at once.",
    ),
    "datananas": ("POST", "/datananas/contacts", {"email": "d@example.org"}, "call_took_too_long"),
    "datananas, in bulk": (
        "POST",
        "/datananas/contacts/bulk",
        # Nothing else is looked up before it is answered than the size of stored vars.
        {"contacts": [{"email": "d@example.org", "vars": {"a": 1}}]},
        "call_took_too_long",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_call_ends_at_its_deadline_without_writing(
    short: tuple[Server, str], http: httpx.Client, name: str
) -> None:
    server, url = short
    api = Api.of_new_organization(http, server.url, url)
    method, path, body, words = CALLS[name]
    headers = {"authorization": f"Bearer {api.token}"}

    def call() -> httpx.Response:
        address = server.url + path.replace("{org}", str(api.organization))
        return http.request(method, address, json=body, headers=headers)

    with psycopg.connect(url) as owner:
        hold_up_writes(owner, api.organization)
        reply = call()
        assert reply.status_code == 504
        assert f'"{words}"' in reply.text
        assert "retry-after" not in reply.headers
        owner.rollback()
        assert api.count() == 0
        assert call().status_code in (200, 201)
