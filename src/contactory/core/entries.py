"""Entries of the directory that an import brings with their numbers, many at once."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.model.bulk import Outcomes, Status
from contactory.model.directory import Entry, PutEntries
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Problem
from contactory.store import directory, records
from contactory.store.database import Transaction
from contactory.store.directory import NameOf


def put_entries(transaction: Transaction, command: PutEntries) -> Outcomes:
    """Run PutEntries, with five queries at most, however many entries there are."""
    given = command.entries
    numbers = [entry.number for entry in given]
    problems = {
        row: Problem(code=Code.BAD_ID, kind=entry.kind, key="id", value=str(entry.number))
        for row, entry in enumerate(given)
        if not 0 < entry.number <= LARGEST_GIVEN_ID
    }
    if problems:
        return Outcomes([Status.FAILED] * len(given), numbers, problems)
    records.lock_organization(
        transaction, exclusive=True
    )  # No other write may be about to refer to an entry that is removed.
    stored = directory.find_matching_entries(transaction, given)
    problems = _find_taken(given, stored)
    if problems:
        return Outcomes([Status.FAILED] * len(given), numbers, problems)
    directory.remove_seed_entries(transaction, given)
    directory.free_names(transaction, _find_renamed(given, stored))
    written = directory.put_entries(transaction, given)
    statuses = [
        Status.UNCHANGED
        if (entry.kind, entry.number) not in written
        else Status.UPDATED
        if (entry.kind, entry.number) in stored
        else Status.CREATED
        for entry in given
    ]
    return Outcomes(statuses, numbers, {})


def _find_taken(given: Sequence[Entry], stored: NameOf) -> dict[int, Problem]:
    """Return a problem for each entry with the name of a stored one that is not given."""
    by_name = {(kind, name): number for (kind, number), name in stored.items()}
    given_numbers = {(entry.kind, entry.number) for entry in given}
    problems = {}
    for row, entry in enumerate(given):
        number = by_name.get((entry.kind, entry.name), entry.number)
        if number != entry.number and (entry.kind, number) not in given_numbers:
            problems[row] = Problem(
                code=Code.ALREADY_EXISTS, kind=entry.kind, key="name", field=entry.name, value=str(number)
            )
    return problems


def _find_renamed(given: Sequence[Entry], stored: NameOf) -> list[tuple[str, int]]:
    """Find the stored entries whose name another given entry gets."""
    by_name = {(entry.kind, entry.name): entry.number for entry in given}
    return [
        (kind, number)
        for (kind, number), name in stored.items()
        if by_name.get((kind, name), number) != number
    ]
