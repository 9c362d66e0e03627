"""Who is calling, and what a call shows to say so."""

from __future__ import annotations

import msgspec


class Bearer(msgspec.Struct, frozen=True):
    """A token that was issued before."""

    token: str


class Login(msgspec.Struct, frozen=True):
    """A user's name (an e-mail) and password, sent with the call. Where several organizations have such a
    user, it is the one in `organization_id`, or else the first."""

    name: str
    password: str
    organization_id: int = 0


class ClientSecret(msgspec.Struct, frozen=True):
    """What a program shows for a token."""

    client_id: str
    secret: str


Credentials = Bearer | Login


class Caller(msgspec.Struct, frozen=True):
    organization_id: int
    user_id: int | None
    client_id: str | None
    scopes: frozenset[str]  # none: everything that the role may do
    role: str

    def may(self, scope: str) -> bool:
        """Each scope stands for itself: writing does not include reading."""
        return not self.scopes or scope in self.scopes
