"""Organizations, users, clients (programs) and tokens.

Everything runs in a transaction that is bound to the organization, of the service or of its administration.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from contactory.store.database import Database, Transaction
from contactory.store.queries import QUERIES


class Organization(NamedTuple):
    id: int
    name: str
    total_contacts_quota: int  # 0: no limit
    daily_connect_quota: int


class User(NamedTuple):
    id: int
    email: str
    password_hash: str
    role: str
    may_act: bool = True  # not disabled
    first_name: str = ""
    last_name: str = ""


class StoredLogin(NamedTuple):
    organization_id: int
    user_id: int
    password_hash: str
    role: str
    total_contacts: int = 0  # quota


class Client(NamedTuple):
    client_id: str
    name: str
    secret_hash: bytes
    redirect_uris: list[str]


class Token(NamedTuple):
    user_id: int | None
    client_id: str | None
    scopes: list[str]
    email: str | None  # of its user
    role: str | None
    total_contacts: int  # quota
    author_id: int = 0


def create_organization(connection: Connection, name: str, id_: int | None = None) -> int | None:
    """Create an organization, with an id if one is given. Return its id, or None where the given one is
    taken. Only the owner of the tables may do this, outside of any organization."""
    values = {"name": name, "id": id_}
    row = connection.execute(QUERIES["create_organization"].encode(), values).fetchone()
    return row[0] if row else None


def set_quota(
    transaction: Transaction, *, total_contacts: int | None = None, daily_connect: int | None = None
) -> None:
    transaction.run("set_quota", total_contacts=total_contacts, daily_connect=daily_connect)


def find_organization(transaction: Transaction) -> Organization | None:
    row = transaction.row("find_organization")
    return Organization(*row) if row else None


def create_user(
    transaction: Transaction,
    *,
    email: str,
    password_hash: str,
    role: str,
    first_name: str = "",
    last_name: str = "",
) -> int | None:
    """Create a user. Return the id, or None when the organization has a user with that e-mail, compared
    without case."""
    row = transaction.row(
        "create_user",
        email=email,
        password_hash=password_hash,
        role=role,
        first_name=first_name,
        last_name=last_name,
    )
    return row[0] if row else None


def find_user(transaction: Transaction, email: str) -> User | None:
    """Find a user by e-mail; disabled users are found, too."""
    row = transaction.row("find_user", email=email)
    return User(*row) if row else None


def find_users(transaction: Transaction, emails: Collection[str], ids: Collection[int]) -> list[User]:
    return [User(*row) for row in transaction.rows("find_users", emails=list(emails), ids=list(ids))]


def create_client(
    transaction: Transaction,
    *,
    client_id: str,
    name: str,
    secret_hash: bytes,
    redirect_uris: Sequence[str] = (),
) -> None:
    transaction.run(
        "create_client",
        client_id=client_id,
        name=name,
        secret_hash=secret_hash,
        redirect_uris=list(redirect_uris),
    )


def find_client(transaction: Transaction, client_id: str) -> Client | None:
    """Find a client; None for one that is disabled."""
    row = transaction.row("find_client", client_id=client_id)
    return Client(*row) if row else None


def create_token(
    transaction: Transaction,
    token_hash: bytes,
    *,
    user_id: int | None = None,
    client_id: str | None = None,
    scopes: Collection[str],
    seconds: int | None = None,
    authorization_id: UUID | None = None,
) -> None:
    """Create a token. scopes: at least one, `*` for everything; seconds: how long it is valid; None: for
    ever."""
    if not scopes:
        raise ValueError("a token without a scope")
    transaction.run(
        "create_token",
        token_hash=token_hash,
        user_id=user_id,
        client_id=client_id,
        scopes=sorted(scopes),
        seconds=seconds,
        authorization_id=authorization_id,
    )


def find_token(database: Database, organization_id: int, token_hash: bytes) -> Token | None:
    """Find a token; None for one that has expired, too. It takes one round trip, since every call needs
    it."""
    row = database.row("find_token", organization_id=organization_id, token_hash=token_hash)
    return Token(*row) if row else None


def find_tokens(database: Database, tokens: Sequence[tuple[int, bytes]]) -> list[Token | None]:
    """Find many tokens by (organization, hash), in one round trip; None for each that is not found or has
    expired."""
    rows = database.rows(
        "find_tokens", organizations=[pair[0] for pair in tokens], hashes=[pair[1] for pair in tokens]
    )
    return [Token(*row) if is_valid else None for is_valid, *row in rows]


def find_authors(transaction: Transaction, ids: Collection[int]) -> dict[int, str]:
    """Find the names of authors, by id. A deleted author keeps its last name."""
    return dict(transaction.rows("find_authors", ids=list(ids)))


def delete_token(transaction: Transaction, token_hash: bytes) -> int:
    return transaction.run("delete_token", token_hash=token_hash)


def delete_tokens(
    transaction: Transaction, *, user_id: int | None = None, client_id: str | None = None
) -> int:
    """Delete the tokens of a user or a client, with the refresh tokens; return how many tokens there were."""
    return transaction.run("delete_tokens", user_id=user_id, client_id=client_id)


def delete_expired_tokens(transaction: Transaction, client_id: str) -> int:
    return transaction.run("delete_expired_tokens", client_id=client_id)


def find_logins(database: Database, email: str) -> list[StoredLogin]:
    """Find the users with an e-mail in all organizations, except disabled ones. It takes one round trip,
    since every call by name and password needs it."""
    return [StoredLogin(*row) for row in database.rows("find_logins", email=email)]
