"""Administration of users, clients and tokens: one function per query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.sql import SQL, Identifier

from contactory.store.access import User
from contactory.store.database import Transaction


class UserView(NamedTuple):
    id: int
    email: str
    role: str
    disabled: bool
    created_at: datetime


class ClientView(NamedTuple):
    client_id: str
    name: str
    redirect_uris: list[str]
    disabled: bool
    created_at: datetime


class TokenView(NamedTuple):
    """A token. `id` identifies it and does not reveal it."""

    id: str
    user: str | None
    client_id: str | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None


def list_users(transaction: Transaction) -> list[UserView]:
    return [UserView(*row) for row in transaction.rows("list_users")]


def list_clients(transaction: Transaction) -> list[ClientView]:
    return [ClientView(*row) for row in transaction.rows("list_clients")]


def list_tokens(transaction: Transaction) -> list[TokenView]:
    """List the tokens that are valid."""
    return [TokenView(*row) for row in transaction.rows("list_tokens")]


def disable_user(transaction: Transaction, user: User, *, disabled: bool) -> None:
    transaction.run("disable_user", id=user.id, disabled=disabled)


def set_password(transaction: Transaction, user: User, password_hash: str) -> None:
    transaction.run("set_password", id=user.id, password_hash=password_hash)


def set_role(transaction: Transaction, user: User, role: str) -> None:
    """Set a user's role. The tokens of a manager who becomes a plain user are limited at once."""
    transaction.run("set_role", id=user.id, role=role)
    if role != "manager":
        transaction.run("limit_tokens", id=user.id)


def delete_user(transaction: Transaction, user: User) -> None:
    """Delete a user, with all tokens. Contacts and lists of the user stay, and managers reach them."""
    transaction.run("delete_user", id=user.id)


def disable_client(transaction: Transaction, client_id: str, *, disabled: bool) -> bool:
    """Disable or enable a client; return False if there is no such client."""
    return bool(transaction.run("disable_client", client_id=client_id, disabled=disabled))


def rotate_client(transaction: Transaction, client_id: str, secret_hash: bytes) -> bool:
    """Give a client a new secret; return False if there is no such client. Its access tokens are deleted, and
    what users have allowed it stays."""
    transaction.run("delete_access_tokens", client_id=client_id)
    return bool(transaction.run("rotate_client", client_id=client_id, secret_hash=secret_hash))


def delete_client(transaction: Transaction, client_id: str) -> bool:
    """Delete a client; return False if there is no such client."""
    return bool(transaction.run("delete_client", client_id=client_id))


def delete_token_named(transaction: Transaction, name: str) -> int:
    """Delete a token by its id in `list_tokens`; return how many were deleted."""
    return transaction.run("delete_token_named", name=name)


def lock_out(transaction: Transaction) -> None:
    """Delete all users, clients and tokens of the organization, so that nobody can log in to it."""
    _delete_from(transaction, ("tokens", "clients", "users"))


def delete_organization(transaction: Transaction) -> None:
    """Delete an organization with all its rows. It is locked exclusively."""
    transaction.run("lock_organization_to_delete")
    _delete_from(transaction, (name for (name,) in transaction.rows("find_tenant_tables")))
    transaction.run("delete_organization")


def _delete_from(transaction: Transaction, tables: Iterable[str]) -> None:
    for name in tables:
        query: Any = SQL("DELETE FROM {} WHERE organization_id = %(organization_id)s").format(
            Identifier(name)
        )
        transaction.run(query.as_bytes())
