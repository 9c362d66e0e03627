"""`contactory everbridge`: commands for things that only Everbridge's API has."""

from __future__ import annotations

import typer

from contactory.cli import everbridge_paths

commands = typer.Typer(help="Things that only Everbridge's API has.", no_args_is_help=True)
commands.add_typer(everbridge_paths.commands, name="paths")
