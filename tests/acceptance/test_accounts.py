"""Changes of users, clients and tokens by the command line, which take effect at once everywhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest
from typer.testing import CliRunner
from websockets.exceptions import ConnectionClosed

from contactory.cli import app

from .client import MakeApi, row
from .datananas.client import Api as Datananas
from .datananas.conftest import make_datananas  # noqa: F401 (a fixture)
from .datananas.test_bulk import send
from .datananas.test_oauth import (
    EMAIL,
    PASSWORD,
    MakeProgram,
    Program,
    make_program,  # noqa: F401 (a fixture)
)
from .datananas.watching import watching
from .server import Server
from .test_tenants import stored

Contactory = Callable[..., Any]
MakeDatananas = Callable[..., Datananas]


class Ways:
    """All ways to authenticate as the manager ada, and as the client that she has allowed to act for her."""

    def __init__(self, program: Program, server: str, contactory: Contactory) -> None:
        self.program, self.server, self.http = program, server, program.http
        self.organization = str(int(program.client_id.partition("_")[0][1:], 36))
        self.user = ("--org", self.organization, "--email", EMAIL)
        self.allowed = program.allowed("*")
        whose = ("--org", self.organization, "--user", EMAIL)
        self.token: str = contactory("token", "create", *whose)["token"]
        self.code = ""
        self.prepare()

    def prepare(self, password: str = PASSWORD) -> None:
        """Get a new code, since a code is used up when it is exchanged."""
        self.code = self.program.answer(self.program.page(), password).headers["location"]

    def bearer(self, token: str) -> int:
        return self.program.get("/contacts", token).status_code

    def basic(self, password: str = PASSWORD) -> int:
        """Call with a name and a password instead of a token."""
        encoded = base64.b64encode(f"{EMAIL}:{password}".encode()).decode()
        url = f"{self.server}/everbridge/rest/contacts/{self.organization}"
        return self.http.get(url, headers={"authorization": f"Basic {encoded}"}).status_code

    def by_password(self, password: str = PASSWORD) -> int:
        form = {"grant_type": "password", "username": EMAIL, "password": password}
        return self.http.post(f"{self.server}/everbridge/authorization/v1/tokens", data=form).status_code

    def consent(self, password: str = PASSWORD) -> int:
        return self.program.answer(self.program.page(), password).status_code

    def exchange(self, **form: str) -> httpx.Response:
        return self.http.post(
            f"{self.program.base}/oauth2/token", data=form, auth=(self.program.client_id, self.program.secret)
        )

    def refresh(self) -> int:
        token = self.allowed["refresh_token"]
        reply = self.exchange(grant_type="refresh_token", refresh_token=token)
        self.allowed = reply.json() if reply.status_code == 200 else self.allowed
        return reply.status_code

    def by_code(self) -> int:
        code = httpx.URL(self.code).params["code"]
        form = {"redirect_uri": self.program.library.redirect_uri, "code_verifier": "v" * 43}
        return self.exchange(grant_type="authorization_code", code=code, **form).status_code

    def by_secret(self) -> list[int]:
        """Get tokens with client credentials at each of the three APIs."""
        asked = {"grant_type": "client_credentials"}
        shown = {"client_id": self.program.client_id, "client_secret": self.program.secret}
        urls = ("/propeller/oauth2/token", "/everbridge/authorization/v1/tokens", "/datananas/oauth2/token")
        return [self.http.post(self.server + url, data=asked | shown).status_code for url in urls]

    def of_user(self) -> dict[str, bool]:
        return {
            "token": self.bearer(self.token) == 200,
            "client's token": self.bearer(self.allowed["access_token"]) == 200,
            "Basic": self.basic() == 200,
            "password": self.by_password() == 200,
            "consent": self.consent() == 302,
            "code": self.by_code() == 200,
            "refresh": self.refresh() == 200,
        }


@pytest.fixture
def ways(
    make_program: MakeProgram,  # noqa: F811
    server: Server,
    contactory: Contactory,
    owner: psycopg.Connection,
) -> Ways:
    # Names of users are throttled and searched in all organizations: this must be the only ada.
    owner.execute("UPDATE users SET email = id || email WHERE email = %s", [EMAIL])
    return Ways(make_program("manager"), server.url, contactory)


def closed_with(socket: Any) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            socket.socket.recv(timeout=20)
    return closed.value.rcvd.code if closed.value.rcvd else 0


def test_disabled_user_is_refused_everywhere(ways: Ways, contactory: Contactory) -> None:
    assert set(ways.of_user().values()) == {True}
    ways.prepare()
    api = Datananas(ways.http, ways.server, int(ways.organization), ways.token)
    with watching(api) as socket:
        contactory("user", "disable", *ways.user)
        assert set(ways.of_user().values()) == {False}
        assert closed_with(socket) == 4401
    (shown,) = contactory("user", "list", "--org", ways.organization)["users"]
    assert (shown["email"], shown["disabled"]) == (EMAIL, True)
    assert ways.by_secret() == [200, 200, 200]
    contactory("user", "enable", *ways.user)
    ways.prepare()
    assert set(ways.of_user().values()) == {True}


def test_deleted_user_is_refused_everywhere(ways: Ways, contactory: Contactory) -> None:
    api = Datananas(ways.http, ways.server, int(ways.organization), ways.token)
    made = api.create(email="x@example.org")
    with watching(api) as socket:
        assert ways.basic() == 200
        contactory("user", "delete", *ways.user, "--yes")
        assert closed_with(socket) == 4401
    assert set(ways.of_user().values()) == {False}
    api.token = contactory("token", "create", "--org", ways.organization)["token"]
    assert api.ask("GET", f"/contacts/{made['_id']}")["contact"]["owner"] is None


def test_new_password_takes_effect_at_once(ways: Ways, contactory: Contactory) -> None:
    assert (ways.basic(), ways.by_password()) == (200, 200)
    contactory("user", "password", *ways.user, "--password-stdin", stdin="battery staple\n")
    assert set(ways.of_user().values()) == {False}
    new = "battery staple"
    assert (ways.basic(new), ways.by_password(new), ways.consent(new)) == (200, 200, 302)
    contactory("token", "create", "--org", ways.organization, "--user", EMAIL)
    kept = contactory("user", "password", *ways.user, "--password", PASSWORD, "--keep-tokens")
    assert (kept["revoked"], ways.basic(new), ways.basic()) == (0, 401, 200)


def test_new_role_takes_effect_at_once(ways: Ways, contactory: Contactory) -> None:
    wide = ("--user", EMAIL, "--scopes", "contacts:read:company")
    token = contactory("token", "create", "--org", ways.organization, *wide)["token"]
    everbridge = f"{ways.server}/everbridge/rest/contacts/{ways.organization}"

    def reaches() -> list[int]:
        tokens = (token, ways.token)
        asked = [ways.http.get(everbridge, headers={"authorization": f"Bearer {one}"}) for one in tokens]
        return [*(reply.status_code for reply in asked), ways.basic()]

    assert reaches() == [200, 200, 200]
    contactory("user", "role", *ways.user, "user")
    assert reaches() == [403, 403, 403]
    contactory("user", "role", *ways.user, "manager")
    assert reaches()[1:] == [200, 200]


def test_disabled_or_deleted_client_is_refused_everywhere(ways: Ways, contactory: Contactory) -> None:
    client_id = ways.program.client_id
    own = ways.exchange(grant_type="client_credentials").json()["access_token"]
    api = Datananas(ways.http, ways.server, int(ways.organization), own)
    with watching(api) as socket:
        contactory("client", "disable", client_id)
        assert closed_with(socket) == 4401

    def gets_in() -> set[bool]:
        page = ways.http.get(ways.program.page(), follow_redirects=False).status_code
        tokens = (own, ways.allowed["access_token"])
        return {
            *(ways.bearer(token) == 200 for token in tokens),
            *(status == 200 for status in (page, ways.refresh(), ways.by_code(), *ways.by_secret())),
        }

    assert gets_in() == {False}
    (shown,) = contactory("client", "list", "--org", ways.organization)["clients"]
    assert (shown["client_id"], shown["disabled"]) == (client_id, True)
    assert ways.bearer(ways.token) == 200
    contactory("client", "enable", client_id)
    assert gets_in() == {True}
    contactory("client", "delete", client_id, "--yes")
    assert gets_in() == {False}


def test_new_secret_takes_effect_at_once(ways: Ways, contactory: Contactory) -> None:
    old = ways.exchange(grant_type="client_credentials").json()["access_token"]
    made = contactory("client", "rotate", ways.program.client_id)
    assert (ways.bearer(old), ways.by_secret(), ways.refresh()) == (401, [401] * 3, 401)
    ways.program.secret = made["client_secret"]
    assert (ways.by_secret(), ways.refresh()) == ([200] * 3, 200)


def test_tokens_are_listed_without_being_shown(
    ways: Ways, contactory: Contactory, server_database: str
) -> None:
    listed = contactory("token", "list", "--org", ways.organization)["tokens"]
    assert [token["user"] for token in listed] == [EMAIL] * 2
    shown = CliRunner().invoke(
        app,
        ["token", "list", "--org", ways.organization],
        env={"CONTACTORY_DATABASE_URL": server_database},
    )
    for text in (shown.stdout, json.dumps(listed)):
        assert ways.token not in text and ways.token.partition("_")[2] not in text
    (mine,) = [token["id"] for token in listed if token["client_id"] is None]
    revoke = ("token", "revoke", "--org", ways.organization, "--id", mine)
    assert (contactory(*revoke)["revoked"], contactory(*revoke)["revoked"]) == (1, 0)
    assert ways.bearer(ways.token) == 401


def test_organization_is_deleted_with_all_its_data(
    make_api: MakeApi,
    make_datananas: MakeDatananas,  # noqa: F811
    contactory: Contactory,
    owner: psycopg.Connection,
) -> None:
    api, other = make_api(), make_api()
    other.store(row(1))
    api.store(row(1))
    ada = make_datananas(api.organization, role="user", name="ada")
    send(ada, {"email": "x@example.org"}, a_list="Expo")
    before = stored(owner, other.organization)
    assert contactory("org", "delete", str(api.organization), "--yes")["deleted"]
    assert not any(stored(owner, api.organization).values())
    assert owner.execute("SELECT FROM organizations WHERE id = %s", [api.organization]).fetchall() == []
    assert api.call("GET", "/contacts/id/1").status_code == 401
    assert stored(owner, other.organization) == before


def test_irreversible_commands_ask_for_confirmation(api: Any, server_database: str) -> None:
    words = ["org", "delete", str(api.organization)]
    done = CliRunner().invoke(app, words, env={"CONTACTORY_DATABASE_URL": server_database})
    assert done.exit_code == 1 and "say --yes" in done.output
    assert api.count() == 0
