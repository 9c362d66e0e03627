"""Work that goes on after the answer: a write in chunks, of which each is kept or is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from contactory.model.bulk import BulkWrite, Keys
from contactory.model.caller import Actor
from contactory.model.fields import CONTACTS, OWNER, Mode
from contactory.model.problems import Problem

TOTAL: Final = "contact_total_quotas"
CONNECT: Final = "contact_connect_quotas"


class AcceptJob(msgspec.Struct, kw_only=True):
    """Take a write of contacts on: everything that can refuse it is decided here. Answers a Job.

    whole: rows that cannot be taken refuse the call (INVALID, a text of RowError for each thing that is wrong
    with one); `errors`: what the dialect found wrong, of which `bulk` has the first of each row. retry_key: a
    call that came before under it is answered as that one was; `fingerprint` tells whether it is the same.
    Refuses with QUOTA_EXCEEDED where not all that it would create may be created.
    """

    bulk: BulkWrite
    user_id: int
    list_id: int = 0
    whole: bool = True
    errors: Sequence[RowError] = ()
    retry_key: str = ""
    fingerprint: bytes = b""


class CheckQuota(msgspec.Struct, kw_only=True):
    """Refuse a write with QUOTA_EXCEEDED where what it would create may not be created. Answers the write,
    to be done in the same transaction."""

    bulk: BulkWrite
    user_id: int


class FindJob(msgspec.Struct):
    """Answers the Job, or refuses with NOT_FOUND."""

    id: UUID


class ListJobs(msgspec.Struct, kw_only=True):
    """Jobs that are not over for longer than they are kept, the last first; of a user, or of all that are
    reached. Answers (jobs, how many)."""

    page: int
    size: int
    user_id: int | None = None


class QueueJob(msgspec.Struct):
    """Let workers begin: the job's caller has been answered."""

    id: UUID


class RunChunk(msgspec.Struct):
    """Write the next rows of a job. Answers the Job as it is then."""

    id: UUID
    payload: Payload


class FailJob(msgspec.Struct):
    """Give a job up; `reason` is told to whoever asks for it."""

    id: UUID
    reason: str


class RowError(msgspec.Struct):
    """Why a row failed, or what of one that `warns` was left out; `code` is a Code's name."""

    i: int
    code: str
    field: str = ""
    message: str = ""
    warns: bool = False


class Job(msgspec.Struct, kw_only=True):
    id: UUID
    user_id: int
    list_id: int
    state: str
    total: int
    processed: int
    created: int
    updated: int
    failed: int
    errors: list[RowError]  # and warnings
    accepted_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    reason: str = ""  # why it has failed
    is_new: bool = True  # not one that was accepted before under the same key

    @property
    def is_over(self) -> bool:
        return self.state in ("ended", "failed")

    def beginning(self, organization_id: int) -> Event:
        """Say that it begins."""
        return Event(organization_id, self.user_id, self.id, self.list_id, self.total, begins=True)

    def progress(self, organization_id: int, first: int, last: int) -> Event:
        """Say that rows have been done, and what became of all so far."""
        return Event(
            organization_id,
            self.user_id,
            self.id,
            self.list_id,
            self.total,
            first,
            last,
            over=self.is_over,
            created=self.created,
            updated=self.updated,
            failed=self.failed,
        )


class Payload(msgspec.Struct, kw_only=True):
    """A write of contacts as it is kept until it is done. `only_of`: the limit that was decided when it was
    accepted, as the field of owners and the user whose contacts are reached beside nobody's."""

    count: int
    keys: Keys
    alternates: list[Keys]
    columns: dict[str, list[Any]]
    defaults: dict[str, Any]
    modes: dict[str, Mode]
    refused: dict[int, Problem]
    only_of: tuple[str, int] | None
    largest: dict[str, int] = {}
    ids: list[int | None] | None = None
    author_id: int = 0

    def acting(self, organization_id: int) -> Actor:
        """Return the actor for whom the job's rows are written. What they create was counted when the job was
        accepted."""
        limit = self.only_of[1] if self.only_of else None
        return Actor(
            organization_id, limit is None, contacts_of=limit, lists_of=limit, author_id=self.author_id
        )

    def chunk(self, first: int, last: int) -> BulkWrite:
        """The rows from the first to before the last."""
        rows = range(first, last)
        return BulkWrite(
            kind=CONTACTS,
            count=len(rows),
            ids=self.ids and self.ids[first:last],
            keys=self.keys.take(rows),
            alternates=[keys.take(rows) for keys in self.alternates],
            columns={field: values[first:last] for field, values in self.columns.items()},
            defaults=self.defaults,
            modes=self.modes,
            renames=True,
            refused={row - first: self.refused[row] for row in rows if row in self.refused},
            largest=self.largest,
        )


def make_payload(bulk: BulkWrite, actor: Actor) -> Payload:
    assert bulk.keys is not None  # noqa: S101 (contacts of a job are known by keys)
    return Payload(
        count=bulk.count,
        keys=bulk.keys,
        alternates=list(bulk.alternates),
        columns={field: list(values) for field, values in bulk.columns.items()},
        defaults=bulk.defaults,
        modes=bulk.modes,
        refused=bulk.refused,
        only_of=None if actor.contacts_of is None else (OWNER, actor.contacts_of),
        largest=bulk.largest,
        ids=None if bulk.ids is None else list(bulk.ids),
        author_id=actor.author_id,
    )


encode_payload = msgspec.msgpack.Encoder().encode
decode_payload = msgspec.msgpack.Decoder(Payload).decode


class Event(msgspec.Struct):
    """What is told to those who watch. `first` to before `last`: rows that have been done; a job that begins
    has none, and with `over` the counts are final."""

    organization_id: int
    user_id: int
    job: UUID
    list_id: int
    total: int
    first: int = 0
    last: int = 0
    begins: bool = False
    over: bool = False
    created: int = 0
    updated: int = 0
    failed: int = 0
