"""The headers that Propeller documents, on every kind of reply."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from .client import BULK, Api, MakeApi, row
from .server import Server

REPLIES: dict[int | str, Callable[[Api], httpx.Response]] = {
    200: lambda api: api.call("POST", BULK, json={"contacts": [row(1)]}),
    201: lambda api: api.call("POST", "/attributes", json={"name": "A", "class": "user", "type": "text"}),
    400: lambda api: api.call("POST", BULK, json={}),
    401: lambda api: api.call("GET", "/contacts/id/1", headers={"authorization": "Bearer x"}),
    404: lambda api: api.call("GET", "/contacts/id/1"),
    405: lambda api: api.call("PUT", BULK),
    "no route": lambda api: api.call("GET", "/nothing"),
    "no grant": lambda api: api.call("POST", "/oauth2/token"),
    "no client": lambda api: api.call("POST", "/oauth2/token", data={"grant_type": "client_credentials"}),
}


def check(response: httpx.Response) -> None:
    headers = response.headers
    assert headers["content-type"].startswith("application/json")
    assert (headers["return-format"], headers["via"]) == ("json", "1.1 google")
    assert int(headers["content-length"]) == len(response.content)
    assert headers["alt-svc"]
    assert headers["date"].endswith(" GMT")
    UUID(headers["x-request-id"])
    for name in ("x-request-id", "date", "via", "content-type", "content-length"):
        assert len(headers.get_list(name)) == 1


@pytest.mark.parametrize("kind", REPLIES)
def test_every_reply_has_the_headers_of_the_vendor(api: Api, kind: int | str) -> None:
    response = REPLIES[kind](api)
    check(response)
    assert kind in (response.status_code, "no route", "no grant", "no client")


def test_replies_with_tokens_and_refusals_have_the_headers_of_the_vendor(
    api: Api,
    make_api: MakeApi,
    make_client: Callable[[int], tuple[str, str]],
    strict_server: Server,
) -> None:
    client = make_client(api.organization)
    forbidden = make_api(scopes="contacts:read").call("POST", BULK)
    too_large = make_api(on=strict_server).call(
        "POST", BULK, content=b" " * (2 << 20), headers={"connection": "close"}
    )
    # The client's credentials replace the bearer token.
    token = api.call("POST", "/oauth2/token", data={"grant_type": "client_credentials"}, auth=client)
    assert [each.status_code for each in (forbidden, too_large, token)] == [403, 413, 200]
    for response in (forbidden, too_large, token):
        check(response)
    assert token.headers["cache-control"] == "no-store"


def test_request_id_of_the_client_is_kept(api: Api) -> None:
    for kind in (200, 400, 401, 404, "no route"):
        response = api.call("GET", f"/contacts/id/{kind}", headers={"x-request-id": f"my-{kind}"})
        assert response.headers.get_list("x-request-id") == [f"my-{kind}"]


def test_request_ids_differ(api: Api) -> None:
    ids = {api.call("GET", "/contacts/id/1").headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5
