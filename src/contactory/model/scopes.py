"""The words in which a token says what it may do.

`*` is everything that its owner may do. A set of scopes is never empty, so that no value means both "none"
and "all".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

EVERYTHING: Final = "*"
OWN: Final = ":own"
COMPANY: Final = ":company"

# Acts on what users own, each also with `:own` (the caller's own only) and `:company` (everybody's).
_OWNED: Final = ("contacts:read", "contacts:write", "lists:read", "lists:write")
_OTHERS: Final = (
    "users:read",
    *(f"{what}:{act}" for what in ("companies", "customers", "attributes") for act in ("read", "write")),
)
SCOPES: Final = (
    EVERYTHING,
    *(f"{scope}{reach}" for scope in _OWNED for reach in ("", OWN, COMPANY)),
    *_OTHERS,
)


def read_scopes(text: str | None) -> list[str]:
    """The scopes that a text names, each once, with any white space between; none where it is blank."""
    return list(dict.fromkeys((text or "").split()))


def unknown(scopes: Iterable[str]) -> list[str]:
    """Find the scopes that mean nothing to any API."""
    return [scope for scope in scopes if scope not in SCOPES]


def without_company(scopes: Iterable[str]) -> list[str]:
    """Return the scopes, limited to the user's own where they reach all of the company."""
    return [scope.removesuffix(COMPANY) + OWN if scope.endswith(COMPANY) else scope for scope in scopes]


def narrowed(asked: Iterable[str], consent: Iterable[str]) -> list[str]:
    """Some scopes of a consent, with those others of it that limit them: `:own` beside a wider word is kept,
    so that whoever asks for less never reaches more."""
    given = list(asked)
    limits = (scope for scope in consent if scope.endswith(OWN) and scope not in given)
    return given + [scope for scope in limits if {EVERYTHING, scope.removesuffix(OWN)} & {*given}]
