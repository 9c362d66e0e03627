"""Entries of the directory that are brought along with their numbers, many at once."""

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
    """Do what the command's docstring says, with five queries at most, however many entries there are."""
    given = command.entries
    numbers = [entry.number for entry in given]
    problems = {
        row: Problem(code=Code.BAD_ID, kind=entry.kind, key="id", value=str(entry.number))
        for row, entry in enumerate(given)
        if not 0 < entry.number <= LARGEST_GIVEN_ID
    }
    if problems:
        return Outcomes([Status.FAILED] * len(given), numbers, problems)
    records.lock_organization(transaction, exclusive=True)  # Nobody may be about to refer to what goes.
    kept = directory.find_kept(transaction, given)
    problems = _find_taken(given, kept)
    if problems:
        return Outcomes([Status.FAILED] * len(given), numbers, problems)
    directory.remove_furniture(transaction, given)
    directory.free_names(transaction, _find_exchanged(given, kept))
    written = directory.put_entries(transaction, given)
    statuses = [
        Status.UNCHANGED
        if (entry.kind, entry.number) not in written
        else Status.UPDATED
        if (entry.kind, entry.number) in kept
        else Status.CREATED
        for entry in given
    ]
    return Outcomes(statuses, numbers, {})


def _find_taken(given: Sequence[Entry], kept: NameOf) -> dict[int, Problem]:
    """The entries whose name is that of a stored one which is not given."""
    by_name = {(kind, name): number for (kind, number), name in kept.items()}
    named_anew = {(entry.kind, entry.number) for entry in given}
    problems = {}
    for row, entry in enumerate(given):
        number = by_name.get((entry.kind, entry.name), entry.number)
        if number != entry.number and (entry.kind, number) not in named_anew:
            problems[row] = Problem(
                code=Code.ALREADY_EXISTS, kind=entry.kind, key="name", field=entry.name, value=str(number)
            )
    return problems


def _find_exchanged(given: Sequence[Entry], kept: NameOf) -> list[tuple[str, int]]:
    """The stored entries whose present name becomes that of another one."""
    by_name = {(entry.kind, entry.name): entry.number for entry in given}
    return [
        (kind, number) for (kind, number), name in kept.items() if by_name.get((kind, name), number) != number
    ]
