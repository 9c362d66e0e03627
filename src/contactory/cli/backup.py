"""`contactory backup` and `contactory restore`: copies of the embedded database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contactory.cli.errors import CommandError
from contactory.cli.options import Json, print_result

if TYPE_CHECKING:
    from contactory.settings import Settings


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    json: Json = False,
) -> None:
    """Copy the database and its key into a new folder; the service may run meanwhile."""
    from contactory.store.embedded.backup import back_up

    data_dir = _settings().data_dir
    try:
        size = back_up(data_dir, folder.absolute())
    except OSError as error:
        where = error.filename or folder
        raise CommandError(f"The backup cannot be written ({where}: {error.strerror}).") from None
    print_result(
        f"Wrote {folder}, {size / 2**20:.1f} MB. Anyone who has it can read everything.",
        {"bytes": size},
        as_json=json,
    )


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `contactory backup` wrote.")],
    json: Json = False,
) -> None:
    """Create the database of a new data directory from a backup."""
    from contactory.cli.database import open_database
    from contactory.store.embedded import backup

    settings = _settings()
    backup.restore(folder.absolute(), settings.data_dir)
    with open_database(settings, exclusive=False):
        pass
    print_result(f"The database in {settings.data_dir} was restored.", {"restored": True}, as_json=json)


def _settings() -> Settings:
    from contactory.settings import Settings

    settings = Settings.from_environment()
    if settings.database_url:
        raise CommandError("CONTACTORY_DATABASE_URL is set: use pg_dump and pg_restore of that PostgreSQL.")
    return settings
