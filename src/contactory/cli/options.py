"""Things that several verbs have in common: their options, and the ways in which they say what they did."""

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
Json = Annotated[bool, typer.Option("--json", help="Answer with one line of JSON.")]
Password = Annotated[str | None, typer.Option(help="Without it, or --password-stdin, it is asked for.")]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input, without its last newline."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def say(sentence: str, result: dict[str, Any], *, as_json: bool) -> None:
    typer.echo(json.dumps(result, default=_plain) if as_json else sentence)


def say_all(name: str, found: Sequence[Any], *, as_json: bool) -> None:
    """Named tuples, as lines of their fields with tabs between, or as one list."""
    if as_json:
        typer.echo(json.dumps({name: [item._asdict() for item in found]}, default=_plain))
        return
    for number, item in enumerate(found):
        if not number:
            typer.echo("\t".join(item._fields))
        typer.echo("\t".join(_in_line(value) for value in item))


def read_password(given: str | None, *, from_stdin: bool) -> str:
    """Read the password from its option or from standard input, or ask for it twice."""
    if given is not None and from_stdin:
        raise CommandError("Give --password or --password-stdin, not both.")
    if from_stdin:
        given = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    elif given is None:
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not given:
        raise CommandError("A user needs a password.")
    return given


def confirm(question: str, *, yes: bool) -> None:
    """Nothing is done where it is not answered with yes, as by nobody at a script."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{question} Nobody can answer here: say --yes.")
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
