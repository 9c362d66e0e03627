from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.store import access
from contactory.store.administration import Administration
from tests.acceptance.everbridge.client import Api
from tests.acceptance.server import Server


@pytest.fixture(scope="session")
def make_everbridge(http: httpx.Client, server: Server, administration: Administration) -> Callable[[], Api]:
    """Make a client of a new organization."""

    def make() -> Api:
        organization, token = administration.create_organization("Acme"), ""
        token = new_token(organization)
        with administration.organization(organization) as (transaction, _):
            access.create_token(transaction, hash_secret(token), scopes=["*"])
        return Api(http, server.url, organization, token)

    return make


@pytest.fixture
def api(make_everbridge: Callable[[], Api]) -> Api:
    return make_everbridge()
