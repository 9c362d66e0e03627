"""`contactory everbridge paths`: delivery methods of an organization, which the API calls contact paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from contactory.cli.database import open_administration
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, Org, Yes, confirm, print_list, print_result

if TYPE_CHECKING:
    from contactory.model.commands import Command
    from contactory.model.directory import Entry

commands = typer.Typer(help="Delivery methods of an organization.", no_args_is_help=True)

PathId = Annotated[int, typer.Argument(min=1, metavar="PATH_ID")]
Prompt = Annotated[str, typer.Argument(help="The label, by which contacts can refer to the method.")]
Type = Annotated[
    Literal[
        "EMAIL",
        "PLAINTEXTEMAIL",
        "PHONE",
        "EXTPHONE",
        "SMS",
        "ONEWAYSMS",
        "FAX",
        "TTYTDD",
        "NUMERICPAGER",
        "TAPPAGER",
        "RECIP",
        "SECUREPUSH",
        "ONEBRIDGE",
    ],
    typer.Option("--type", help="Its rules for values apply; it cannot be changed."),
]
Place = Annotated[int, typer.Argument(min=1, help="From 1 on; a larger number means the last place.")]


class PathView(NamedTuple):
    id: int
    prompt: str
    type: str
    code: str
    seq: int
    disabled: bool


@commands.command("list")
def list_(org: Org, json: Json = False) -> None:
    """Show the delivery methods of an organization in their order."""
    from contactory.model.directory import PATH, ListEntries

    entries = _execute(org, lambda: ListEntries(kind=PATH, by_place=True)).entries
    print_list("paths", list(map(_view, entries)), as_json=json)


@commands.command()
def create(
    org: Org,
    prompt: Prompt,
    type_: Type,
    id_: Annotated[int | None, typer.Option("--id", min=1, help="Its number, such as the vendor's.")] = None,
    seq: Annotated[int | None, typer.Option(min=1, help="Its place in the order; default: the last.")] = None,
    json: Json = False,
) -> None:
    """Create a delivery method."""
    path = _save(org, prompt=prompt, pathType=type_, pathId=id_, seq=seq)
    _print_path(f"Created path {path.number}: {path.name}.", path, json=json)


@commands.command()
def rename(org: Org, path_id: PathId, prompt: Prompt, json: Json = False) -> None:
    """Give a delivery method a new prompt. Contacts keep their values for it."""
    path = _save(org, path_id, prompt=prompt)
    _print_path(f"Path {path.number} is now {path.name}.", path, json=json)


@commands.command()
def move(org: Org, path_id: PathId, place: Place, json: Json = False) -> None:
    """Move a delivery method to another place in the order. The others keep their order."""
    path = _save(org, path_id, seq=place)
    _print_path(f"Path {path.number}, {path.name}, is at place {path.details['seq']}.", path, json=json)


@commands.command()
def disable(org: Org, path_id: PathId, json: Json = False) -> None:
    """Refuse new values for a delivery method. Contacts keep the values that they have."""
    path = _save(org, path_id, status="D")
    _print_path(f"Path {path.number}, {path.name}, is disabled.", path, json=json)


@commands.command()
def enable(org: Org, path_id: PathId, json: Json = False) -> None:
    """Accept values for a disabled delivery method again."""
    path = _save(org, path_id, status="A")
    _print_path(f"Path {path.number}, {path.name}, is enabled.", path, json=json)


@commands.command()
def delete(org: Org, path_id: PathId, yes: Yes = False, json: Json = False) -> None:
    """Delete a delivery method that is disabled and has no values."""
    from contactory.dialects.everbridge.methods import remove

    confirm(f"Delete path {path_id} of organization {org}?", yes=yes)
    path = _execute(org, lambda: remove(path_id))
    done = {"id": path.number, "deleted": True}
    print_result(f"Deleted path {path.number}, {path.name}.", done, as_json=json)


def _save(org: int, path_id: int | None = None, **fields: Any) -> Entry:
    """Create or change a method by the rules of the API. Fields that are None are left as they are."""
    from contactory.dialects.everbridge.resources import PATHS, read_save

    entry: Entry = _execute(org, lambda: PATHS.complete(read_save(PATHS, fields, path_id)))
    return entry


def _execute(org: int, make: Callable[[], Command]) -> Any:
    """Execute a command as the API would, and return its result. Raises CommandError with the API's
    message."""
    from contactory.core.directory import run_directory_command
    from contactory.dialects.everbridge.problems import to_message as word
    from contactory.model.commands import Chain, Return
    from contactory.model.problems import Refusal

    with open_administration() as administration, administration.organization(org) as (transaction, _):
        try:
            command: Any = make()
            while isinstance(command, Chain):
                first: Any = command.first
                command = command.then(run_directory_command(transaction, first))
            return (
                command.result if isinstance(command, Return) else run_directory_command(transaction, command)
            )
        except Refusal as refusal:
            raise CommandError(word(refusal.problem)) from refusal


def _print_path(sentence: str, path: Entry, *, json: bool) -> None:
    print_result(sentence, _view(path)._asdict(), as_json=json)


def _view(path: Entry) -> PathView:
    details = path.details
    return PathView(
        path.number,
        path.name,
        details.get("pathType", ""),
        details.get("code", ""),
        details.get("seq", 0),
        details.get("status") == "D",
    )
