"""The errors of commands, shown at a terminal in one line without a traceback."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup


class CommandError(Exception):
    """A command that cannot be done, with the text that is shown."""


class OneLineErrors(TyperGroup):
    """A group of commands that shows errors in one line, and exits with 1.

    A defect keeps its traceback, without any values.
    """

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                from contactory.telemetry.failures import trace

                typer.echo(trace(error), err=True)
                raise typer.Exit(1) from None
            typer.echo(f"contactory: {' '.join(sentence.split())}", err=True)
            raise typer.Exit(1) from None


def _sentence(error: Exception) -> str | None:
    import psycopg

    from contactory.settings import SettingsError
    from contactory.store.administration import TakenOrganizationError, UnknownOrganizationError
    from contactory.store.arrival import AwayError
    from contactory.store.embedded import EmbeddedError
    from contactory.store.errors import StoreError, Unfit
    from contactory.store.migrate import MigrationError
    from contactory.telemetry.failures import message

    match error:
        case CommandError() | SettingsError() | UnknownOrganizationError() | TakenOrganizationError():
            return str(error)
        case EmbeddedError() | MigrationError() | AwayError() | Unfit():
            return str(error)
        case StoreError():
            return f"The database cannot be used: {error.__cause__ or error}"
        case psycopg.OperationalError():
            return f"The database cannot be reached, or went away: {message(error)}"
        case psycopg.Error():
            return f"The database refused: {message(error) or type(error).__name__}"
        case _:
            return None
