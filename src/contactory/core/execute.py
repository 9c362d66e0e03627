"""Whatever a dialect asked for, done in one transaction, by whoever may ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple, TypeVar, assert_never

from contactory.core.define import define, find_definition
from contactory.core.delete import delete, leave
from contactory.core.directory import find_organization, find_users, look_into
from contactory.core.entries import put_entries
from contactory.core.jobs import accept, check_quota, fail, run_chunk
from contactory.core.reach import has_owners
from contactory.core.read import find, list_values, search
from contactory.core.secrets import Seal, Unseal
from contactory.core.write import write
from contactory.model.bulk import BulkWrite
from contactory.model.caller import Actor
from contactory.model.commands import (
    Answer,
    Chain,
    Command,
    DefineAttributes,
    Delete,
    DeleteAttribute,
    Find,
    FindAttribute,
    FindIdentities,
    Leave,
    ListAttributes,
    ListValues,
    Result,
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

# Of what these find wrong with stored values, whoever asks is not at fault.
_READING: Final = (
    *(
        Find,
        FindIdentities,
        Search,
        ListValues,
        FindAttribute,
        ListAttributes,
        FindEntries,
        ListEntries,
        FindJob,
        ListJobs,
    ),
)

Answered = TypeVar("Answered")


class Vault(NamedTuple):
    """How secret fields are encrypted; without a key nothing can be sealed."""

    seal: Seal | None
    unseal: Unseal


def execute(
    database: Database, vault: Vault, actor: Actor, command: Command, *, knows_owners: bool = False
) -> Result:
    """Do it for who acts; what is answered has been committed. Raises Refusal, or a StoreError.

    knows_owners: whether the command was made for a call that can be limited to the caller's own.
    """
    return execute_encoded(database, vault, actor, command, lambda result: result, knows_owners=knows_owners)


def execute_encoded(
    database: Database,
    vault: Vault,
    actor: Actor,
    command: Command,
    encode: Callable[[Result], Answered],
    *,
    knows_owners: bool = False,
) -> Answered:
    """The same, encoded while the database is still busy with it; what this answers has been committed.

    Where another transaction was first, this one is done again, and a write then is alone.
    """
    check_reach(actor, knows_owners=knows_owners)
    with database.in_time():
        for attempt in range(1, MAX_ATTEMPTS):
            with suppress(Contended), database.transaction_of(actor) as transaction:
                if attempt > 1:
                    # Before anything is locked that others wait for.
                    records.take_turn(transaction, alone=True)
                return encode(_execute(transaction, vault, command, alone=attempt > 1))
        with database.transaction_of(actor) as transaction:
            records.take_turn(transaction, alone=True)
            return encode(_execute(transaction, vault, command, alone=True))


class _UndoneError(Exception):
    """A rehearsal is over."""


@contextmanager
def rehearse(database: Database, vault: Vault, actor: Actor) -> Iterator[Callable[[Command], Result]]:
    """Give what does commands in one transaction that is undone at the end, and undoes each that is refused.
    Raises Contended where another transaction was first."""
    with suppress(_UndoneError), database.transaction_of(actor) as transaction:

        def run(command: Command) -> Result:
            with transaction.part():
                return _execute(transaction, vault, command, alone=True)

        yield run
        raise _UndoneError


def check_reach(actor: Actor, *, knows_owners: bool) -> None:
    """Refuse who does not reach all, unless what is asked for can be limited to the caller's own."""
    if not actor.reaches_all and not knows_owners:
        raise Refusal(Problem(code=Code.REACHES_OWN_ONLY))


def _execute(transaction: Transaction, vault: Vault, command: Command, *, alone: bool) -> Result:
    while isinstance(command, Chain):
        command = command.then(_execute(transaction, vault, command.first, alone=alone))
    check_reach(transaction.actor, knows_owners=has_owners(command))
    transaction.only_reads = isinstance(command, _READING)
    match command:
        case BulkWrite():
            return write(transaction, command, vault.seal, alone=alone)
        case Delete():
            return delete(transaction, command)
        case Leave():
            return leave(transaction, command)
        case Find():
            return find(transaction, command, vault.unseal)
        case Search():
            return search(transaction, command, vault.unseal)
        case FindIdentities():
            return read_identities(transaction, command.kind, command.ids)
        case ListValues():
            return list_values(transaction, command.record, vault.unseal)
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
            return look_into(transaction, command)
        case PutEntries():
            return put_entries(transaction, command)
        case FindUsers():
            return find_users(transaction, command)
        case FindOrganization():
            return find_organization(transaction, command)
        case AcceptJob():
            return accept(transaction, command)
        case CheckQuota():
            return check_quota(transaction, command, alone=alone)
        case RunChunk():
            return run_chunk(transaction, command, alone=alone)
        case FindJob():
            return jobs.find(transaction, command.id)
        case ListJobs():
            return jobs.list_jobs(transaction, command)
        case QueueJob():
            return jobs.queue(transaction, command.id)
        case FailJob():
            return fail(transaction, command)
        case Answer():
            return command.result
        case _:
            assert_never(command)
