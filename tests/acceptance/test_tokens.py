"""Tokens: issuing them, and the calls that they allow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from .client import BULK, Api, MakeApi, row
from .server import Server

MakeClient = Callable[[int], tuple[str, str]]

GRANT = {"grant_type": "client_credentials"}
BAD_TOKEN = (
    '{"fault":{"detail":{"errorcode":"oauth.v2.InvalidAccessToken"},"faultstring":"Invalid access token"}}'
)
BAD_CLIENT = {"ErrorCode": "invalid_client", "Error": "ClientId is Invalid"}


@pytest.fixture
def ask(http: httpx.Client, server: Server) -> Callable[..., httpx.Response]:
    def ask(path: str = "/propeller/oauth2/token", **request: Any) -> httpx.Response:
        return http.post(server.url + path, **request)

    return ask


def test_client_gets_a_token_with_form_and_with_basic(
    api: Api, make_client: MakeClient, ask: Callable[..., httpx.Response]
) -> None:
    client_id, secret = make_client(api.organization)
    asked = time.time() * 1000
    replies = [
        ask(data=GRANT | {"client_id": client_id, "client_secret": secret}),
        ask(data=GRANT, auth=(client_id, secret)),
        ask("/propeller/v1/oauth2/token", data=GRANT, auth=(client_id, secret)),
        ask("/propeller/v2/oauth2/token", data=GRANT, auth=(client_id, secret)),
    ]
    assert [reply.status_code for reply in replies] == [200] * 4
    api.store(row(1))
    for reply in replies:
        body = reply.json()
        api.token = body.pop("access_token")
        assert api.contact(1)["name"] == ""
        assert abs(int(body.pop("issued_at")) - asked) < 300_000
        assert 1700 < int(body.pop("expires_in")) <= 1800
        assert body.pop("application_name")
        assert body == {
            "api_product_list": "[Propeller REST APIs]",
            "api_product_list_json": ["Propeller REST APIs"],
            "client_id": client_id,
            "developer.email": "",
            "organization_name": "Acme",
            "refresh_count": "0",
            "refresh_token_expires_in": "0",
            "scope": "",
            "status": "approved",
            "token_type": "BearerToken",
        }
    assert len({reply.json()["access_token"] for reply in replies}) == 4


def test_unknown_client_gets_no_token(
    api: Api, make_api: MakeApi, make_client: MakeClient, ask: Callable[..., httpx.Response]
) -> None:
    client_id, secret = make_client(api.organization)
    _, others = make_client(make_api().organization)
    for id_, given in (
        (client_id, "wrong"),
        (client_id, ""),
        (client_id, others),
        (client_id[:-1] + "~", secret),
        (client_id.replace("_", "0_"), secret),
        ("", secret),
        ("x\0", secret),
    ):
        for reply in (
            ask(data=GRANT | {"client_id": id_, "client_secret": given}),
            ask(data=GRANT, auth=(id_, given)),
        ):
            assert (reply.status_code, reply.json()) == (401, BAD_CLIENT)
    for header in ("Basic !", "Basic", "Basic //4=", f"Bearer {api.token}"):
        reply = ask(data=GRANT, headers={"authorization": header})
        assert (reply.status_code, reply.json()) == (401, BAD_CLIENT)


@pytest.mark.parametrize("grant", [{"grant_type": "password"}, {"grant_type": ""}, {}])
def test_only_client_credentials_are_granted(
    api: Api, make_client: MakeClient, ask: Callable[..., httpx.Response], grant: dict[str, str]
) -> None:
    reply = ask(data=grant | {"x": "y"}, auth=make_client(api.organization))
    assert (reply.status_code, reply.json()["ErrorCode"]) == (400, "invalid_request")


@pytest.mark.parametrize("token", ["", "x", "c1_short", "c1_" + "a" * 32, "c0_" + "a" * 32, "é", "a b"])
def test_malformed_token_is_refused_as_by_the_gateway_of_the_vendor(api: Api, token: str) -> None:
    headers = {"authorization": f"Bearer{' ' * bool(token)}{token}".encode()}
    for method, path in (("GET", "/contacts/id/1"), ("POST", BULK), ("POST", "/attributes")):
        reply = api.call(method, path, headers=headers)
        assert (reply.status_code, reply.text) == (401, BAD_TOKEN)


@pytest.mark.parametrize("header", ["", "Basic {}", "{}", "Token {}"])
def test_token_must_be_a_bearer(api: Api, header: str) -> None:
    reply = api.call("GET", "/contacts/id/1", headers={"authorization": header.format(api.token)})
    assert (reply.status_code, reply.text) == (401, BAD_TOKEN)


def test_token_is_valid_until_it_expires(make_api: MakeApi) -> None:
    good, expired = (make_api(seconds=seconds) for seconds in (300, -1))
    assert good.count() == 0
    reply = expired.call("POST", "/contacts/search", json={})
    assert (reply.status_code, reply.text) == (401, BAD_TOKEN)


def test_token_is_valid_for_its_organization_only(api: Api) -> None:
    api.token = api.token.replace("_", "0_", 1)
    reply = api.call("POST", "/contacts/search", json={})
    assert (reply.status_code, reply.text) == (401, BAD_TOKEN)


def test_token_is_checked_before_the_body_is_read(api: Api) -> None:
    reply = api.call("POST", BULK, content=b"{", headers={"authorization": "Bearer x"})
    assert reply.status_code == 401


CALLS = {
    "contacts:read": [("GET", "/contacts/sourceId/1"), ("POST", "/contacts/search")],
    "contacts:write": [("POST", BULK), ("POST", "/contacts/bulk/id")],
    "companies:read": [("GET", "/companies/sourceId/1"), ("POST", "/companies/search")],
    "companies:write": [("POST", "/companies/bulk/sourceId"), ("POST", "/companies/bulk/id")],
    "attributes:read": [("GET", "/attributes/id/1")],
    "attributes:write": [
        ("POST", "/attributes"),
        ("POST", "/attributes/bulk/id"),
        ("DELETE", "/attributes/id/1"),
    ],
}


@pytest.mark.parametrize("scope", CALLS)
def test_token_with_scopes_allows_only_those(make_api: MakeApi, scope: str) -> None:
    limited = make_api(scopes=f"{scope} other:thing")
    for needed, calls in CALLS.items():
        for method, path in calls:
            reply = limited.call(method, path, content=b"{}" if method == "POST" else None)
            assert reply.status_code != 401
            assert (reply.status_code == 403) == (needed != scope), (method, path, reply.text)
            if reply.status_code == 403:
                error = reply.json()["error"]
                assert (error["code"], error["status"]) == (403, 403)
                assert needed in error["messages"][0]
