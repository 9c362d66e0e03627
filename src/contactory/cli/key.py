"""`contactory key`: the key that personal numbers are encrypted with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from contactory.cli.database import open_database
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, print_result

if TYPE_CHECKING:
    from contactory.settings import Settings

commands = typer.Typer(help="The key that personal numbers are encrypted with.", no_args_is_help=True)


@commands.callback()
def _group() -> None:
    """Keep `key accept` two words while it is the only verb."""


@commands.command()
def accept(json: Json = False) -> None:
    """Use the present key although the former one is lost. Numbers encrypted with that stay unreadable."""
    from contactory.access.proof import accept_key
    from contactory.settings import Settings

    settings = Settings.from_environment()
    with open_database(settings, exclusive=False) as url:
        key = key_of(settings)
        if key is None:
            raise CommandError("There is no key: set CONTACTORY_SECRET_KEY first.")
        accept_key(url, key)
    print_result(
        "The present key is used from now on. Restart the service.", {"accepted": True}, as_json=json
    )


def key_of(settings: Settings) -> bytes | None:
    """Return the key that `serve` uses, or None. No key is created."""
    from contactory.store.embedded import encryption_key

    if settings.secret_key or settings.database_url:
        return settings.secret_key
    return encryption_key(settings.data_dir) if _file(settings).is_file() else None


def key_source(settings: Settings) -> str:
    """Return the name of the variable or the path of the file that holds the key."""
    is_own = settings.database_url or settings.secret_key
    return "CONTACTORY_SECRET_KEY" if is_own else str(_file(settings))


def _file(settings: Settings) -> Path:
    return settings.data_dir / "secret.key"
