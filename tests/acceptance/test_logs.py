"""Logs of internal errors, on a terminal and as JSON: they contain no value of the call."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from contactory.access.secrets import hash_password, hash_secret, new_secret
from contactory.access.tokens import new_client_id
from contactory.store import access, embedded
from contactory.store.administration import Administration
from tests.acceptance.client import BULK, Api, row
from tests.acceptance.server import Server, ServerOnATerminal

NAME, EMAIL, SSN, PASSWORD = "Xanthippe", "zoe.q@example.org", "93-08-28-111", "hunter-2-hunter"
# These constraints make calls fail in a way that the service cannot expect.
BREAK = """
ALTER TABLE contacts_rows ADD CONSTRAINT none_such CHECK (first_name <> 'Xanthippe');
ALTER TABLE tokens ADD CONSTRAINT no_more CHECK (expires_at IS NULL) NOT VALID;
"""


@pytest.fixture(scope="module", params=[ServerOnATerminal, Server], ids=["terminal", "json"])
def broken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server: Server = request.param(tmp_path_factory.mktemp("broken"))
    yield server
    server.stop()


def test_log_of_a_defect_contains_no_values_of_the_call(broken: Server, http: httpx.Client) -> None:
    secret = new_secret()
    with (
        embedded.running(broken.data_dir, exclusive=False) as url,
        Administration(url) as administration,
        psycopg.connect(url, autocommit=True) as owner,
    ):
        api = Api.of_new_organization(http, broken.url, url)
        client_id = new_client_id(api.organization)
        with administration.organization(api.organization) as (transaction, _):
            access.create_user(
                transaction, email=EMAIL, password_hash=hash_password(PASSWORD), role="manager"
            )
            access.create_client(
                transaction, client_id=client_id, name="Sync", secret_hash=hash_secret(secret)
            )
        api.store(row(1, ssn=SSN))
        owner.execute(BREAK.encode())
        said = row(2, firstName=NAME, email=EMAIL, ssn=SSN)
        tokens = f"{broken.url}/everbridge/authorization/v1/tokens"
        client = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        failed = [
            api.call("POST", BULK, json={"contacts": [said]}),
            api.call("PATCH", "/contacts/sourceId/1", json={"firstName": NAME, "email": EMAIL}),
            http.post(tokens, data={"grant_type": "password", "username": EMAIL, "password": PASSWORD}),
            http.post(tokens, data=client),
            http.post(f"{broken.url}/datananas/oauth2/token", data=client),
            http.post(
                f"{broken.url}/propeller/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=(client_id, secret),
            ),
        ]
    assert [reply.status_code for reply in failed] == [500] * len(failed)
    text = log_of(broken, len(failed))
    shown = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    hidden = [NAME, EMAIL, SSN, PASSWORD, secret, shown, api.token, "locals", "Failing row"]
    for said_by in (text, (broken.data_dir / "postgres.log").read_text()):
        assert [value for value in hidden if value in said_by] == []
    assert "none_such" in text and "no_more" in text  # The error itself is described all the same.
    assert "Traceback" in text and "access.py" in text


def log_of(server: Server, errors: int) -> str:
    """Return the log once it has so many errors: lines may be written a moment after the response."""
    deadline = time.monotonic() + 20
    while (text := server.log.read_text()).count("Traceback") < errors:
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
    return text
