"""The write: resolve, plan, apply, in one transaction. Every dialect's rows come through here."""

from __future__ import annotations

from itertools import chain
from typing import Final

import numpy as np

from contactory.columns.column import Ids, RowNumbers, RowSelection
from contactory.core.apply import apply, claim, renew_digests
from contactory.core.digests import Digests, find_digests, no_digests, written_as
from contactory.core.outcomes import Part, collect
from contactory.core.parts import split
from contactory.core.plan import make_plan
from contactory.core.quotas import check_total
from contactory.core.resolve import Resolved, find_names, resolve
from contactory.core.secrets import Seal
from contactory.core.survey import Survey, survey
from contactory.model.bulk import BulkWrite, Outcomes, Unread
from contactory.store import records
from contactory.store.creation import NewRecords
from contactory.store.database import Transaction
from contactory.store.errors import Contended

SAMPLE: Final = 100  # rows


def write(
    transaction: Transaction, bulk: BulkWrite, seal: Seal | None = None, *, alone: bool = False
) -> Outcomes:
    """Create or update every row that can be written, and say what became of each.

    Raises Contended when another write creates one of the keys, or locks the records, at the same moment.
    Done again in a new transaction, `alone` among the organization's writes, it finds what that one has
    left, and cannot be too late again. That it was too late may also be told by the end of the transaction.
    A write that takes keys from known records is always alone.
    """
    records.take_turn(transaction, alone=alone)
    targets, parts = _write_parts(transaction, bulk, seal, alone=alone)
    check_total(transaction, bulk.kind, sum(len(part.plan.creates) for part in parts))
    return collect(targets, parts)


def _write_parts(
    transaction: Transaction, bulk: BulkWrite, seal: Seal | None, *, alone: bool
) -> tuple[Ids, list[Part]]:
    """What the rows mean, and what was written."""
    if bulk.unread is None:
        new = NewRecords(transaction, bulk.kind, bulk.count)
        resolved = resolve(transaction, bulk, find_names(transaction, bulk), seal)
        unknown = no_digests(bulk.count)
        if resolved.targets.changes and resolved.targets.changes.dropped and not alone:
            raise Contended  # Whoever looks for a key that is given up must find it before or after.
        part = _write_part(transaction, bulk, range(bulk.count), resolved, unknown, new)
        return resolved.targets.records, [part]
    found = survey(transaction, bulk, bulk.unread)
    new, makers = NewRecords(transaction, bulk.kind, found.bulk.count), found.makers()
    if len(makers) and bulk.unread.has_attributes:
        _look_up_attributes(transaction, bulk.unread, found, makers[:SAMPLE])
    identities = claim(found.bulk, found.targets, makers, new)
    new.make_known(identities)
    parts = []
    for number, rows in enumerate(split(found)):
        if number:
            transaction.go_side_by_side()
        part_of = bulk.unread.read(rows, found.bulk.take(rows))
        resolved = resolve(transaction, part_of, found.names, seal, found.targets_of(rows))
        digests = find_digests(part_of, bulk.unread.say(rows), found.names.references)
        said = written_as(part_of, digests)
        parts.append(_write_part(transaction, part_of, rows, resolved, said, new))
    if any(part.plan.problems for part in parts):
        made = np.concatenate([part.created() for part in parts])
        new.forget(identities.take(np.flatnonzero(~np.isin(identities.record_ids, made))))
    if bulk.unread.renews_digests:
        renew_digests(transaction, bulk.kind, chain.from_iterable(part.applied.updates for part in parts))
    return found.targets.records, parts


def _look_up_attributes(transaction: Transaction, unread: Unread, found: Survey, rows: RowNumbers) -> None:
    """Those of some rows, which probably are those of all: while keys are taken, nothing can be looked up."""
    sample = unread.read(rows, found.bulk.take(rows))
    found.names.definitions.look_up(transaction, sample.attributes.values())


def _write_part(
    transaction: Transaction,
    bulk: BulkWrite,
    rows: RowSelection,
    resolved: Resolved,
    digests: Digests,
    new: NewRecords,
) -> Part:
    """Some `rows` of a call, which are all that `bulk` has."""
    plan = make_plan(bulk, resolved)
    applied = apply(transaction, bulk, resolved, plan, digests, new)
    return Part(rows, resolved.targets.records, plan, new.ids, applied)
