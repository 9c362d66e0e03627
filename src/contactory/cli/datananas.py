"""`contactory datananas`: what only Datananas' API knows of."""

from __future__ import annotations

import typer

from contactory.cli.account import DryRun, Source, Target, export_account, import_account
from contactory.cli.options import Json, Org

commands = typer.Typer(help="What only Datananas' API knows of.", no_args_is_help=True)


@commands.command("import-account")
def import_(file: Source, org: Org, dry_run: DryRun = False, json: Json = False) -> None:
    """Read what the GET calls answer (lists, contacts) from a file, and make the same in an organization,
    with the same ids. Owners must be users of the organization. Ends with 0 where all is stored, with 1 where
    the file or a list is refused and nothing was written, and with 3 where contacts were refused and all
    others are stored."""
    from contactory.dialects.datananas.accounts import DatananasAccount

    import_account(DatananasAccount(), file, org, dry_run=dry_run, json=json)


@commands.command("export-account")
def export_(org: Org, file: Target = "-") -> None:
    """Write such a file of an organization."""
    from contactory.dialects.datananas.accounts import DatananasAccount

    export_account(DatananasAccount(), file, org)
