"""`contactory purge`: remove what is kept no longer, now and not when a worker comes to it."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.database import open_database
from contactory.cli.options import Json, say


def purge(
    days: Annotated[
        int | None,
        typer.Option(min=0, help="Days since they were deleted; CONTACTORY_PURGE_DAYS if not given."),
    ] = None,
    json: Json = False,
) -> None:
    """Remove records that were deleted so many days ago for good, with tokens, codes and jobs that ended."""
    from contactory.settings import Settings
    from contactory.store.database import Database
    from contactory.store.sweep import sweep_all

    settings = Settings.from_environment()
    kept = (settings.purge_days or None) if days is None else days
    with open_database(settings, exclusive=False) as url:
        database = Database(url, size=1)
        database.open()
        try:
            sweep_all(database, kept)
        finally:
            database.close()
    said = "Deleted records stay" if kept is None else f"Records deleted {kept} days ago are gone"
    say(f"{said}; tokens, codes and jobs that ended are gone.", {"days": kept}, as_json=json)
