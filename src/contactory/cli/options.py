"""What several verbs have in common: their options, and the two ways in which they say what they did."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

Org = Annotated[int, typer.Option(min=1, metavar="ID", help="The organization.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one line of JSON.")]


def say(sentence: str, result: dict[str, Any], *, as_json: bool) -> None:
    typer.echo(json.dumps(result) if as_json else sentence)
