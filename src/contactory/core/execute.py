"""Execution of any command in one transaction, after a check that its actor may run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple, TypeVar, assert_never

from contactory.core.define import define, find_definition
from contactory.core.delete import delete, remove_from_set
from contactory.core.directory import find_organization, find_users, run_directory_command
from contactory.core.entries import put_entries
from contactory.core.jobs import accept, check_quota, fail, run_chunk
from contactory.core.reach import has_owners
from contactory.core.read import find, list_values, search
from contactory.core.write import write
from contactory.core.write.secrets import Decrypt, Encrypt
from contactory.model.bulk import BulkWrite
from contactory.model.caller import Actor
from contactory.model.commands import (
    Chain,
    Command,
    DefineAttributes,
    Delete,
    DeleteAttribute,
    Find,
    FindAttribute,
    FindIdentities,
    ListAttributes,
    ListValues,
    RemoveFromSet,
    Result,
    Return,
    Search,
)
from contactory.model.directory import (
    DeleteEntry,
    FindEntries,
    FindOrganization,
    FindUsers,
    ListEntries,
    PutEntries,
    SaveEntry,
)
from contactory.model.jobs import AcceptJob, CheckQuota, FailJob, FindJob, ListJobs, QueueJob, RunChunk
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import jobs, records
from contactory.store.attributes import delete_definition, list_definitions
from contactory.store.database import Database, Transaction
from contactory.store.errors import Contended
from contactory.store.reading import read_identities

MAX_ATTEMPTS: Final = 5

# Commands that only read: the caller is not at fault if a stored value is wrong.
_READING: Final = (
    *(Find, FindIdentities, Search, ListValues, FindAttribute, ListAttributes, FindEntries, ListEntries),
    *(FindJob, ListJobs),
)

Encoded = TypeVar("Encoded")


class Encryption(NamedTuple):
    """Functions that encrypt and decrypt secret fields; without a key there is no `encrypt`."""

    encrypt: Encrypt | None
    decrypt: Decrypt


def execute(
    database: Database,
    encryption: Encryption,
    actor: Actor,
    command: Command,
    *,
    supports_owners: bool = False,
) -> Result:
    """Run a command for an actor, commit, and return its result. Raises Refusal, or a StoreError.

    supports_owners: whether the command is that of a call that can be limited to the caller's own records.
    """
    return execute_encoded(
        database, encryption, actor, command, lambda result: result, supports_owners=supports_owners
    )


def execute_encoded(
    database: Database,
    encryption: Encryption,
    actor: Actor,
    command: Command,
    encode: Callable[[Result], Encoded],
    *,
    supports_owners: bool = False,
) -> Encoded:
    """Run a command as `execute` does, and encode its result while the database is still busy. Return the
    encoded result after the commit.

    Where another transaction was first (Contended), the command runs again, with the organization locked
    exclusively. `encode` may be called several times.
    """
    check_reach(actor, supports_owners=supports_owners)
    with database.in_time():
        for attempt in range(1, MAX_ATTEMPTS):
            with suppress(Contended), database.transaction_of(actor) as transaction:
                if attempt > 1:
                    # This comes before any lock that others wait for.
                    records.lock_organization(transaction, exclusive=True)
                return encode(_execute(transaction, encryption, command, exclusive=attempt > 1))
        with database.transaction_of(actor) as transaction:
            records.lock_organization(transaction, exclusive=True)
            return encode(_execute(transaction, encryption, command, exclusive=True))


class _UndoneError(Exception):
    """End of a rehearsal."""


@contextmanager
def rehearse(
    database: Database, encryption: Encryption, actor: Actor
) -> Iterator[Callable[[Command], Result]]:
    """Yield a function that runs commands in one transaction, which is rolled back at the end. A command that
    is refused is rolled back alone. Raises Contended where another transaction was first."""
    with suppress(_UndoneError), database.transaction_of(actor) as transaction:

        def run(command: Command) -> Result:
            with transaction.savepoint():
                return _execute(transaction, encryption, command, exclusive=True)

        yield run
        raise _UndoneError


def check_reach(actor: Actor, *, supports_owners: bool) -> None:
    """Raise Refusal (REACHES_OWN_ONLY) for an actor who does not reach everything, unless the command can be
    limited to the caller's own records."""
    if not actor.reaches_all and not supports_owners:
        raise Refusal(Problem(code=Code.REACHES_OWN_ONLY))


def _execute(
    transaction: Transaction, encryption: Encryption, command: Command, *, exclusive: bool
) -> Result:
    while isinstance(command, Chain):
        command = command.then(_execute(transaction, encryption, command.first, exclusive=exclusive))
    check_reach(transaction.actor, supports_owners=has_owners(command))
    transaction.only_reads = isinstance(command, _READING)
    match command:
        case BulkWrite():
            return write(transaction, command, command.rows, encryption.encrypt, exclusive=exclusive)
        case Delete():
            return delete(transaction, command)
        case RemoveFromSet():
            return remove_from_set(transaction, command)
        case Find():
            return find(transaction, command, encryption.decrypt)
        case Search():
            return search(transaction, command, encryption.decrypt)
        case FindIdentities():
            return read_identities(transaction, command.kind, command.ids)
        case ListValues():
            return list_values(transaction, command.record, encryption.decrypt)
        case DefineAttributes():
            return define(transaction, command)
        case DeleteAttribute():
            delete_definition(transaction, find_definition(transaction, command).id)
            return None
        case FindAttribute():
            return find_definition(transaction, command)
        case ListAttributes():
            return list_definitions(transaction, command.after, command.size)
        case FindEntries() | ListEntries() | SaveEntry() | DeleteEntry():
            return run_directory_command(transaction, command)
        case PutEntries():
            return put_entries(transaction, command)
        case FindUsers():
            return find_users(transaction, command)
        case FindOrganization():
            return find_organization(transaction, command)
        case AcceptJob():
            return accept(transaction, command)
        case CheckQuota():
            return check_quota(transaction, command, exclusive=exclusive)
        case RunChunk():
            return run_chunk(transaction, command, exclusive=exclusive)
        case FindJob():
            return jobs.find(transaction, command.id)
        case ListJobs():
            return jobs.list_jobs(transaction, command)
        case QueueJob():
            return jobs.queue(transaction, command.id)
        case FailJob():
            return fail(transaction, command)
        case Return():
            return command.result
        case _:
            assert_never(command)
