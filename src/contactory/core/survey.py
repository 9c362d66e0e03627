"""Resolve, for rows that are unread: their names first, some rows at a time, which the database looks for
while the next are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from contactory.core.attributes import Definitions
from contactory.core.digests import Digests, find_digests, find_repeated
from contactory.core.identities import Targets, find_targets, know, look_for_keys
from contactory.core.numberings import Numberings
from contactory.core.references import find_references
from contactory.core.resolve import Names
from contactory.model.bulk import BulkWrite, Keys, Reference, Unread
from contactory.model.problems import Problem
from contactory.store.database import Transaction
from contactory.store.schemes import Found


class Survey(NamedTuple):
    """`bulk`: the write with the names of all its rows. `repeated`: the rows that change nothing, with their
    records' ids."""

    bulk: BulkWrite
    names: Names
    digests: Digests
    targets: Targets
    repeated: dict[int, int]

    def targets_of(self, rows: Sequence[int]) -> Targets | None:
        """What some rows mean; None where that depends on what becomes of others."""
        return self.targets.take(rows) if self.names.known.apart else None

    def makers(self) -> list[int]:
        """The first row for each record to make, as far as that is known."""
        if not self.names.known.apart:
            return []
        return [row for row, target in enumerate(self.targets.records) if target == -row - 1]


def survey(transaction: Transaction, bulk: BulkWrite, unread: Unread) -> Survey:
    numberings = Numberings(transaction, bulk.kind)
    references: dict[Reference, int | Problem] = {}
    parts, digests, answers = list[BulkWrite](), list[bytes | None](), list[Callable[[], Found]]()
    for part, said in unread.names():
        named = set(filter(None, chain.from_iterable(part.references.values())))
        references |= find_references(transaction, named - references.keys())
        answers.append(look_for_keys(transaction, part, numberings, digests=True))
        digests += find_digests(part, said, references)
        parts.append(part)
    joined = join(bulk, parts)
    found = _put_together(answers)
    known = know(joined, numberings, lambda: found)
    targets = find_targets(joined, known, ())
    repeated = find_repeated(targets.records, found.digests, digests)
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


def _put_together(answers: Sequence[Callable[[], Found]]) -> Found:
    keys, scheme_ids, record_ids, digests = list[str](), list[int](), list[int](), dict[int, bytes]()
    for answer in answers:
        found = answer()
        keys += found.keys
        scheme_ids += found.scheme_ids
        record_ids += found.record_ids
        digests |= found.digests
    return Found(keys, scheme_ids, record_ids, digests)
