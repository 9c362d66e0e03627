"""Commands that can be limited to the caller's own records; a command that is not listed cannot."""

from __future__ import annotations

from typing import get_args
from uuid import uuid4

import pytest

from contactory.core.execute import Encryption, execute
from contactory.core.reach import has_owners
from contactory.model.bulk import BulkWrite, Rows
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
from contactory.model.fields import COMPANIES, CONTACTS, CUSTOMERS
from contactory.model.jobs import AcceptJob, CheckQuota, FailJob, FindJob, ListJobs, QueueJob, RunChunk
from contactory.model.problems import Code, Refusal
from contactory.store.database import Database

ENCRYPTION = Encryption(None, lambda _, stored: stored.decode())
WRITE = BulkWrite(kind=CONTACTS, rows=Rows(count=0))
LIMITED: dict[type, Command] = {
    # RunChunk and FailJob are commands of the worker, for a job that the actor can see.
    BulkWrite: WRITE,
    Find: Find(kind=CONTACTS, key_name="id"),
    Search: Search(kind=CONTACTS, page=1, size=1),
    Delete: Delete(kind=CONTACTS),
    AcceptJob: AcceptJob(bulk=WRITE, user_id=1),
    CheckQuota: CheckQuota(bulk=WRITE, user_id=1),
    FindEntries: FindEntries(),
    ListEntries: ListEntries(kind="list"),
    SaveEntry: SaveEntry(kind="list", name="x"),
    DeleteEntry: DeleteEntry(kind="list", number=1),
    FindUsers: FindUsers(),
    FindOrganization: FindOrganization(),
    FindJob: FindJob(uuid4()),
    ListJobs: ListJobs(page=1, size=1),
    QueueJob: QueueJob(uuid4()),
    FailJob: FailJob(uuid4(), ""),
    Return: Return(None),
}
UNLIMITED: list[Command] = [
    DefineAttributes(definitions=()),
    FindAttribute(),
    FindIdentities(kind=CONTACTS, ids=()),
    ListAttributes(after=0, size=1),
    DeleteAttribute(),
    ListValues(record=Find(kind=CONTACTS, key_name="id")),
    PutEntries(entries=()),
    RemoveFromSet(kind=CONTACTS, field="group_ids", value=1),
]


def test_only_listed_commands_can_be_limited() -> None:
    assert {*get_args(Command)} == {*LIMITED, *map(type, UNLIMITED), Chain, RunChunk}
    assert [command for command in UNLIMITED if has_owners(command)] == []
    assert [kind for kind, command in LIMITED.items() if not has_owners(command)] == []


@pytest.mark.parametrize(
    "command",
    [
        Search(kind=COMPANIES, page=1, size=1),
        Find(kind=CONTACTS, key_name="id", id=1, with_parent=COMPANIES),
        BulkWrite(kind=CUSTOMERS, rows=Rows(count=0)),
        FindAttribute(id=1),
        FindIdentities(kind=CONTACTS, ids=[1]),
        ListAttributes(after=0, size=1),
        Chain(Return(1), lambda _: Search(kind=COMPANIES, page=1, size=1)),
    ],
)
def test_a_limited_caller_is_refused_commands_on_kinds_without_owners(
    database: Database, organization: int, command: Command
) -> None:
    limited = Actor(organization, reaches_all=False, contacts_of=1, lists_of=1)
    with pytest.raises(Refusal) as refused:
        execute(database, ENCRYPTION, limited, command, supports_owners=True)
    assert refused.value.problem.code is Code.REACHES_OWN_ONLY


def test_a_limited_caller_is_refused_a_call_that_does_not_support_owners(
    database: Database, organization: int
) -> None:
    limited = Actor(organization, reaches_all=False, contacts_of=1, lists_of=1)
    search = Search(kind=CONTACTS, page=1, size=1)
    with pytest.raises(Refusal) as refused:
        execute(database, ENCRYPTION, limited, search)
    assert refused.value.problem.code is Code.REACHES_OWN_ONLY
    assert execute(database, ENCRYPTION, limited, search, supports_owners=True).found == 0
