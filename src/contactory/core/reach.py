"""Limits of a caller who does not reach everything: the commands that can be limited to the caller's own
records, and the rows whose records belong to another user."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.model.bulk import BulkWrite
from contactory.model.commands import Command, Delete, Find, Return, Search
from contactory.model.directory import (
    DeleteEntry,
    FindEntries,
    FindOrganization,
    FindUsers,
    ListEntries,
    SaveEntry,
)
from contactory.model.fields import Kind
from contactory.model.jobs import AcceptJob, CheckQuota, FailJob, FindJob, ListJobs, QueueJob, RunChunk
from contactory.model.problems import Code, Problem
from contactory.store.database import Transaction
from contactory.store.records import find_hidden


def has_owners(command: Command) -> bool:
    """Tell whether a command touches only things that have owners, to which row-level security limits it, and
    things that these need, such as users. A limited caller is refused any command that is not named here."""
    match command:
        case Find() | Search():
            return command.kind.has_owners and command.with_parent is None
        case BulkWrite() | Delete():
            return command.kind.has_owners
        case AcceptJob() | CheckQuota():
            return command.bulk.kind.has_owners
        case FindEntries() | ListEntries() | SaveEntry() | DeleteEntry():
            return True
        case FindJob() | ListJobs() | QueueJob() | RunChunk() | FailJob():
            return True
        case FindUsers() | FindOrganization() | Return():
            return True
        case _:
            return False


def not_owned(kind: Kind) -> Problem:
    """Return the problem of a record that belongs to another user than the one to whom the caller is
    limited."""
    return Problem(code=Code.NOT_OWNED, kind=kind.label)


def refuse_others(transaction: Transaction, kind: Kind, records: Sequence[int]) -> dict[int, Problem]:
    """Return a problem for each row whose record belongs to another user."""
    hidden = find_hidden(transaction, kind, records)
    return {row: not_owned(kind) for row, record in enumerate(records) if record in hidden}


def refuse_to_give(transaction: Transaction, kind: Kind, owners: Sequence[int | None]) -> dict[int, Problem]:
    """Return a problem for each row that names another user as the owner, where the caller is limited."""
    limit = transaction.actor.contacts_of
    if limit is None or not kind.has_owners:
        return {}
    return {row: not_owned(kind) for row, owner in enumerate(owners) if owner not in (None, 0, limit)}
