"""From what a call carries to who is calling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from contactory.access.logins import find_caller, find_callers
from contactory.access.secrets import hash_secret, is_secret
from contactory.access.throttle import NOWHERE, Visitor, client_has_failed
from contactory.access.tokens import new_token, organization_of
from contactory.model.caller import MANAGER, Bearer, Caller, ClientSecret, Credentials, Login
from contactory.model.grants import Grant
from contactory.model.scopes import EVERYTHING
from contactory.store import access
from contactory.store.access import Token
from contactory.store.database import Database


def authenticate(database: Database, credentials: Credentials, visitor: Visitor = NOWHERE) -> Caller | None:
    """None where nobody is called so. Raises Refusal where a password was tried too often."""
    if isinstance(credentials, Login):
        return find_caller(database, credentials, visitor)
    organization_id = organization_of(credentials.token)
    if organization_id is None:
        return None
    token = access.find_token(database, organization_id, hash_secret(credentials.token))
    return _caller(organization_id, token) if token else None


def authenticate_everywhere(database: Database, credentials: Credentials, caller: Caller) -> list[Caller]:
    """As whom a caller who was authenticated may act: a name and password may be those of users of several
    organizations."""
    return find_callers(database, credentials) if isinstance(credentials, Login) else [caller]


def authenticate_again(database: Database, shown: Sequence[Bearer]) -> list[Caller | None]:
    """Authenticate tokens that were good before, in one query for all of them. None stands for each token
    that is good no longer."""
    pairs = [(organization_of(bearer.token) or 0, hash_secret(bearer.token)) for bearer in shown]
    tokens = access.find_tokens(database, pairs)
    return [
        _caller(organization_id, token) if token else None
        for (organization_id, _), token in zip(pairs, tokens, strict=True)
    ]


def _caller(organization_id: int, token: Token) -> Caller:
    # A token of no user is the organization's own, which reaches everything in it.
    role = token.role or MANAGER
    scopes = frozenset(token.scopes)
    return Caller(
        organization_id,
        token.user_id,
        token.client_id,
        scopes,
        role,
        token.total_contacts,
        token.author_id,
    )


def grant(
    database: Database, shown: ClientSecret | Login, seconds: int, visitor: Visitor = NOWHERE
) -> Grant | None:
    """A new token for a client that shows its secret, or a user that shows a password; None for any other.
    Raises Refusal where that was tried too often."""
    if isinstance(shown, Login):
        return _grant_user(database, shown, seconds, visitor)
    granted = _grant_client(database, shown, seconds)
    if granted is None:
        client_has_failed(database, visitor, shown.client_id)
    return granted


def _grant_client(database: Database, shown: ClientSecret, seconds: int) -> Grant | None:
    client_id = shown.client_id
    organization_id = organization_of(client_id)
    if organization_id is None:
        return None
    with database.transaction(organization_id) as transaction:
        client = access.find_client(transaction, client_id)
        organization = access.find_organization(transaction)
        if not is_secret(shown.secret, client and client.secret_hash) or not client or not organization:
            return None
        access.delete_expired_tokens(transaction, client_id)
        token, now = new_token(organization_id), datetime.now(UTC)
        access.create_token(
            transaction, hash_secret(token), client_id=client_id, scopes=[EVERYTHING], seconds=seconds
        )
    return Grant(token, now, seconds, client_id, client.name, organization.name)


def _grant_user(database: Database, login: Login, seconds: int, visitor: Visitor) -> Grant | None:
    caller = authenticate(database, login, visitor)
    if caller is None:
        return None
    with database.transaction(caller.organization_id) as transaction:
        organization = access.find_organization(transaction)
        token, now = new_token(caller.organization_id), datetime.now(UTC)
        access.create_token(
            transaction, hash_secret(token), user_id=caller.user_id, scopes=[EVERYTHING], seconds=seconds
        )
    return Grant(token, now, seconds, "", "", organization.name if organization else "")
