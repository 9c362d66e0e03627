"""`contactory user`: people who may act in an organization."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from contactory.cli.database import open_administration
from contactory.cli.errors import CommandError
from contactory.cli.options import (
    Email,
    Json,
    Org,
    Password,
    PasswordStdin,
    Yes,
    confirm,
    print_list,
    print_result,
    read_password,
)

if TYPE_CHECKING:
    from contactory.store.access import User
    from contactory.store.database import Transaction

commands = typer.Typer(help="People who may act in an organization.", no_args_is_help=True)

Role = Annotated[
    Literal["manager", "user"],
    typer.Option(
        help="A manager reaches all of the organization. A user reaches their own contacts and those without"
        " an owner, through Datananas' API only: Everbridge's and Propeller's need a manager."
    ),
]


@commands.command()
def create(
    org: Org,
    email: Email,
    password: Password = None,
    password_stdin: PasswordStdin = False,
    role: Role = "user",
    first_name: Annotated[str, typer.Option()] = "",
    last_name: Annotated[str, typer.Option()] = "",
    json: Json = False,
) -> None:
    """Create a user."""
    from contactory.access.secrets import hash_password
    from contactory.model.limits import LONGEST_LOGIN_NAME
    from contactory.store import access

    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise CommandError(f"{email!r} is not an e-mail address.")
    if len(email) > LONGEST_LOGIN_NAME:
        raise CommandError(f"An e-mail address has at most {LONGEST_LOGIN_NAME} characters.")
    entered = read_password(password, from_stdin=password_stdin)
    with open_administration() as administration, administration.organization(org) as (transaction, _):
        user_id = access.create_user(
            transaction,
            email=email,
            password_hash=hash_password(entered),
            role=role,
            first_name=first_name,
            last_name=last_name,
        )
        if user_id is None:
            raise CommandError(f"Organization {org} has a user {email} already.")
    print_result(
        f"Created user {user_id} of organization {org}: {email} ({role}).",
        {"id": user_id, "email": email, "role": role, "first_name": first_name, "last_name": last_name},
        as_json=json,
    )


@commands.command("list")
def list_(org: Org, json: Json = False) -> None:
    """Show the users of an organization."""
    from contactory.store import accounts

    with open_administration() as administration, administration.organization(org) as (transaction, _):
        users = accounts.list_users(transaction)
    print_list("users", users, as_json=json)


@commands.command()
def disable(org: Org, email: Email, json: Json = False) -> None:
    """Refuse a user's password and tokens from now on. The user's contacts stay."""
    _disable(org, email, disabled=True, json=json)


@commands.command()
def enable(org: Org, email: Email, json: Json = False) -> None:
    """Accept the password and the tokens of a disabled user again."""
    _disable(org, email, disabled=False, json=json)


@commands.command()
def delete(org: Org, email: Email, yes: Yes = False, json: Json = False) -> None:
    """Delete a user, with all tokens. The user's contacts stay, and managers reach them."""
    from contactory.store import accounts

    with _user(org, email) as (transaction, user):
        confirm(f"Delete the user {user.email} of organization {org}?", yes=yes)
        accounts.delete_user(transaction, user)
    print_result(f"Deleted user {user.email}.", {"id": user.id, "deleted": True}, as_json=json)


@commands.command()
def password(
    org: Org,
    email: Email,
    password: Password = None,
    password_stdin: PasswordStdin = False,
    keep_tokens: Annotated[
        bool, typer.Option("--keep-tokens", help="Leave the user's tokens as they are.")
    ] = False,
    json: Json = False,
) -> None:
    """Give a user a new password. The old one and all tokens of the user become invalid at once."""
    from contactory.access.secrets import hash_password
    from contactory.store import access, accounts

    entered = read_password(password, from_stdin=password_stdin)
    with _user(org, email) as (transaction, user):
        accounts.set_password(transaction, user, hash_password(entered))
        revoked = 0 if keep_tokens else access.delete_tokens(transaction, user_id=user.id)
    print_result(
        f"{user.email} has a new password; {revoked} tokens were revoked.",
        {"id": user.id, "revoked": revoked},
        as_json=json,
    )


@commands.command("role")
def set_role(
    org: Org, email: Email, role: Annotated[Literal["manager", "user"], typer.Argument()], json: Json = False
) -> None:
    """Make a user a manager, who reaches all of the organization, or a plain user, from now on."""
    from contactory.store import accounts

    with _user(org, email) as (transaction, user):
        accounts.set_role(transaction, user, role)
    print_result(f"{user.email} is a {role} now.", {"id": user.id, "role": role}, as_json=json)


def _disable(org: int, email: str, *, disabled: bool, json: bool) -> None:
    from contactory.store import accounts

    with _user(org, email) as (transaction, user):
        accounts.disable_user(transaction, user, disabled=disabled)
    done = "disabled" if disabled else "enabled"
    print_result(f"{user.email} is {done}.", {"id": user.id, "disabled": disabled}, as_json=json)


@contextmanager
def _user(org: int, email: str) -> Iterator[tuple[Transaction, User]]:
    """Yield a transaction, and the user with that e-mail. Raises CommandError if there is none."""
    from contactory.store import access

    with open_administration() as administration, administration.organization(org) as (transaction, _):
        user = access.find_user(transaction, email)
        if user is None:
            raise CommandError(f"Organization {org} has no user {email}.")
        yield transaction, user
