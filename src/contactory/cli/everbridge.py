"""`contactory everbridge`: commands for things that only Everbridge's API has."""

from __future__ import annotations

import typer

from contactory.cli import everbridge_paths
from contactory.cli.account import DryRun, Source, Target, export_account, import_account
from contactory.cli.options import Json, Org

commands = typer.Typer(help="Things that only Everbridge's API has.", no_args_is_help=True)
commands.add_typer(everbridge_paths.commands, name="paths")


@commands.command("import-account")
def import_(file: Source, org: Org, dry_run: DryRun = False, json: Json = False) -> None:
    """Import a file with replies of the vendor's GET calls (organizations, recordTypes, contactAttributes,
    contactPaths, groups, contacts) into an organization, with the same ids.

    Exit codes: 0, all is stored; 1, the file or a definition was refused and nothing was written; 3, some
    contacts were refused and all others are stored.
    """
    from contactory.dialects.everbridge.accounts import EverbridgeAccount

    import_account(EverbridgeAccount(), file, org, dry_run=dry_run, json=json)


@commands.command("export-account")
def export_(org: Org, file: Target = "-") -> None:
    """Export an organization to a file that import-account reads."""
    from contactory.dialects.everbridge.accounts import EverbridgeAccount

    export_account(EverbridgeAccount(), file, org)
