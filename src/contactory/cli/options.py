"""Options, prompts and output that several verbs have in common."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from contactory.cli.errors import CommandError

Org = Annotated[int, typer.Option(min=1, metavar="ID", help="The organization.")]
Email = Annotated[str, typer.Option(metavar="EMAIL", help="The user's.")]
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
Password = Annotated[str | None, typer.Option(help="Default: asked for, unless --password-stdin is given.")]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input, without its last newline."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def print_result(sentence: str, result: dict[str, Any], *, as_json: bool) -> None:
    typer.echo(json.dumps(result, default=_plain) if as_json else sentence)


def print_list(name: str, found: Sequence[Any], *, as_json: bool) -> None:
    """Print named tuples: one line each with tabs between fields, or one JSON list."""
    if as_json:
        typer.echo(json.dumps({name: [item._asdict() for item in found]}, default=_plain))
        return
    for number, item in enumerate(found):
        if not number:
            typer.echo("\t".join(item._fields))
        typer.echo("\t".join(_in_line(value) for value in item))


def read_password(password: str | None, *, from_stdin: bool) -> str:
    """Return the password from its option or from standard input, or prompt for it twice. Raises
    CommandError."""
    if password is not None and from_stdin:
        raise CommandError("Give --password or --password-stdin, not both.")
    if from_stdin:
        password = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    elif password is None:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not password:
        raise CommandError("A user needs a password.")
    return password


def confirm(question: str, *, yes: bool) -> None:
    """Abort unless the question is answered with yes. Raises CommandError where there is no terminal."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{question} There is no terminal to answer at: give --yes.")
    typer.confirm(question, abort=True)


def _in_line(value: Any) -> str:
    match value:
        case None:
            return "-"
        case list():
            return " ".join(value) or "-"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(_plain(value))


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
