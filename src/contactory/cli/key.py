"""`contactory key`: the key that personal numbers are encrypted with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from contactory.cli.database import open_database
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, say

if TYPE_CHECKING:
    from contactory.settings import Settings

commands = typer.Typer(help="The key that personal numbers are encrypted with.", no_args_is_help=True)


@commands.callback()
def _group() -> None:
    """Keeps `key accept` two words while it is the only verb."""


@commands.command()
def accept(json: Json = False) -> None:
    """Go on with the present key where the former is lost: what that one encrypted stays unreadable."""
    from contactory.access.proof import accept_key
    from contactory.settings import Settings

    settings = Settings.from_environment()
    with open_database(settings, exclusive=False) as url:
        key = key_of(settings)
        if key is None:
            raise CommandError("There is no key: set CONTACTORY_SECRET_KEY first.")
        accept_key(url, key)
    say(
        "The present key is the right one from now on. Restart the service.", {"accepted": True}, as_json=json
    )


def key_of(settings: Settings) -> bytes | None:
    """The key that `serve` uses, without making one."""
    from contactory.store.embedded import encryption_key

    if settings.secret_key or settings.database_url:
        return settings.secret_key
    return encryption_key(settings.data_dir) if _file(settings).is_file() else None


def key_source(settings: Settings) -> str:
    """Name the place where an operator puts the key back."""
    is_own = settings.database_url or settings.secret_key
    return "CONTACTORY_SECRET_KEY" if is_own else str(_file(settings))


def _file(settings: Settings) -> Path:
    return settings.data_dir / "secret.key"
