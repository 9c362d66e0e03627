"""Who is calling, and what a call shows to say so."""

from __future__ import annotations

import msgspec


class Bearer(msgspec.Struct, frozen=True):
    """A token that was issued before."""

    token: str


class Login(msgspec.Struct, frozen=True):
    """A user's name (an e-mail) and password, sent with the call."""

    name: str
    password: str


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
