"""`contactory client`: programs that may act in an organization."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from contactory.cli.database import open_administration
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, Org, Yes, confirm, say, say_all

if TYPE_CHECKING:
    from contactory.store.database import Transaction

ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID")]

commands = typer.Typer(help="Programs that may act in an organization.", no_args_is_help=True)


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


@commands.command("list")
def list_(org: Org, json: Json = False) -> None:
    """Show the clients of an organization."""
    from contactory.store import accounts

    with open_administration() as administration, administration.organization(org) as (transaction, _):
        clients = accounts.list_clients(transaction)
    say_all("clients", clients, as_json=json)


@commands.command()
def rotate(client_id: ClientId, json: Json = False) -> None:
    """Give a client another secret. The old one, and the tokens got for it, count no more from now on; what
    users allowed the client stays."""
    from contactory.access.secrets import hash_secret, new_secret
    from contactory.store import accounts

    secret = new_secret()
    with _organization_of(client_id) as transaction:
        _check_found(client_id, found=accounts.rotate_client(transaction, client_id, hash_secret(secret)))
    say(
        f"Client {client_id} has another secret. It is shown only now: {secret}",
        {"client_id": client_id, "client_secret": secret},
        as_json=json,
    )


@commands.command()
def disable(client_id: ClientId, json: Json = False) -> None:
    """Let a client in no more, by no token and no secret, from now on."""
    _disable(client_id, disabled=True, json=json)


@commands.command()
def enable(client_id: ClientId, json: Json = False) -> None:
    """Let a disabled client in again, with the secret and the tokens that there were."""
    _disable(client_id, disabled=False, json=json)


@commands.command()
def delete(client_id: ClientId, yes: Yes = False, json: Json = False) -> None:
    """Remove a client, with all tokens and all that users allowed it."""
    from contactory.store import accounts

    with _organization_of(client_id) as transaction:
        confirm(f"Delete the client {client_id}?", yes=yes)
        _check_found(client_id, found=accounts.delete_client(transaction, client_id))
    say(f"Client {client_id} is gone.", {"client_id": client_id, "deleted": True}, as_json=json)


def _disable(client_id: str, *, disabled: bool, json: bool) -> None:
    from contactory.store import accounts

    with _organization_of(client_id) as transaction:
        found = accounts.disable_client(transaction, client_id, disabled=disabled)
        _check_found(client_id, found=found)
    done = "disabled" if disabled else "enabled"
    say(f"Client {client_id} is {done}.", {"client_id": client_id, "disabled": disabled}, as_json=json)


@contextmanager
def _organization_of(client_id: str) -> Iterator[Transaction]:
    """A transaction of the organization with which the id begins."""
    from contactory.access.tokens import organization_of

    organization_id = organization_of(client_id)
    if organization_id is None:
        raise CommandError(f"{client_id!r} is not the id of a client.")
    with (
        open_administration() as administration,
        administration.organization(organization_id) as (transaction, _),
    ):
        yield transaction


def _check_found(client_id: str, *, found: bool) -> None:
    if not found:
        raise CommandError(f"There is no client {client_id}.")


def _check(redirect_uri: str) -> None:
    """RFC 6749, 3.1.2: absolute, and without a fragment."""
    parts = urlsplit(redirect_uri)
    if not (parts.scheme and parts.netloc) or parts.fragment or parts.scheme in ("javascript", "data"):
        raise CommandError(
            f"--redirect-uri is {redirect_uri!r}, expected an absolute URI such as https://app.example.com/back"
        )
