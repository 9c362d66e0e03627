"""Authorizations that users give clients: codes and refresh tokens, and their revocation."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from contactory.store.database import Transaction


class ExchangeSecret(NamedTuple):
    """Code or refresh token, as it is stored."""

    secret_hash: bytes
    authorization_id: UUID
    client_id: str
    user_id: int
    scopes: list[str]
    redirect_uri: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    used: bool = False


def add_secret(transaction: Transaction, kind: str, secret: ExchangeSecret, seconds: int) -> None:
    """Add a code or a refresh token (`kind`), valid for some seconds. Delete the client's expired ones."""
    if not secret.scopes:
        raise ValueError(f"a {kind} without a scope")
    transaction.run("delete_expired_exchange_secrets", client_id=secret.client_id)
    values = {name: value for name, value in secret._asdict().items() if name != "used"}
    transaction.run("add_exchange_secret", kind=kind, seconds=seconds, **values)


def find_secret(transaction: Transaction, kind: str, secret_hash: bytes) -> ExchangeSecret | None:
    """Find a code or refresh token; None for one that has expired, too. It is locked until the transaction
    ends."""
    row = transaction.row("find_exchange_secret", kind=kind, secret_hash=secret_hash)
    return ExchangeSecret(*row) if row else None


def use_secret(transaction: Transaction, secret_hash: bytes) -> None:
    transaction.run("use_exchange_secret", secret_hash=secret_hash)


def revoke(transaction: Transaction, authorization_id: UUID) -> None:
    transaction.run("revoke_authorization", authorization_id=authorization_id)


def find_authorization(transaction: Transaction, secret_hash: bytes) -> tuple[str, UUID | None] | None:
    """Return the client to which a token or refresh token was issued, and its authorization; None where the
    client has it without one."""
    row = transaction.row("find_authorization", secret_hash=secret_hash)
    return (row[0], row[1]) if row else None
