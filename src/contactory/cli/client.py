"""`contactory client`: programs that may act in an organization."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.database import open_administration
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, Org, say

commands = typer.Typer(help="Programs that may act in an organization.", no_args_is_help=True)


@commands.callback()
def _group() -> None:
    """Keeps `client create` two words while it is the only verb."""


@commands.command()
def create(
    org: Org,
    name: Annotated[str, typer.Option()],
    json: Json = False,
) -> None:
    """Make a client, which gets its tokens for its id and its secret."""
    from contactory.access.secrets import hash_secret, new_secret
    from contactory.access.tokens import new_client_id
    from contactory.store import access

    if not name.strip():
        raise CommandError("A client needs a name.")
    client_id, secret = new_client_id(org), new_secret()
    with open_administration() as administration, administration.organization(org) as (transaction, _):
        access.create_client(
            transaction, client_id=client_id, name=name.strip(), secret_hash=hash_secret(secret)
        )
    say(
        f"Client {client_id} of organization {org} was made. Its secret is shown only now: {secret}",
        {"client_id": client_id, "client_secret": secret},
        as_json=json,
    )
