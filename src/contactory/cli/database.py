"""The database that a command works on, whether it is ours to start or somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contactory.settings import Settings
    from contactory.store.administration import Administration


@contextmanager
def open_server(settings: Settings, *, exclusive: bool) -> Iterator[str]:
    """The URL of a database that may still have to be migrated. Exclusive is for the service itself."""
    if settings.database_url:
        yield settings.database_url
        return
    from contactory.store import embedded

    with embedded.running(settings.data_dir, exclusive=exclusive) as url:
        yield url


@contextmanager
def open_database(settings: Settings, *, exclusive: bool) -> Iterator[str]:
    """The URL of a database whose schema is up to date."""
    from contactory.store.migrate import migrate

    with open_server(settings, exclusive=exclusive) as url:
        migrate(url)
        yield url


@contextmanager
def open_administration() -> Iterator[Administration]:
    from contactory.settings import Settings
    from contactory.store.administration import Administration

    with (
        open_database(Settings.from_environment(), exclusive=False) as url,
        Administration(url) as administration,
    ):
        yield administration
