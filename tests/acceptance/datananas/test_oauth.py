"""OAuth 2.0, as a client library and a browser use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from contactory.access.secrets import hash_password, hash_secret, new_secret
from contactory.access.tokens import new_client_id
from contactory.store import access
from contactory.store.administration import Administration
from tests.acceptance.server import Server

BACK = "https://app.example.com/back"
EMAIL, PASSWORD = "ada@example.com", "correct horse"
VERIFIER = "v" * 43


class Program:
    """A client, and the browser of a user."""

    def __init__(self, administration: Administration, server: str, http: httpx.Client, role: str) -> None:
        organization = administration.create_organization("Acme")
        self.client_id, self.secret = new_client_id(organization), new_secret()
        with administration.organization(organization) as (transaction, _):
            access.create_client(
                transaction,
                client_id=self.client_id,
                name="Prospector <1>",
                secret_hash=hash_secret(self.secret),
                redirect_uris=[BACK],
            )
            access.create_user(transaction, email=EMAIL, password_hash=hash_password(PASSWORD), role=role)
        self.base, self.http = f"{server}/datananas", http
        self.library = OAuth2Session(
            self.client_id, self.secret, redirect_uri=BACK, code_challenge_method="S256"
        )
        self.library.trust_env = False

    def page(self, scope: str = "contacts:read users:read", **parameters: str) -> str:
        url, _ = self.library.create_authorization_url(
            f"{self.base}/oauth2/authorize", scope=scope, code_verifier=VERIFIER, state="s 1", **parameters
        )
        return str(url)

    def answer(self, page: str, password: str = PASSWORD, decision: str = "allow") -> httpx.Response:
        form = {"email": EMAIL, "password": password, "decision": decision}
        return self.http.post(page, data=form, follow_redirects=False)

    def allowed(self, scope: str = "contacts:read users:read") -> dict[str, Any]:
        """Let the user allow the client, and return the token."""
        location = self.answer(self.page(scope)).headers["location"]
        return self.fetch(location)

    def fetch(self, location: str, verifier: str = VERIFIER) -> dict[str, Any]:
        token: dict[str, Any] = self.library.fetch_token(
            f"{self.base}/oauth2/token", authorization_response=location, code_verifier=verifier, state="s 1"
        )
        return token

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        token: dict[str, Any] = self.library.refresh_token(
            f"{self.base}/oauth2/token", refresh_token=refresh_token
        )
        return token

    def get(self, path: str, token: str) -> httpx.Response:
        return self.http.get(self.base + path, headers={"authorization": f"Bearer {token}"})


MakeProgram = Callable[[str], Program]


@pytest.fixture
def make_program(server: Server, http: httpx.Client, administration: Administration) -> Iterator[MakeProgram]:
    made: list[Program] = []

    def make(role: str) -> Program:
        made.append(Program(administration, server.url, http, role))
        return made[-1]

    yield make
    for program in made:
        program.library.close()


@pytest.fixture
def program(make_program: MakeProgram) -> Program:
    return make_program("manager")


def test_user_allows_a_client(program: Program) -> None:
    page = program.page()
    shown = program.http.get(page)
    assert shown.status_code == 200
    assert "Allow Prospector &lt;1&gt;?" in shown.text and "see contacts" in shown.text
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    back = program.answer(page)
    assert back.status_code == 302 and back.headers["location"].startswith(BACK)
    assert parse_qs(urlsplit(back.headers["location"]).query)["state"] == ["s 1"]
    token = program.fetch(back.headers["location"])
    assert token["token_type"] == "Bearer" and token["expires_in"] == 3600
    assert token["scope"] == "contacts:read users:read"
    me = program.get("/users/me", token["access_token"])
    assert me.json()["email"] == EMAIL
    assert program.get("/contacts", token["access_token"]).status_code == 200
    refused = program.get("/lists", token["access_token"])
    assert (refused.status_code, refused.json()["reason"]) == (403, "insufficient_scope")


def test_user_denies_a_client_or_gives_a_wrong_password(program: Program) -> None:
    denied = program.answer(program.page(), decision="deny")
    query = parse_qs(urlsplit(denied.headers["location"]).query)
    assert query["error"] == ["access_denied"] and query["state"] == ["s 1"]
    wrong = program.answer(program.page(), password="wrong")
    assert wrong.status_code == 403 and "do not belong together" in wrong.text


def test_guessing_a_password_is_rate_limited(server: Server, http: httpx.Client, program: Program) -> None:
    page, guesses = program.page(), []
    for guess in range(12):
        form = {"email": f"{program.client_id}@example.com", "password": str(guess), "decision": "allow"}
        guesses.append(http.post(page, data=form).status_code)
    assert guesses == [403] * 10 + [429] * 2
    assert 0 < int(http.post(page, data=form).headers["retry-after"]) <= 60
    tokens = f"{server.url}/datananas/oauth2/token"
    replies = [
        http.post(tokens, data={"grant_type": "client_credentials"}, auth=(program.client_id, "wrong"))
        for _ in range(12)
    ]
    assert [reply.status_code for reply in replies] == [401] * 10 + [429] * 2
    assert 0 < int(replies[-1].headers["retry-after"]) <= 60
    # A secret of 256 bits cannot be guessed, so wrong ones do not lock out the right one.
    right = http.post(
        tokens, data={"grant_type": "client_credentials"}, auth=(program.client_id, program.secret)
    )
    assert right.status_code == 200


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [("c1_" + "x" * 16, ""), ("c1_" + "x" * 16, "x"), ("{client_id}", ""), ("{client_id}", "{secret}")],
)
def test_client_must_send_its_secret_once(program: Program, client_id: str, secret: str) -> None:
    """RFC 6749, 2.3. Otherwise failures could be counted for one secret and another one be compared."""
    words = {"client_id": program.client_id, "secret": program.secret}
    auth = (client_id.format(**words), secret.format(**words))
    form = {
        "grant_type": "client_credentials",
        **{"client_id": program.client_id, "client_secret": program.secret},
    }
    for path in ("token", "revoke"):
        reply = program.http.post(f"{program.base}/oauth2/{path}", data=form, auth=auth)
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    named = {"grant_type": "client_credentials", "client_id": program.client_id}
    own = (program.client_id, program.secret)
    assert program.http.post(f"{program.base}/oauth2/token", data=named, auth=own).status_code == 200


@pytest.mark.parametrize("header", [b"Basic \xff\xfe", b"Basic", b"Basic !!", b"Basic //8="])
def test_unreadable_header_is_an_unknown_client(program: Program, header: bytes) -> None:
    for path in ("token", "revoke"):
        reply = program.http.post(
            f"{program.base}/oauth2/{path}",
            data={"grant_type": "client_credentials"},
            headers={b"authorization": header},
        )
        assert reply.status_code in (400, 401) and reply.json()["error"].startswith("invalid_")


def test_code_is_valid_once_and_for_its_client_only(program: Program) -> None:
    location = program.answer(program.page()).headers["location"]
    with pytest.raises(OAuthError):
        program.fetch(location, verifier="w" * 43)
    token = program.fetch(location)
    with pytest.raises(OAuthError):
        program.fetch(location)
    # A token that is used twice has been stolen: all that came of it is revoked.
    assert program.get("/users/me", token["access_token"]).status_code == 401


def test_refresh_tokens_rotate(program: Program) -> None:
    first = program.allowed()
    second = program.refresh(first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == "contacts:read users:read"
    assert program.get("/users/me", second["access_token"]).status_code == 200
    third = program.refresh(second["refresh_token"])
    with pytest.raises(OAuthError):
        program.refresh(first["refresh_token"])
    for token in (first, second, third):
        assert program.get("/users/me", token["access_token"]).status_code == 401
    with pytest.raises(OAuthError):
        program.refresh(third["refresh_token"])


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_client_revokes_a_token(program: Program, make_program: MakeProgram, kind: str) -> None:
    token, revoke = program.allowed(), f"{program.base}/oauth2/revoke"
    other = make_program("user").library
    assert other.revoke_token(revoke, token[kind]).status_code == 200
    assert program.get("/users/me", token["access_token"]).status_code == 200
    assert program.library.revoke_token(revoke, token[kind]).status_code == 200
    assert program.get("/users/me", token["access_token"]).status_code == 401
    with pytest.raises(OAuthError):
        program.refresh(token["refresh_token"])


def test_plain_user_cannot_allow_a_client_the_whole_company(make_program: MakeProgram) -> None:
    token = make_program("user").allowed("contacts:read:company contacts:write")
    assert token["scope"] == "contacts:read:own contacts:write"


def test_invalid_authorization_request_is_refused(program: Program) -> None:
    for url, said in {
        program.page().replace("app.example.com", "evil.example.com"): "Redirect URI",
        program.page().replace(program.client_id, "c1_" + "x" * 16): "does not exist",
        f"{program.base}/oauth2/authorize": "cannot be done",
        program.page().replace("redirect_uri=https", "redirect_uri=%22%E2%82%AC"): "cannot be done",
    }.items():
        shown = program.http.get(url, follow_redirects=False)
        assert shown.status_code == 400 and said in shown.text, url
    for url, error in {
        program.page("contacts:fly"): "invalid_scope",
        program.page().replace("response_type=code", "response_type=token"): "unsupported_response_type",
    }.items():
        sent_back = program.http.get(url, follow_redirects=False)
        assert parse_qs(urlsplit(sent_back.headers["location"]).query)["error"] == [error]


def test_client_credentials_act_for_the_client(program: Program) -> None:
    token = program.library.fetch_token(
        f"{program.base}/oauth2/token", grant_type="client_credentials", scope="lists:read"
    )
    assert "refresh_token" not in token
    assert program.get("/lists", token["access_token"]).status_code == 200
    assert program.get("/contacts", token["access_token"]).status_code == 403


def test_token_endpoint_refuses_invalid_requests(program: Program) -> None:
    url, auth = f"{program.base}/oauth2/token", (program.client_id, program.secret)
    for form, error in (
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "\0x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "é"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "scope": "fly"}, "invalid_scope"),
    ):
        reply = program.http.post(url, data=form, auth=auth)
        assert (reply.status_code, reply.json()["error"]) == (400, error), form
    nobody = program.http.post(url, data={"grant_type": "client_credentials"})
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
