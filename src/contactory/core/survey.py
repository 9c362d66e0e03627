"""Resolve, for rows that are unread: their names first, some rows at a time, which the database looks for
while the next are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from contactory.columns.column import RowNumbers, RowSelection
from contactory.core.attributes import Definitions
from contactory.core.awaited import find_awaited
from contactory.core.digests import Digests, find_digests, find_repeated, no_digests
from contactory.core.identities import find_targets, know, look_for_keys
from contactory.core.numberings import Numberings
from contactory.core.references import find_references, missing
from contactory.core.resolve import Names
from contactory.core.targets import Targets, made_by
from contactory.model.bulk import BulkWrite, Keys, Reference, References, Unread
from contactory.model.problems import Problem
from contactory.store.database import Transaction
from contactory.store.schemes import Found

_LAG: Final = 2  # parts that are read while the database looks for one
_RARELY: Final = 8
_SAMPLE: Final = 200  # rows
_FEW: Final = 500  # rows, which are written before another processor would be of use


class Survey(NamedTuple):
    """`bulk`: the write with the names of all its rows. `repeated`: which rows change nothing."""

    bulk: BulkWrite
    names: Names
    targets: Targets
    repeated: npt.NDArray[np.bool_]

    def targets_of(self, rows: RowSelection) -> Targets | None:
        """What some rows mean; None where that depends on what becomes of others."""
        return self.targets.take(rows) if self.names.known.apart else None

    def makers(self) -> RowNumbers:
        """The first row for each record to make, as far as that is known."""
        records = self.targets.records
        makes = self.bulk.may_create and self.names.known.apart
        return np.flatnonzero(records == made_by(np.arange(len(records))) if makes else ())


@dataclass(frozen=True)
class _Look:
    """Names of some rows, which the database looks for while the next are read."""

    part: BulkWrite
    answer: Callable[[], Found]
    say: Callable[[RowSelection], bytes]
    references: Mapping[Reference, int | Problem]
    is_for_digests: bool
    is_repeating: bool

    @cached_property
    def found(self) -> Found:
        return self.answer()

    @cached_property
    def digests(self) -> Digests:
        return self._digests_of(range(self.part.count))

    @cached_property
    def has_repeated(self) -> bool:
        """As far as some of the rows tell; all are looked at where they are likely to be repeated."""
        stored = self.found.digests
        if not len(stored):
            return False
        some = np.arange(0, self.part.count, max(self.part.count // _SAMPLE, 1))
        digests = self.digests if self.is_repeating else self._digests_of(some)
        return bool(np.isin(digests[:, 0], stored[:, 0]).any())

    def _digests_of(self, rows: RowSelection) -> Digests:
        return find_digests(self.part.take(rows), self.say(rows), self.references)


def survey(transaction: Transaction, bulk: BulkWrite, unread: Unread) -> Survey:
    numberings = Numberings(transaction, bulk.kind)
    references: dict[Reference, int | Problem] = {}
    looks = list[_Look]()
    for part, say in unread.names():
        if part.count > _FEW:
            transaction.go_side_by_side()
        named = set(filter(None, chain.from_iterable(column.named for column in part.references.values())))
        references |= find_references(transaction, named - references.keys())
        is_repeating = _is_repeating(looks)
        is_for_digests = is_repeating or len(looks) < _LAG or len(looks) % _RARELY == 0
        answer = look_for_keys(transaction, part, numberings, digests=is_for_digests)
        look = _Look(part, answer, say, references, is_for_digests, is_repeating)
        looks.append(look)
        if is_repeating:
            # They are going to be asked for; the database is busy, and the rows are at hand.
            _ = look.digests
    joined = join(bulk, [look.part for look in looks])
    found = Found.join([look.found for look in looks])
    known = know(joined, numberings, lambda: found)
    awaited = find_awaited(joined, known)
    if awaited:  # Nothing tells beforehand what rows with such references mean, not even their digests.
        known = known._replace(apart=False)
        references |= {reference: missing(reference) for reference in awaited}
    targets = find_targets(joined, known, ())
    repeated = np.zeros(joined.count, bool)
    if any(look.has_repeated for look in looks):
        digested = [look.digests if look.has_repeated else no_digests(look.part.count) for look in looks]
        repeated = find_repeated(targets.records, found, np.concatenate(digested))
    for column in joined.references.values() if awaited else ():
        repeated &= ~np.array([named in awaited for named in column.named], bool)[column.number_of]
    return Survey(joined, Names(references, known, Definitions(), awaited), targets, repeated)


def _is_repeating(looks: Sequence[_Look]) -> bool:
    """Whether rows were repeated in the last look for digests that the database has had time for. They take
    it longer than keys; so where none were, only every eighth is for digests."""
    looked = [look for look in looks[: max(len(looks) - _LAG + 1, 0)] if look.is_for_digests]
    return bool(looked) and looked[-1].has_repeated


def join(bulk: BulkWrite, parts: Sequence[BulkWrite]) -> BulkWrite:
    """The names of some rows after those of others."""
    fields = dict.fromkeys(chain.from_iterable(part.references for part in parts))
    references = {
        field: References.join([part.references.get(field) or References.none(part.count) for part in parts])
        for field in fields
    }
    keys = Keys.join([part.keys for part in parts if part.keys])
    return replace(bulk, count=sum(part.count for part in parts), keys=keys, references=references)
