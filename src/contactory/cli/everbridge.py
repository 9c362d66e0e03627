"""`contactory everbridge`: what only Everbridge's API knows of."""

from __future__ import annotations

import typer

from contactory.cli import everbridge_paths
from contactory.cli.account import DryRun, Source, Target, export_account, import_account
from contactory.cli.options import Json, Org

commands = typer.Typer(help="What only Everbridge's API knows of.", no_args_is_help=True)
commands.add_typer(everbridge_paths.commands, name="paths")


@commands.command("import-account")
def import_(file: Source, org: Org, dry_run: DryRun = False, json: Json = False) -> None:
    """Read what the vendor's GET calls answer (organizations, recordTypes, contactAttributes, contactPaths,
    groups, contacts) from a file, and make the same in an organization, with the same numbers. Ends with 0
    where all is stored, with 1 where the file or a definition is refused and nothing was written, and with 3
    where contacts were refused and all others are stored."""
    from contactory.dialects.everbridge.accounts import EverbridgeAccount

    import_account(EverbridgeAccount(), file, org, dry_run=dry_run, json=json)


@commands.command("export-account")
def export_(org: Org, file: Target = "-") -> None:
    """Write such a file of an organization."""
    from contactory.dialects.everbridge.accounts import EverbridgeAccount

    export_account(EverbridgeAccount(), file, org)
