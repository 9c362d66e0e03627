"""`contactory everbridge`: what only Everbridge's API knows of."""

from __future__ import annotations

import typer

from contactory.cli import everbridge_paths

commands = typer.Typer(help="What only Everbridge's API knows of.", no_args_is_help=True)
commands.add_typer(everbridge_paths.commands, name="paths")
