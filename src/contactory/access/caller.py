"""From what a call carries to who is calling."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token, organization_of
from contactory.model.grants import Grant
from contactory.store import access
from contactory.store.database import Database

MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Caller:
    organization_id: int
    user_id: int | None
    client_id: str | None
    scopes: frozenset[str]  # none: everything that the role may do
    role: str

    def may(self, scope: str) -> bool:
        """Each scope stands for itself: writing does not include reading."""
        return not self.scopes or scope in self.scopes


def authenticate(database: Database, bearer: str) -> Caller | None:
    organization_id = organization_of(bearer)
    if organization_id is None:
        return None
    with database.transaction(organization_id) as transaction:
        token = access.find_token(transaction, hash_secret(bearer))
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
