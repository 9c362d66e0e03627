"""Who is calling, and what a call shows to say so."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from contactory.model.scopes import COMPANY, EVERYTHING, OWN

MANAGER: Final = "manager"


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


class Author(NamedTuple):
    """Who wrote something: a user, a client, or a token of neither; 0: not known. The name is there when it
    was asked for."""

    id: int = 0
    name: str = ""


class Actor(NamedTuple):
    """Organization that a command is done for, and the limits of what is reached in it.

    reaches_all: whether it is everybody's; otherwise only commands that can be limited are done.
    contacts_of, lists_of: the user whose contacts and lists are reached, beside those of nobody (0); None:
    everybody's.
    total_contacts: how many contacts the organization may have; 0: no limit.
    author_id: who is noted as the Author of what is written.
    """

    organization_id: int
    reaches_all: bool = True
    contacts_of: int | None = None
    lists_of: int | None = None
    total_contacts: int = 0
    author_id: int = 0


class Caller(msgspec.Struct, frozen=True):
    organization_id: int
    user_id: int | None
    client_id: str | None
    scopes: frozenset[str]
    role: str
    total_contacts: int = 0  # as in Actor
    author_id: int = 0

    def may(self, scope: str) -> bool:
        """Each scope stands for itself: writing does not include reading. One that is limited to what is the
        caller's `own`, or reaches all of the `company`, is that scope too."""
        granted = {EVERYTHING, scope, f"{scope}{OWN}", f"{scope}{COMPANY}"}
        return not granted.isdisjoint(self.scopes)

    def reaches_all(self, scope: str) -> bool:
        """Whether more than the caller's own is reached; where the scope does not say, the role does."""
        if not self.may(scope):
            return False
        if f"{scope}{COMPANY}" in self.scopes or f"{scope}{OWN}" in self.scopes:
            return f"{scope}{COMPANY}" in self.scopes
        return self.role == MANAGER

    def acting(self, scope: str) -> Actor:
        """The caller in a call that asks for `scope`, such as contacts:write. Contacts and lists are reached
        as far as the scopes for the same act say, and where they say nothing, as far as this one."""
        act = scope.partition(":")[2]

        def limit(what: str) -> int | None:
            asked = f"{what}:{act}"
            return None if self.reaches_all(asked if self.may(asked) else scope) else self.user_id or 0

        return Actor(
            self.organization_id,
            self.reaches_all(scope),
            limit("contacts"),
            limit("lists"),
            self.total_contacts,
            self.author_id,
        )
