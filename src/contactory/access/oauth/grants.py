"""The exchange of codes and refresh tokens for access tokens.

A code or refresh token that is used twice has been stolen, so all tokens of that authorization are revoked.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID, uuid4

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge

from contactory.access.oauth.clients import AUTH_METHODS, Client
from contactory.access.oauth.request import Request
from contactory.access.secrets import hash_secret
from contactory.model.scopes import narrowed, read_scopes
from contactory.store import access, oauth
from contactory.store.access import User
from contactory.store.database import Transaction
from contactory.store.oauth import ExchangeSecret

CODE_SECONDS: Final = 60


class _Presented:
    """A code or refresh token that a client presented, in the form that Authlib expects."""

    def __init__(self, secret: ExchangeSecret) -> None:
        self.secret_hash, self.authorization_id = secret.secret_hash, secret.authorization_id
        self.user_id, self.client_id, self.scopes = secret.user_id, secret.client_id, secret.scopes
        self.code_challenge = secret.code_challenge
        self.code_challenge_method = secret.code_challenge_method or None
        self._redirect_uri = secret.redirect_uri

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_redirect_uri(self) -> str:
        return self._redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.scopes)


class CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def save_authorization_code(self, code: str, request: Request) -> None:
        parameters = request.payload.data
        secret = ExchangeSecret(
            hash_secret(code),
            uuid4(),
            request.client.client_id,
            request.user.id,
            read_scopes(request.scope),
            request.payload.redirect_uri or "",
            parameters.get("code_challenge") or "",
            parameters.get("code_challenge_method") or "",
        )
        oauth.add_secret(self.server.transaction, "code", secret, CODE_SECONDS)

    def query_authorization_code(self, code: str, client: Client) -> _Presented | None:
        return _show(self.server.transaction, "code", code, client)

    def delete_authorization_code(self, authorization_code: _Presented) -> None:
        oauth.use_secret(self.server.transaction, authorization_code.secret_hash)

    def authenticate_user(self, authorization_code: _Presented) -> User | None:
        return _find_user(self.server.transaction, authorization_code)


class Challenge(CodeChallenge):
    """PKCE, required of every client, with S256 only: a plain challenge is the secret itself."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        for name in ("code_challenge", "code_challenge_method"):
            if not grant.request.payload.data.get(name):
                raise InvalidRequestError(f"Missing '{name}'")
        super().validate_code_challenge(grant, redirect_uri)

    def validate_code_verifier(self, grant: CodeGrant, result: Any) -> None:
        if not grant.request.form.get("code_verifier"):
            raise InvalidRequestError("Missing 'code_verifier'")
        super().validate_code_verifier(grant, result)


class RefreshGrant(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def issue_token(self, user: User, refresh_token: _Presented) -> dict[str, str | int]:
        """Issue a token with the requested scopes, never more than the user allowed. No scope in the request
        means all that the user allowed."""
        requested = read_scopes(self.request.payload.scope) or refresh_token.scopes
        token: dict[str, str | int] = self.generate_token(
            user=user, scope=" ".join(narrowed(requested, refresh_token.scopes))
        )
        return token

    def authenticate_refresh_token(self, refresh_token: str) -> _Presented | None:
        return _show(self.server.transaction, "refresh_token", refresh_token, self.request.client)

    def authenticate_user(self, refresh_token: _Presented) -> User | None:
        return _find_user(self.server.transaction, refresh_token)

    def revoke_old_credential(self, refresh_token: _Presented) -> None:
        oauth.use_secret(self.server.transaction, refresh_token.secret_hash)


class _Issued(NamedTuple):
    """A token or a refresh token that a client wants to revoke."""

    secret_hash: bytes
    client_id: str
    authorization_id: UUID | None

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> _Issued | None:  # noqa: ARG002
        secret_hash = hash_secret(token_string)
        found = oauth.find_authorization(self.server.transaction, secret_hash)
        return _Issued(secret_hash, *found) if found else None

    def revoke_token(self, token: _Issued, request: Request) -> None:  # noqa: ARG002
        if token.authorization_id is None:
            access.delete_token(self.server.transaction, token.secret_hash)
        else:
            oauth.revoke(self.server.transaction, token.authorization_id)


def _show(transaction: Transaction, kind: str, text: str, client: Client) -> _Presented | None:
    secret = oauth.find_secret(transaction, kind, hash_secret(text))
    if secret is None or secret.client_id != client.client_id:
        return None
    if secret.used:
        oauth.revoke(transaction, secret.authorization_id)
        return None
    return _Presented(secret)


def _find_user(transaction: Transaction, presented: _Presented) -> User | None:
    found = access.find_users(transaction, [], [presented.user_id])
    return next((user for user in found if user.may_act), None)
