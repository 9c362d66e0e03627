"""The database that a command works on: the embedded one, or the one in CONTACTORY_DATABASE_URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contactory.settings import Settings
    from contactory.store.administration import Administration


@contextmanager
def open_server(settings: Settings, *, exclusive: bool, patience: float = 0) -> Iterator[str]:
    """Yield the URL of a database, which may still have to be migrated.

    `exclusive`: for the service itself, of which there is one per embedded database; `patience`: how many
    seconds to wait for a database that is not embedded.
    """
    if settings.database_url:
        if patience:
            from contactory.store.arrival import await_database

            await_database(settings.database_url, patience)
        yield settings.database_url
        return
    from contactory.store import embedded

    with embedded.running(settings.data_dir, exclusive=exclusive) as url:
        yield url


@contextmanager
def open_database(settings: Settings, *, exclusive: bool, patience: float = 0) -> Iterator[str]:
    """Yield the URL of a database, and migrate it first. The parameters are those of `open_server`."""
    from contactory.store.migrate import migrate
    from contactory.store.pooler import refuse_transaction_pooling

    with open_server(settings, exclusive=exclusive, patience=patience) as url:
        if settings.database_url:
            refuse_transaction_pooling(url)
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
