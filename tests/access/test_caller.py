from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest

from contactory.access.caller import authenticate, grant
from contactory.access.secrets import hash_secret, new_secret
from contactory.access.tokens import new_client_id, new_token
from contactory.model.caller import Bearer, Caller, ClientSecret
from contactory.store import access
from contactory.store.administration import Administration
from contactory.store.database import Database

SECRET = new_secret()


@pytest.fixture
def client_id(database: Database, organization: int) -> str:
    client_id = new_client_id(organization)
    with database.transaction(organization) as transaction:
        access.create_client(transaction, client_id=client_id, name="Sync", secret_hash=hash_secret(SECRET))
    return client_id


def count_tokens(database: Database, organization: int) -> int:
    with database.transaction(organization) as transaction:
        row = transaction.connection.execute("SELECT count(*) FROM tokens").fetchone()
        assert row
        return int(row[0])


def author_named(database: Database, organization: int, name: str) -> int:
    with database.transaction(organization) as transaction:
        row = transaction.connection.execute("SELECT id FROM authors WHERE name = %s", [name]).fetchone()
        assert row
        return int(row[0])


def test_token_gives_a_caller_with_user_role_and_scopes(database: Database, organization: int) -> None:
    token = new_token(organization)
    with database.transaction(organization) as transaction:
        user_id = access.create_user(transaction, email="a@b.c", password_hash="-", role="user")
        access.create_token(transaction, hash_secret(token), user_id=user_id, scopes=["contacts:write"])
    caller = authenticate(database, Bearer(token))
    assert user_id
    scopes = frozenset({"contacts:write"})
    assert caller == Caller(organization, user_id, None, scopes, "user", author_id=user_id)
    assert caller.may("contacts:write")
    assert not caller.may("contacts:read")


def test_token_without_user_may_do_everything(database: Database, organization: int) -> None:
    token = new_token(organization)
    with database.transaction(organization) as transaction:
        access.create_token(transaction, hash_secret(token), scopes=["*"])
    caller = authenticate(database, Bearer(token))
    author = author_named(database, organization, f"token {hash_secret(token).hex()[:16]}")
    assert caller == Caller(organization, None, None, frozenset({"*"}), "manager", author_id=author)
    assert caller.may("anything")


@pytest.mark.parametrize("seconds", [-1, -86_400])
def test_expired_token_gives_no_caller(database: Database, organization: int, seconds: int) -> None:
    token = new_token(organization)
    with database.transaction(organization) as transaction:
        access.create_token(transaction, hash_secret(token), scopes=["*"], seconds=seconds)
    assert authenticate(database, Bearer(token)) is None


@pytest.mark.parametrize("days", [-400, 400])
def test_expiry_follows_the_clock_of_the_database(
    database: Database, client_id: str, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Change this machine's clock; a token expires by the database's."""

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(days=days)

    monkeypatch.setattr("contactory.access.caller.datetime", Jumped)
    monkeypatch.setattr("time.time", lambda: time.monotonic() + days * 86_400)
    shown = ClientSecret(client_id, SECRET)
    good, ended = grant(database, shown, 60), grant(database, shown, -1)
    assert good and ended
    assert authenticate(database, Bearer(good.token)) is not None
    assert authenticate(database, Bearer(ended.token)) is None


@pytest.mark.parametrize("text", ["", "Bearer x", "c1_", "\0" * 40])
def test_malformed_token_gives_no_caller(database: Database, text: str) -> None:
    assert authenticate(database, Bearer(text)) is None


def test_token_with_the_prefix_of_another_organization_gives_no_caller(
    database: Database, organization: int, administration: Administration
) -> None:
    token = new_token(organization)
    with database.transaction(organization) as transaction:
        access.create_token(transaction, hash_secret(token), scopes=["*"])
    other = new_token(administration.create_organization("Other"))
    assert authenticate(database, Bearer(other.partition("_")[0] + "_" + token.partition("_")[2])) is None
    assert authenticate(database, Bearer(other)) is None


def test_client_with_its_secret_gets_a_valid_token(
    database: Database, organization: int, client_id: str
) -> None:
    granted = grant(database, ClientSecret(client_id, SECRET), 60)
    assert granted
    assert (granted.client_id, granted.client_name, granted.organization_name) == (client_id, "Sync", "Acme")
    assert granted.expires_in == 60
    assert abs(granted.issued_at - datetime.now(UTC)) < timedelta(seconds=30)
    author = author_named(database, organization, "Sync")
    assert authenticate(database, Bearer(granted.token)) == Caller(
        organization, None, client_id, frozenset({"*"}), "manager", author_id=author
    )


def test_wrong_secret_or_client_id_gets_no_token(
    database: Database, organization: int, client_id: str
) -> None:
    assert grant(database, ClientSecret(client_id, SECRET + "x"), 60) is None
    assert grant(database, ClientSecret(new_client_id(organization), SECRET), 60) is None
    assert grant(database, ClientSecret("nobody", SECRET), 60) is None
    assert count_tokens(database, organization) == 0


def test_new_token_of_a_client_removes_its_expired_ones(
    database: Database, organization: int, client_id: str
) -> None:
    for seconds in (-1, -1, 60):
        assert grant(database, ClientSecret(client_id, SECRET), seconds)
    assert count_tokens(database, organization) == 1
