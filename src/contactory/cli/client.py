"""`contactory client`: programs that may act in an organization."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

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
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option(metavar="URI", help="Where users are sent back to after they allowed it; repeatable."),
    ] = None,
    json: Json = False,
) -> None:
    """Make a client, which gets its tokens for its id and its secret."""
    from contactory.access.secrets import hash_secret, new_secret
    from contactory.access.tokens import new_client_id
    from contactory.store import access

    if not name.strip():
        raise CommandError("A client needs a name.")
    for uri in redirect_uri or ():
        _check(uri)
    client_id, secret = new_client_id(org), new_secret()
    with open_administration() as administration, administration.organization(org) as (transaction, _):
        access.create_client(
            transaction,
            client_id=client_id,
            name=name.strip(),
            secret_hash=hash_secret(secret),
            redirect_uris=redirect_uri or (),
        )
    say(
        f"Client {client_id} of organization {org} was made. Its secret is shown only now: {secret}",
        {"client_id": client_id, "client_secret": secret},
        as_json=json,
    )


def _check(redirect_uri: str) -> None:
    """RFC 6749, 3.1.2: absolute, and without a fragment."""
    parts = urlsplit(redirect_uri)
    if not (parts.scheme and parts.netloc) or parts.fragment or parts.scheme in ("javascript", "data"):
        raise CommandError(
            f"--redirect-uri is {redirect_uri!r}, expected an absolute URI such as https://app.example.com/back"
        )
