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
        """Each scope stands for itself: writing does not include reading. One that is limited to what is the
        caller's `own`, or reaches all of the `company`, is that scope too."""
        granted = {"*", scope, f"{scope}:own", f"{scope}:company"}
        return not self.scopes or not granted.isdisjoint(self.scopes)

    def reaches_all(self, scope: str) -> bool:
        """Whether more than the caller's own is reached; where the scope does not say, the role does."""
        if f"{scope}:company" in self.scopes or f"{scope}:own" in self.scopes:
            return f"{scope}:company" in self.scopes
        return self.role == "manager"
