"""Clients in the form that Authlib expects."""

from __future__ import annotations

from typing import Final

from authlib.oauth2.rfc6749 import ClientMixin

from contactory.access.secrets import is_secret
from contactory.model.scopes import EVERYTHING
from contactory.store import access

AUTH_METHODS: Final = ["client_secret_basic", "client_secret_post"]


class Client(ClientMixin):
    """A client, which always has a secret. Without a redirect URI it acts in its own name only."""

    def __init__(self, stored: access.Client) -> None:
        self.client_id, self.name = stored.client_id, stored.name
        self._secret_hash, self._redirect_uris = stored.secret_hash, stored.redirect_uris

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        return self._redirect_uris[0] if len(self._redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or EVERYTHING

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self._redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return is_secret(client_secret, self._secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        return method in AUTH_METHODS

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(self._redirect_uris) or grant_type == "client_credentials"
