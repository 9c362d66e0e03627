"""The authorization server of one request, in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from contactory.access.oauth.clients import AUTH_METHODS, Client
from contactory.access.oauth.grants import Challenge, CodeGrant, RefreshGrant, Revocation
from contactory.access.oauth.request import Request
from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token, organization_of
from contactory.model.caller import MANAGER
from contactory.model.scopes import EVERYTHING, read_scopes, without_company
from contactory.store import access, oauth
from contactory.store.access import User
from contactory.store.database import Transaction
from contactory.store.oauth import ExchangeSecret

REFRESH_SECONDS: Final = 90 * 24 * 3600


class Answer(NamedTuple):
    """An HTTP response: its status, its body (to be sent as JSON, or "" for none) and its headers."""

    status: int
    body: Mapping[str, Any] | str
    headers: Mapping[str, str]


class _OwnTokens(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS


class Server(AuthorizationServer):
    def __init__(self, transaction: Transaction, scopes: Sequence[str], seconds: int) -> None:
        super().__init__(scopes_supported=scopes)
        self.transaction = transaction
        self._seconds = seconds
        self.register_token_generator("default", self._make_token)
        self.register_grant(CodeGrant, [Challenge()])
        self.register_grant(RefreshGrant)
        self.register_grant(_OwnTokens)
        self.register_endpoint(Revocation)

    def query_client(self, client_id: str) -> Client | None:
        if organization_of(client_id) is None:
            return None
        stored = access.find_client(self.transaction, client_id)
        return Client(stored) if stored else None

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Iterable[tuple[str, str]]) -> Answer:
        return Answer(status, body, {name.lower(): value for name, value in headers})

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Do nothing, since nobody subscribes to signals."""

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        """Store a token, and its refresh token if it has one, under the authorization that it came from."""
        transaction, client_id = self.transaction, request.client.client_id
        earlier: ExchangeSecret | None = request.authorization_code or request.refresh_token
        user: User | None = request.user
        access.delete_expired_tokens(transaction, client_id)
        access.create_token(
            transaction,
            hash_secret(token["access_token"]),
            user_id=user.id if user else None,
            client_id=client_id,
            scopes=read_scopes(token["scope"]),
            seconds=token["expires_in"],
            authorization_id=earlier.authorization_id if earlier else None,
        )
        if earlier and user and "refresh_token" in token:
            secret = ExchangeSecret(
                hash_secret(token["refresh_token"]),
                earlier.authorization_id,
                client_id,
                user.id,
                list(earlier.scopes),
            )
            oauth.add_secret(transaction, "refresh_token", secret, REFRESH_SECONDS)

    def _make_token(
        self,
        *,
        user: User | None = None,
        scope: str | None = None,
        include_refresh_token: bool = True,
        **_: Any,
    ) -> dict[str, Any]:
        token = {
            "token_type": "Bearer",
            "access_token": new_token(self.transaction.organization_id),
            "expires_in": self._seconds,
            "scope": " ".join(limited(read_scopes(scope) or [EVERYTHING], user.role if user else MANAGER)),
        }
        if include_refresh_token:
            token["refresh_token"] = new_token(self.transaction.organization_id)
        return token


def limited(scopes: Iterable[str], role: str) -> list[str]:
    """Return the scopes that a role may pass on: only a manager may pass on those of the whole company."""
    return list(scopes) if role == MANAGER else without_company(scopes)
