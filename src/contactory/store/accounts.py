"""The life of users, clients and tokens, as whoever runs the service leads it: one function per query."""

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
    """`id` names a token and does not tell it."""

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
    """List the tokens that are good for something."""
    return [TokenView(*row) for row in transaction.rows("list_tokens")]


def disable_user(transaction: Transaction, user: User, *, disabled: bool) -> None:
    transaction.run("disable_user", id=user.id, disabled=disabled)


def set_password(transaction: Transaction, user: User, password_hash: str) -> None:
    transaction.run("set_password", id=user.id, password_hash=password_hash)


def set_role(transaction: Transaction, user: User, role: str) -> None:
    """The tokens of one who becomes a plain user reach no more than that from now on."""
    transaction.run("set_role", id=user.id, role=role)
    if role != "manager":
        transaction.run("limit_tokens", id=user.id)


def delete_user(transaction: Transaction, user: User) -> None:
    """Delete a user, with all tokens. What the user owns stays, and managers reach it."""
    transaction.run("delete_user", id=user.id)


def disable_client(transaction: Transaction, client_id: str, *, disabled: bool) -> bool:
    """False: there is no such client. So of the following."""
    return bool(transaction.run("disable_client", client_id=client_id, disabled=disabled))


def rotate_client(transaction: Transaction, client_id: str, secret_hash: bytes) -> bool:
    """Another secret. What was issued for the old one ends; what users allowed the client stays."""
    transaction.run("delete_access_tokens", client_id=client_id)
    return bool(transaction.run("rotate_client", client_id=client_id, secret_hash=secret_hash))


def delete_client(transaction: Transaction, client_id: str) -> bool:
    return bool(transaction.run("delete_client", client_id=client_id))


def delete_token_named(transaction: Transaction, name: str) -> int:
    """Delete a token by the id that list_tokens gives it."""
    return transaction.run("delete_token_named", name=name)


def lock_out(transaction: Transaction) -> None:
    """Nobody gets into the organization any more: users and clients go, with all tokens."""
    _delete_from(transaction, ("tokens", "clients", "users"))


def delete_organization(transaction: Transaction) -> None:
    """All that there is of it. Alone among its writes."""
    transaction.run("wait_to_delete")
    _delete_from(transaction, (name for (name,) in transaction.rows("find_tenant_tables")))
    transaction.run("delete_organization")


def _delete_from(transaction: Transaction, tables: Iterable[str]) -> None:
    for name in tables:
        query: Any = SQL("DELETE FROM {} WHERE organization_id = %(organization_id)s").format(
            Identifier(name)
        )
        transaction.run(query.as_bytes())
