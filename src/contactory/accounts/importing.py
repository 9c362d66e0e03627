"""The import of a file, which is read twice: for its definitions and for errors of the file as a whole, and
then for its records, of which there may be millions, a slice at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from contactory.accounts.spool import CountedStream
from contactory.dialects.accounts import Account, Item, ItemsError
from contactory.model.bulk import Outcomes, Status
from contactory.model.commands import Command
from contactory.model.limits import MOST_DEFINITIONS, SLICE_ROWS
from contactory.model.problems import Code, Problem, Refusal

Execute = Callable[[Command], Any]


class Contents(msgspec.Struct):
    """The contents of a file: its definitions, and by resource the number of objects in it and at the
    vendor's (by its replies), and the organizations that objects name."""

    definitions: list[Item] = []
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    totals: dict[str, int] = {}
    organizations: dict[int, Item] = {}


def read_contents(account: Account, file: BinaryIO, advance: Callable[[int], None]) -> Contents:
    """Read a file to its end. `advance` is called with the number of bytes read.

    Raises DocumentError, or ItemsError where it has too many definitions or objects of several organizations.
    """
    found = Contents()
    file.seek(0)
    reading = account.read(CountedStream(file, advance))
    for item in reading:
        found.counts[item.resource] += 1
        if item.resource in account.definitions:
            found.definitions.append(item)
            if len(found.definitions) > MOST_DEFINITIONS:
                raise ItemsError([(item, f"the file has more than {MOST_DEFINITIONS} definitions.")])
        organization = account.organization_of(item)
        if organization is not None and organization not in found.organizations:
            found.organizations[organization] = item
            if len(found.organizations) > 1:
                first, second = found.organizations
                raise ItemsError([(item, f"it is of organization {second}, and the file of {first}.")])
    found.totals = dict(reading.totals)
    return found


def define(account: Account, definitions: Sequence[Item], execute: Execute) -> dict[str, Counter[Status]]:
    """Create or update all definitions, or none. Return their outcomes by resource. Raises ItemsError."""
    counts: dict[str, Counter[Status]] = {}
    if not definitions:
        return counts
    outcomes = execute(account.define(definitions))
    if outcomes.problems:
        raise ItemsError(
            [
                (definitions[row], account.describe(outcomes.problems[row], definitions[row]))
                for row in sorted(outcomes.problems)
            ]
        )
    for item, status in zip(definitions, outcomes.statuses, strict=True):
        counts.setdefault(item.resource, Counter())[status] += 1
    return counts


def write(
    account: Account,
    resource: str,
    file: BinaryIO,
    execute: Execute,
    advance: Callable[[int], None],
    refuse: Callable[[Item, str], None],
) -> Counter[Status]:
    """Write the records of a resource, each slice in a transaction of its own, and return their outcomes.

    `advance` is called with the number of records done, `refuse` with each refused record and the reason. A
    refused record does not affect the others.
    """
    file.seek(0)
    items = (item for item in account.read(file) if item.resource == resource)
    counts: Counter[Status] = Counter()
    while some := list(islice(items, SLICE_ROWS)):
        rows = list(_read(account, some, refuse))
        for item, status, problem in _write(account, resource, rows, execute):
            counts[status] += 1
            if problem is not None:
                refuse(item, account.describe(problem, item))
        counts[Status.FAILED] += len(some) - len(rows)
        advance(counts.total())
    return counts


def _read(
    account: Account, items: Sequence[Item], refuse: Callable[[Item, str], None]
) -> Iterator[tuple[Item, Any]]:
    for item in items:
        try:
            yield item, account.read_record(item)
        except ItemsError as error:
            for fault in error.faults:
                refuse(*fault)


def _write(
    account: Account, resource: str, rows: Sequence[tuple[Item, Any]], execute: Execute
) -> Iterator[tuple[Item, Status, Problem | None]]:
    """Write some rows. If they are refused as a whole, such as for too many names, try each half."""
    if not rows:
        return
    try:
        outcomes: Outcomes = execute(account.write(resource, [record for _, record in rows]))
    except Refusal as refusal:
        if refusal.problem.code is Code.QUOTA_EXCEEDED:
            raise
        if len(rows) == 1:
            yield rows[0][0], Status.FAILED, refusal.problem
            return
        for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            yield from _write(account, resource, half, execute)
        return
    for row, (item, _) in enumerate(rows):
        yield item, outcomes.statuses[row], outcomes.problems.get(row)
