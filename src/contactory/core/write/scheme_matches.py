"""Resolve: the schemes that rows name, and the stored schemes in which their keys may be found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contactory.model.fields import Kind
from contactory.model.keys import Scheme
from contactory.model.limits import SCHEMES
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import schemes
from contactory.store.database import Transaction


class SchemeMatch(NamedTuple):
    """A scheme as rows name it: the ids of the stored schemes in which its keys may be found, and the one in
    which a new key is stored."""

    accepted: tuple[int, ...]
    default: int


class SchemeMatches:
    """Matches of the schemes that rows name, each looked up once."""

    def __init__(self, transaction: Transaction, kind: Kind) -> None:
        self._transaction = transaction
        self._kind = kind
        self._found: dict[Scheme, SchemeMatch] = {}

    def find(self, wanted: Sequence[Scheme]) -> list[SchemeMatch]:
        """Return the match of each scheme; schemes that are not stored yet are added.

        A new scheme may also be accepted by schemes that were looked up before, so all are looked up again.
        Raises Refusal (TOO_MANY_SCHEMES) where the organization would have more schemes than it may.
        """
        if any(scheme not in self._found for scheme in wanted):
            named = list(dict.fromkeys([*self._found, *wanted]))
            found = _find_matches(self._transaction, self._kind, named)
            self._found = dict(zip(named, found, strict=True))
        return [self._found[scheme] for scheme in wanted]


def _find_matches(transaction: Transaction, kind: Kind, wanted: Sequence[Scheme]) -> list[SchemeMatch]:
    defaults = [(scheme.system, scheme.name, scheme.new_qualifier) for scheme in wanted]
    names = {scheme.name for scheme in wanted}
    stored = schemes.find_schemes(transaction, kind, names)
    missing = set(defaults) - {(scheme.system, scheme.name, scheme.qualifier) for scheme in stored}
    if missing:
        schemes.add_schemes(transaction, kind, missing)
        stored = schemes.find_schemes(transaction, kind, names)
    ids = {(scheme.system, scheme.name, scheme.qualifier): scheme.id for scheme in stored}
    if unknown := missing - ids.keys():
        raise Refusal(Problem(code=Code.TOO_MANY_SCHEMES, key=min(unknown)[1], value=str(SCHEMES)))
    by_name: dict[tuple[str, str], list[int]] = {}
    for scheme in stored:
        by_name.setdefault((scheme.system, scheme.name), []).append(scheme.id)
    return [
        SchemeMatch(
            tuple(by_name[default[:2]]) if scheme.qualifier is None else (ids[default],), ids[default]
        )
        for scheme, default in zip(wanted, defaults, strict=True)
    ]
