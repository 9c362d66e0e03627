"""The links of lists lead to URLs that the client can reach."""

from __future__ import annotations

import httpx

from tests.acceptance.everbridge.client import Api
from tests.acceptance.server import Server


def _first_page(http: httpx.Client, server: Server, api: Api) -> str:
    headers = {
        "authorization": f"Bearer {api.token}",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "crm.example.com",
        "x-forwarded-prefix": "/api",
    }
    reply = http.get(f"{server.url}/everbridge/rest/contacts/{api.organization}", headers=headers)
    assert reply.status_code == 200
    return str(reply.json()["firstPageUri"])


def test_links_lead_through_a_trusted_proxy(http: httpx.Client, strict_server: Server, api: Api) -> None:
    assert _first_page(http, strict_server, api).startswith(
        f"https://crm.example.com/api/everbridge/rest/contacts/{api.organization}"
    )


def test_links_ignore_headers_of_others(http: httpx.Client, server: Server, api: Api) -> None:
    assert _first_page(http, server, api).startswith(f"{server.url}/everbridge/rest/contacts/")
