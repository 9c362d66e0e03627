"""What a person at a terminal is told when a command cannot be done: one line, and no traceback."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup


class CommandError(Exception):
    """What was asked for cannot be done; the text is shown as it is."""


class OneLineErrors(TyperGroup):
    """Ends with 1 on an error. A defect keeps its traceback, without the values that led to it."""

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
