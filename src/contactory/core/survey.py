"""Resolve, for rows that are unread: their names first, some rows at a time, which the database looks for
while the next are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from contactory.core.attributes import Definitions
from contactory.core.digests import Digests, find_digests, find_repeated
from contactory.core.identities import Targets, find_targets, know, look_for_keys, made_by
from contactory.core.numberings import Numberings
from contactory.core.references import find_references
from contactory.core.resolve import Names
from contactory.model.bulk import BulkWrite, Keys, Reference, Unread
from contactory.model.packed import RowNumbers
from contactory.model.problems import Problem
from contactory.store.database import Transaction
from contactory.store.schemes import Found

_LAG: Final = 2  # parts that are read while the database looks for one
_RARELY: Final = 8


class Survey(NamedTuple):
    """`bulk`: the write with the names of all its rows. `repeated`: which rows change nothing."""

    bulk: BulkWrite
    names: Names
    digests: Digests
    targets: Targets
    repeated: npt.NDArray[np.bool_]

    def targets_of(self, rows: Sequence[int] | RowNumbers) -> Targets | None:
        """What some rows mean; None where that depends on what becomes of others."""
        return self.targets.take(rows) if self.names.known.apart else None

    def makers(self) -> RowNumbers:
        """The first row for each record to make, as far as that is known."""
        records = self.targets.records
        return np.flatnonzero(records == made_by(np.arange(len(records))) if self.names.known.apart else ())


class _Looks:
    """The parts of the rows whose keys and digests are looked for."""

    def __init__(self) -> None:
        self.digests = list[Digests]()
        self.answers = list[Callable[[], Found]]()
        self._with_digests = list[int]()

    def is_for_digests(self) -> bool:
        """Whether the next one is: they take the database longer than the keys. So where there were no
        repeated rows in the last part for which it has had time, only every eighth is."""
        number = len(self.answers)
        if number % _RARELY and number >= _LAG:
            last = max(look for look in self._with_digests if look <= number - _LAG)
            stored = self.answers[last]().digests
            if not np.isin(self.digests[last][:, 0], stored[:, 0]).any():
                return False
        self._with_digests.append(number)
        return True


def survey(transaction: Transaction, bulk: BulkWrite, unread: Unread) -> Survey:
    numberings = Numberings(transaction, bulk.kind)
    references: dict[Reference, int | Problem] = {}
    parts, looks = list[BulkWrite](), _Looks()
    for part, said in unread.names():
        named = set(filter(None, chain.from_iterable(part.references.values())))
        references |= find_references(transaction, named - references.keys())
        look = look_for_keys(transaction, part, numberings, digests=looks.is_for_digests())
        looks.answers.append(cache(look))
        looks.digests.append(find_digests(part, said, references))
        parts.append(part)
    joined = join(bulk, parts)
    found = Found.join([answer() for answer in looks.answers])
    known = know(joined, numberings, lambda: found)
    targets = find_targets(joined, known, ())
    digests = np.concatenate(looks.digests)
    repeated = find_repeated(targets.records, found, digests)
    return Survey(joined, Names(references, known, Definitions()), digests, targets, repeated)


def join(bulk: BulkWrite, parts: Sequence[BulkWrite]) -> BulkWrite:
    """The names of some rows after those of others."""
    fields = dict.fromkeys(chain.from_iterable(part.references for part in parts))
    references = {
        field: [*chain.from_iterable(part.references.get(field, [None] * part.count) for part in parts)]
        for field in fields
    }
    keys = Keys.join([part.keys for part in parts if part.keys])
    return replace(bulk, count=sum(part.count for part in parts), keys=keys, references=references)
