"""Callers, the credentials of a call, and the actors that commands run for."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from contactory.model.scopes import COMPANY, EVERYTHING, OWN

MANAGER: Final = "manager"


class Bearer(msgspec.Struct, frozen=True):
    """Access token as credentials."""

    token: str


class Login(msgspec.Struct, frozen=True):
    """A user's name (an e-mail) and password as credentials. Where several organizations have such a user, it
    is the one in `organization_id`, or else the first."""

    name: str
    password: str
    organization_id: int = 0


class ClientSecret(msgspec.Struct, frozen=True):
    """Credentials of a program that requests a token."""

    client_id: str
    secret: str


Credentials = Bearer | Login


class Author(NamedTuple):
    """Author of a change: a user, a client, or a token of neither; 0: unknown. `name` is set only if
    requested."""

    id: int = 0
    name: str = ""


class Actor(NamedTuple):
    """Organization that a command runs for, and the limits of what it reaches there.

    reaches_all: True if it reaches the records of all users; otherwise only commands that can be limited run.
    contacts_of, lists_of: the user whose contacts and lists are reached, beside those without an owner (0:
    only those); None: those of all users.
    total_contacts: quota of contacts of the organization; 0: no limit.
    author_id: id of the Author of what is written.
    """

    organization_id: int
    reaches_all: bool = True
    contacts_of: int | None = None
    lists_of: int | None = None
    total_contacts: int = 0
    author_id: int = 0


class Caller(msgspec.Struct, frozen=True):
    """Authenticated caller, with the rights of its credentials."""

    organization_id: int
    user_id: int | None
    client_id: str | None
    scopes: frozenset[str]
    role: str
    total_contacts: int = 0  # as in Actor
    author_id: int = 0

    def may(self, scope: str) -> bool:
        """Tell whether the caller has a scope. A scope includes no other: writing does not include reading. A
        scope with the suffix `:own` or `:company` counts, too."""
        granted = {EVERYTHING, scope, f"{scope}{OWN}", f"{scope}{COMPANY}"}
        return not granted.isdisjoint(self.scopes)

    def reaches_all(self, scope: str) -> bool:
        """Tell whether the caller reaches more than their own records with a scope: by its suffix, or else by
        the caller's role."""
        if not self.may(scope):
            return False
        if f"{scope}{COMPANY}" in self.scopes or f"{scope}{OWN}" in self.scopes:
            return f"{scope}{COMPANY}" in self.scopes
        return self.role == MANAGER

    def actor_for(self, scope: str) -> Actor:
        """Return the actor of a call that needs `scope`, such as contacts:write. Contacts and lists are
        limited by the caller's scopes for the same act, or by `scope` where there is none."""
        act = scope.partition(":")[2]

        def limit(resource: str) -> int | None:
            own_scope = f"{resource}:{act}"
            return (
                None if self.reaches_all(own_scope if self.may(own_scope) else scope) else self.user_id or 0
            )

        return Actor(
            self.organization_id,
            self.reaches_all(scope),
            limit("contacts"),
            limit("lists"),
            self.total_contacts,
            self.author_id,
        )
