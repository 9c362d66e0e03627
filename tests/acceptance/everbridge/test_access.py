"""Credentials: Basic, with and without that word, and tokens of both grants."""

from __future__ import annotations

import base64
from collections.abc import Callable

import httpx
import pytest

from contactory.access.secrets import hash_password
from contactory.store import access
from contactory.store.administration import Administration

from .client import Api, person

PASSWORD = "correct horse: battery"


@pytest.fixture
def user(api: Api, administration: Administration) -> str:
    email = f"sync-{api.organization}@example.com"
    with administration.organization(api.organization) as (transaction, _):
        access.create_user(transaction, email=email, password_hash=hash_password(PASSWORD), role="manager")
    return email


def basic(name: str, password: str) -> str:
    return base64.b64encode(f"{name}:{password}".encode()).decode()


def test_user_logs_in_by_name_and_password(api: Api, user: str) -> None:
    encoded = basic(user, PASSWORD)
    for header in (f"Basic {encoded}", encoded, f"basic {encoded}"):
        response = api.call("GET", "/organizations", headers={"authorization": header})
        assert response.status_code == 200, response.text
        assert response.json()["page"]["data"][0]["organizationId"] == api.organization


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!", "Bearer x", "Basic eA==", "x y z"])
def test_other_credentials_are_refused(api: Api, header: str) -> None:
    response = api.call("GET", "/organizations", headers={"authorization": header})
    assert (response.status_code, response.json()["status"]) == (401, 401)


def test_wrong_password_is_refused(api: Api, user: str) -> None:
    header = f"Basic {basic(user, 'wrong')}"
    assert api.call("GET", "/organizations", headers={"authorization": header}).status_code == 401


def test_another_organization_is_refused(api: Api, make_everbridge: Callable[[], Api], user: str) -> None:
    other = make_everbridge()
    other.store(person("1"))
    for headers in ({}, {"authorization": f"Basic {basic(user, PASSWORD)}"}):
        response = api.call("GET", f"/contacts/{other.organization}", headers=headers)
        assert response.json() == {"message": f"Org {other.organization} is invalid.", "status": 401}
        assert response.status_code == 401
    assert api.call("PUT", "/contacts/x/batch", json=[]).json()["message"] == "Org x is invalid."
    (id_,) = [contact["id"] for contact in other.page()]
    assert api.ask("GET", f"/contacts/{{org}}/{id_}", status=404)["status"] == 404
    assert api.ask("DELETE", "/contacts/{org}/batch", [id_], 401)["status"] == 401


def test_tokens_of_both_grants_are_accepted(
    api: Api, user: str, http: httpx.Client, make_client: Callable[[int], tuple[str, str]]
) -> None:
    url = api.base.removesuffix("/rest") + "/authorization/v1/tokens"
    client_id, secret = make_client(api.organization)
    client = {"client_id": client_id, "client_secret": secret}
    forms = [
        {"grant_type": "client_credentials", **client},
        {"grant_type": "password", "username": user, "password": PASSWORD, **client},
    ]
    for form in forms:
        granted = http.post(url, data=form).json()
        assert granted["expires_in"] == 28800 and granted["id_token"] == granted["access_token"]
        api.token = granted["id_token"]
        assert api.page() == []
    assert http.post(url, data=forms[1] | {"password": "wrong"}).status_code == 401
    assert http.post(url, data={"grant_type": "other"}).status_code == 400
