"""`contactory user`: people who may act in an organization."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import typer

from contactory.cli.database import open_administration
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, Org, say

commands = typer.Typer(help="People who may act in an organization.", no_args_is_help=True)


@commands.callback()
def _group() -> None:
    """Keeps `user create` two words while it is the only verb."""


@commands.command()
def create(
    org: Org,
    email: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    role: Annotated[Literal["manager", "user"], typer.Option()] = "user",
    first_name: Annotated[str, typer.Option()] = "",
    last_name: Annotated[str, typer.Option()] = "",
    json: Json = False,
) -> None:
    """Make a user. A user sees his own contacts only, a manager everybody's."""
    from contactory.access.secrets import hash_password
    from contactory.store import access

    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise CommandError(f"{email!r} is not an e-mail address.")
    if not password:
        raise CommandError("A user needs a password.")
    with open_administration() as administration, administration.organization(org) as (transaction, _):
        password_hash = hash_password(password)
        user_id = access.create_user(
            transaction,
            email=email,
            password_hash=password_hash,
            role=role,
            first_name=first_name,
            last_name=last_name,
        )
        if user_id is None:
            raise CommandError(f"Organization {org} has a user {email} already.")
    say(
        f"User {user_id} of organization {org} was made: {email} ({role}).",
        {"id": user_id, "email": email, "role": role, "first_name": first_name, "last_name": last_name},
        as_json=json,
    )
