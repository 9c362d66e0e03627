"""`contactory datananas`: commands for things that only Datananas' API has."""

from __future__ import annotations

import typer

from contactory.cli.account import DryRun, Source, Target, export_account, import_account
from contactory.cli.options import Json, Org

commands = typer.Typer(help="Things that only Datananas' API has.", no_args_is_help=True)


@commands.command("import-account")
def import_(file: Source, org: Org, dry_run: DryRun = False, json: Json = False) -> None:
    """Import a file with replies of GET calls (lists, contacts) into an organization, with the same ids.

    Owners must be users of the organization. Exit codes: 0, all is stored; 1, the file or a list was refused
    and nothing was written; 3, some contacts were refused and all others are stored.
    """
    from contactory.dialects.datananas.accounts import DatananasAccount

    import_account(DatananasAccount(), file, org, dry_run=dry_run, json=json)


@commands.command("export-account")
def export_(org: Org, file: Target = "-") -> None:
    """Export an organization to a file that import-account reads."""
    from contactory.dialects.datananas.accounts import DatananasAccount

    export_account(DatananasAccount(), file, org)
