"""`contactory token`: tokens for calling the APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from contactory.cli.database import open_administration
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, Org, print_list, print_result
from contactory.model.scopes import EVERYTHING, SCOPES, read_scopes, unknown

if TYPE_CHECKING:
    from contactory.store.database import Transaction

_LARGEST_DAYS = 36_500

commands = typer.Typer(help="Tokens for calling the APIs.", no_args_is_help=True)


@commands.command()
def create(
    org: Org,
    user: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Its user; default: the organization itself.")
    ] = None,
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            help="Its scopes, several in one text or by repeating; default: everything that its user may do."
            f" There are: {' '.join(SCOPES)}"
        ),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=_LARGEST_DAYS, help="Default: for ever.")] = None,
    json: Json = False,
) -> None:
    """Create a token of an organization, or of one of its users."""
    from contactory.access.secrets import hash_secret
    from contactory.access.tokens import new_token
    from contactory.store import access

    words = read_scopes(" ".join(scopes)) if scopes else [EVERYTHING]
    if not words:
        raise CommandError("--scopes names no scope; leave it out for a token that may do everything.")
    if wrong := unknown(words):
        raise CommandError(f"There is no scope {' '.join(wrong)}. There are: {' '.join(SCOPES)}")
    token = new_token(org)
    with open_administration() as administration, administration.organization(org) as (transaction, _):
        access.create_token(
            transaction,
            hash_secret(token),
            user_id=_user_id(transaction, user) if user is not None else None,
            scopes=words,
            seconds=days * 24 * 3600 if days else None,
        )
    print_result(f"The token is shown only now: {token}", {"token": token}, as_json=json)


@commands.command("list")
def list_(org: Org, json: Json = False) -> None:
    """List the valid tokens of an organization: their ids, not the tokens themselves."""
    from contactory.store import accounts

    with open_administration() as administration, administration.organization(org) as (transaction, _):
        tokens = accounts.list_tokens(transaction)
    print_list("tokens", tokens, as_json=json)


@commands.command()
def revoke(
    token: Annotated[str | None, typer.Argument(help="One token; or all of a user or a client.")] = None,
    org: Annotated[int | None, typer.Option(min=1, metavar="ID", help="With --user or --id.")] = None,
    user: Annotated[str | None, typer.Option(metavar="EMAIL")] = None,
    client: Annotated[str | None, typer.Option(metavar="CLIENT_ID")] = None,
    id_: Annotated[str | None, typer.Option("--id", metavar="ID", help="As `token list` shows it.")] = None,
    json: Json = False,
) -> None:
    """Revoke tokens, at once and in every process."""
    from contactory.access.secrets import hash_secret
    from contactory.access.tokens import organization_of
    from contactory.store import access, accounts

    text = token or client
    organization_id = org if org is not None or text is None else organization_of(text)
    if sum(given is not None for given in (token, user, client, id_)) != 1 or organization_id is None:
        raise CommandError("Give a token, or --user or --id with --org, or --client.")
    with (
        open_administration() as administration,
        administration.organization(organization_id) as (transaction, _),
    ):
        if token is not None:
            revoked = access.delete_token(transaction, hash_secret(token))
        elif id_ is not None:
            revoked = accounts.delete_token_named(transaction, id_)
        else:
            user_id = _user_id(transaction, user) if user is not None else None
            revoked = access.delete_tokens(transaction, user_id=user_id, client_id=client)
    print_result(f"{revoked} tokens were revoked.", {"revoked": revoked}, as_json=json)


def _user_id(transaction: Transaction, email: str) -> int:
    from contactory.store import access

    user = access.find_user(transaction, email)
    if user is None:
        raise CommandError(f"Organization {transaction.organization_id} has no user {email}.")
    return user.id
