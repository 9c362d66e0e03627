"""`contactory propeller`: what only Propeller's API knows of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from contactory.cli.account import DryRun, Source, Target, export_account, import_account
from contactory.cli.options import Json, Org

if TYPE_CHECKING:
    from contactory.dialects.propeller.accounts import PropellerAccount

commands = typer.Typer(help="What only Propeller's API knows of.", no_args_is_help=True)


@commands.command("import-account")
def import_(file: Source, org: Org, dry_run: DryRun = False, json: Json = False) -> None:
    """Read what GET calls and searches answer (attributes, companies, contacts, customers) from a file, and
    make the same in an organization, with the same ids. Answers for contacts and for customers stand under
    these names: {"contacts": ..}. Ends with 0 where all is stored, with 1 where the file or an attribute is
    refused and nothing was written, and with 3 where records were refused and all others are stored."""
    import_account(_account(), file, org, dry_run=dry_run, json=json)


@commands.command("export-account")
def export_(org: Org, file: Target = "-") -> None:
    """Write such a file of an organization, personal numbers included."""
    export_account(_account(), file, org)


def _account() -> PropellerAccount:
    from contactory.dialects.propeller.accounts import PropellerAccount
    from contactory.settings import Settings

    return PropellerAccount(Settings.from_environment().default_language)
