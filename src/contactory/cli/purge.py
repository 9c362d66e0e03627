"""`contactory purge`: the removal of expired data now, instead of later by a worker."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.database import open_database
from contactory.cli.options import Json, print_result


def purge(
    days: Annotated[
        int | None,
        typer.Option(min=0, help="Days since their deletion; default: CONTACTORY_PURGE_DAYS."),
    ] = None,
    json: Json = False,
) -> None:
    """Remove records that were deleted so many days ago, expired tokens and codes, and ended jobs, for
    good."""
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
    records = "" if kept is None else f"records deleted {kept} days ago, "
    print_result(f"Removed {records}expired tokens and codes, and ended jobs.", {"days": kept}, as_json=json)
