"""What a person at a terminal is told when a command cannot be done: one line, and no traceback."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup


class CommandError(Exception):
    """What was asked for cannot be done; the text is shown as it is."""


class OneLineErrors(TyperGroup):
    """Ends with 1 on an error that is nobody's defect. Any other keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.Exit:
            raise
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            typer.echo(f"contactory: {' '.join(sentence.split())}", err=True)
            raise typer.Exit(1) from None


def _sentence(error: Exception) -> str | None:
    import psycopg

    from contactory.settings import SettingsError
    from contactory.store.administration import UnknownOrganizationError
    from contactory.store.arrival import AwayError
    from contactory.store.embedded import EmbeddedError
    from contactory.store.errors import StoreError, Unfit
    from contactory.store.migrate import MigrationError

    match error:
        case CommandError() | SettingsError() | UnknownOrganizationError():
            return str(error)
        case EmbeddedError() | MigrationError() | AwayError() | Unfit():
            return str(error)
        case StoreError():
            return f"The database cannot be used: {error.__cause__ or error}"
        case psycopg.OperationalError():
            return f"The database cannot be reached, or went away: {error}"
        case psycopg.Error():
            return f"The database refused: {error}"
        case _:
            return None
