"""Fixtures with an embedded database for the whole run, in which each test has an organization of its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, settings

from contactory.store import embedded
from contactory.store.administration import Administration
from contactory.store.database import Database

from .clusters import migrated
from .machine import alone_first, is_alone, machine

# How long an example takes depends on what else the machine does.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = alone_first(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with machine(alone=is_alone(item)):
        return (yield)


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded.running(migrated(tmp_path_factory.mktemp("database")), exclusive=True) as url:
        yield url


@pytest.fixture(scope="session")
def database(url: str) -> Iterator[Database]:
    database = Database(url, size=4)
    database.open()
    yield database
    database.close()


@pytest.fixture(scope="session")
def administration(url: str) -> Iterator[Administration]:
    with Administration(url) as administration:
        yield administration


@pytest.fixture
def organization(administration: Administration) -> int:
    return administration.create_organization("Acme")


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client
