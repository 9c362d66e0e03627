"""Credentials of a request become a caller, and credentials of a client or a user become a token."""

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
    """Return the caller that has these credentials, or None. Raises Refusal (TOO_MANY) when passwords of that
    name, or from that address, were wrong too often."""
    if isinstance(credentials, Login):
        return find_caller(database, credentials, visitor)
    organization_id = organization_of(credentials.token)
    if organization_id is None:
        return None
    token = access.find_token(database, organization_id, hash_secret(credentials.token))
    return _caller(organization_id, token) if token else None


def authenticate_everywhere(database: Database, credentials: Credentials, caller: Caller) -> list[Caller]:
    """Return all callers that an authenticated caller may act as: a name and password may be those of users
    of several organizations."""
    return find_callers(database, credentials) if isinstance(credentials, Login) else [caller]


def authenticate_again(database: Database, bearers: Sequence[Bearer]) -> list[Caller | None]:
    """Authenticate tokens that were valid before, in one query for all of them. Return None in place of each
    token that is no longer valid."""
    pairs = [(organization_of(bearer.token) or 0, hash_secret(bearer.token)) for bearer in bearers]
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
    database: Database, credentials: ClientSecret | Login, seconds: int, visitor: Visitor = NOWHERE
) -> Grant | None:
    """Make a token for a client with its secret, or for a user with a password. Return None when these are
    wrong. Raises Refusal (TOO_MANY) when they were wrong too often."""
    if isinstance(credentials, Login):
        return _grant_user(database, credentials, seconds, visitor)
    granted = _grant_client(database, credentials, seconds)
    if granted is None:
        client_has_failed(database, visitor, credentials.client_id)
    return granted


def _grant_client(database: Database, credentials: ClientSecret, seconds: int) -> Grant | None:
    client_id = credentials.client_id
    organization_id = organization_of(client_id)
    if organization_id is None:
        return None
    with database.transaction(organization_id) as transaction:
        client = access.find_client(transaction, client_id)
        organization = access.find_organization(transaction)
        is_right = is_secret(credentials.secret, client and client.secret_hash)
        if not is_right or not client or not organization:
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
