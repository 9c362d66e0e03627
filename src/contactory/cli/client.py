"""`contactory client`: programs that may act in an organization."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from contactory.cli.database import open_administration
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, Org, Yes, confirm, print_list, print_result

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
        typer.Option(metavar="URI", help="Address to send users back to after their consent; repeatable."),
    ] = None,
    json: Json = False,
) -> None:
    """Create a client, which gets its tokens with its id and its secret."""
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
    print_result(
        f"Created client {client_id} of organization {org}. Its secret is shown only now: {secret}",
        {"client_id": client_id, "client_secret": secret},
        as_json=json,
    )


@commands.command("list")
def list_(org: Org, json: Json = False) -> None:
    """Show the clients of an organization."""
    from contactory.store import accounts

    with open_administration() as administration, administration.organization(org) as (transaction, _):
        clients = accounts.list_clients(transaction)
    print_list("clients", clients, as_json=json)


@commands.command()
def rotate(client_id: ClientId, json: Json = False) -> None:
    """Give a client a new secret. The old one and the tokens issued for it become invalid at once; tokens
    that users allowed stay valid."""
    from contactory.access.secrets import hash_secret, new_secret
    from contactory.store import accounts

    secret = new_secret()
    with _organization_of(client_id) as transaction:
        _check_found(client_id, found=accounts.rotate_client(transaction, client_id, hash_secret(secret)))
    print_result(
        f"Client {client_id} has a new secret, which is shown only now: {secret}",
        {"client_id": client_id, "client_secret": secret},
        as_json=json,
    )


@commands.command()
def disable(client_id: ClientId, json: Json = False) -> None:
    """Refuse a client's secret and tokens from now on."""
    _disable(client_id, disabled=True, json=json)


@commands.command()
def enable(client_id: ClientId, json: Json = False) -> None:
    """Accept the secret and the tokens of a disabled client again."""
    _disable(client_id, disabled=False, json=json)


@commands.command()
def delete(client_id: ClientId, yes: Yes = False, json: Json = False) -> None:
    """Delete a client, with all its tokens and all that users allowed it."""
    from contactory.store import accounts

    with _organization_of(client_id) as transaction:
        confirm(f"Delete the client {client_id}?", yes=yes)
        _check_found(client_id, found=accounts.delete_client(transaction, client_id))
    print_result(f"Deleted client {client_id}.", {"client_id": client_id, "deleted": True}, as_json=json)


def _disable(client_id: str, *, disabled: bool, json: bool) -> None:
    from contactory.store import accounts

    with _organization_of(client_id) as transaction:
        found = accounts.disable_client(transaction, client_id, disabled=disabled)
        _check_found(client_id, found=found)
    done = "disabled" if disabled else "enabled"
    print_result(
        f"Client {client_id} is {done}.", {"client_id": client_id, "disabled": disabled}, as_json=json
    )


@contextmanager
def _organization_of(client_id: str) -> Iterator[Transaction]:
    """Yield a transaction of the organization that the client's id begins with. Raises CommandError."""
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
    """Check that a redirect URI is absolute and has no fragment (RFC 6749, 3.1.2). Raises CommandError."""
    parts = urlsplit(redirect_uri)
    if not (parts.scheme and parts.netloc) or parts.fragment or parts.scheme in ("javascript", "data"):
        raise CommandError(
            f"--redirect-uri is {redirect_uri!r}, expected an absolute URI such as https://app.example.com/back"
        )
