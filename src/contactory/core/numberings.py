"""Resolve: the schemes that rows name, and those in which their keys may be found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from contactory.model.bulk import Scheme
from contactory.model.fields import Kind
from contactory.model.limits import SCHEMES
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import schemes
from contactory.store.database import Transaction


class Numbering(NamedTuple):
    """A scheme as rows name it: where its keys may be found, and where a new one is put."""

    accepted: tuple[int, ...]
    home: int


class Numberings:
    """The schemes that rows name, each looked up once."""

    def __init__(self, transaction: Transaction, kind: Kind) -> None:
        self._transaction = transaction
        self._kind = kind
        self._found: dict[Scheme, Numbering] = {}

    def of(self, wanted: Sequence[Scheme]) -> list[Numbering]:
        """What is new may be meant by schemes that were looked up before, too: so all are looked up again."""
        if any(scheme not in self._found for scheme in wanted):
            named = list(dict.fromkeys([*self._found, *wanted]))
            found = _find_numberings(self._transaction, self._kind, named)
            self._found = dict(zip(named, found, strict=True))
        return [self._found[scheme] for scheme in wanted]


def _find_numberings(transaction: Transaction, kind: Kind, wanted: Sequence[Scheme]) -> list[Numbering]:
    homes = [(scheme.system, scheme.name, scheme.home_qualifier) for scheme in wanted]
    names = {scheme.name for scheme in wanted}
    stored = schemes.find_schemes(transaction, kind, names)
    missing = set(homes) - {(scheme.system, scheme.name, scheme.qualifier) for scheme in stored}
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
        Numbering(tuple(by_name[home[:2]]) if scheme.qualifier is None else (ids[home],), ids[home])
        for scheme, home in zip(wanted, homes, strict=True)
    ]
