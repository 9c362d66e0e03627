"""Scopes: the rights of a token.

`*` is everything that its owner may do. A set of scopes is never empty, so that an empty value cannot be
taken for both "none" and "all".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

EVERYTHING: Final = "*"
OWN: Final = ":own"
COMPANY: Final = ":company"

# Scopes on things that users own, each also with `:own` (the caller's own only) and `:company` (all users').
_OWNED: Final = ("contacts:read", "contacts:write", "lists:read", "lists:write")
_OTHERS: Final = (
    "users:read",
    *(
        f"{resource}:{act}"
        for resource in ("companies", "customers", "attributes")
        for act in ("read", "write")
    ),
)
SCOPES: Final = (
    EVERYTHING,
    *(f"{scope}{reach}" for scope in _OWNED for reach in ("", OWN, COMPANY)),
    *_OTHERS,
)


def read_scopes(text: str | None) -> list[str]:
    """Return the scopes in a text, each once, separated by any white space; none where it is blank."""
    return list(dict.fromkeys((text or "").split()))


def unknown(scopes: Iterable[str]) -> list[str]:
    """Return the scopes that no API has."""
    return [scope for scope in scopes if scope not in SCOPES]


def without_company(scopes: Iterable[str]) -> list[str]:
    """Return the scopes, with `:own` in place of `:company`."""
    return [scope.removesuffix(COMPANY) + OWN if scope.endswith(COMPANY) else scope for scope in scopes]


def narrowed(requested: Iterable[str], consent: Iterable[str]) -> list[str]:
    """Return the requested scopes of a consent, with those others of it that limit them: `:own` beside a
    wider scope is kept, so that a request for fewer scopes never reaches more."""
    narrow = list(requested)
    limits = (scope for scope in consent if scope.endswith(OWN) and scope not in narrow)
    return narrow + [scope for scope in limits if {EVERYTHING, scope.removesuffix(OWN)} & {*narrow}]
