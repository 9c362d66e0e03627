from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.store import access
from contactory.store.administration import Administration
from tests.acceptance.datananas.client import Api
from tests.acceptance.server import Server

MakeApi = Callable[..., Api]


@pytest.fixture(scope="session")
def make_datananas(http: httpx.Client, server: Server, administration: Administration) -> MakeApi:
    """Make a client of a new or an existing organization, for a user if a role is given."""

    def make(organization: int = 0, *, role: str = "", name: str = "a", scopes: str = "") -> Api:
        organization = organization or administration.create_organization("Acme")
        token, email = new_token(organization), f"{name}@example.com" if role else ""
        with administration.organization(organization) as (transaction, _):
            user_id = None
            if role:
                user_id = access.create_user(transaction, email=email, password_hash="-", role=role)
            access.create_token(
                transaction, hash_secret(token), user_id=user_id, scopes=scopes.split() or ["*"]
            )
        return Api(http, server.url, organization, token, email)

    return make


@pytest.fixture
def api(make_datananas: MakeApi) -> Api:
    return make_datananas()
