"""From what a call carries to who is calling."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token, organization_of
from contactory.model.caller import Bearer, Caller, Credentials
from contactory.model.grants import Grant
from contactory.store import access
from contactory.store.database import Database

MANAGER = "manager"


def authenticate(database: Database, credentials: Credentials) -> Caller | None:
    if not isinstance(credentials, Bearer):
        return None
    organization_id = organization_of(credentials.token)
    if organization_id is None:
        return None
    with database.transaction(organization_id) as transaction:
        token = access.find_token(transaction, hash_secret(credentials.token))
    if token is None:
        return None
    # A token of no user is the organization's own, which reaches everything in it.
    role = token.role or MANAGER
    return Caller(organization_id, token.user_id, token.client_id, frozenset(token.scopes), role)


def grant(database: Database, client_id: str, client_secret: str, seconds: int) -> Grant | None:
    """A new token for a client that shows its secret; None for any other."""
    organization_id = organization_of(client_id)
    if organization_id is None:
        return None
    with database.transaction(organization_id) as transaction:
        client = access.find_client(transaction, client_id)
        organization = access.find_organization(transaction)
        if client is None or organization is None:
            return None
        if not hmac.compare_digest(client.secret_hash, hash_secret(client_secret)):
            return None
        access.delete_expired_tokens(transaction, client_id)
        token, now = new_token(organization_id), datetime.now(UTC)
        expires_at = now + timedelta(seconds=seconds)
        access.create_token(transaction, hash_secret(token), client_id=client_id, expires_at=expires_at)
    return Grant(token, now, seconds, client_id, client.name, organization.name)
