"""Jobs: writes that go on after the response, in chunks, each of which is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec

from contactory.model.bulk import BulkWrite
from contactory.model.caller import Actor
from contactory.model.fields import OWNER
from contactory.model.problems import Problem

TOTAL: Final = "contact_total_quotas"
CONNECT: Final = "contact_connect_quotas"


class AcceptJob(msgspec.Struct, kw_only=True):
    """Accept a write of contacts as a job, after all checks that can refuse it. The result is a Job.

    content: what the dialect reads the rows from when they are written.
    whole: rows with problems refuse the call.
    errors: all that the dialect found; the rows of `bulk` have the first of each.
    retry_key: a call with the key of an earlier one has its result.
    fingerprint: of the request, which must be the same then.

    Raises Refusal (INVALID, with a RowError in JSON for each error; QUOTA_EXCEEDED where not all contacts may
    be created; JOBS_BUSY; RETRIED_DIFFERENTLY for another request with the key).
    """

    bulk: BulkWrite
    user_id: int
    content: bytes = b""
    list_id: int = 0
    whole: bool = True
    errors: Sequence[RowError] = ()
    retry_key: str = ""
    fingerprint: bytes = b""


class CheckQuota(msgspec.Struct, kw_only=True):
    """Check that a write may create its contacts. The result is the write, to run in the same transaction.

    Raises Refusal (QUOTA_EXCEEDED).
    """

    bulk: BulkWrite
    user_id: int


class FindJob(msgspec.Struct):
    """Find a job. The result is the Job. Raises Refusal (NOT_FOUND)."""

    id: UUID


class ListJobs(msgspec.Struct, kw_only=True):
    """List jobs, the latest first, of a user, or of all users that are reached. The result is (jobs of the
    page, number of all). Jobs that ended more than JOB_DAYS ago are deleted."""

    page: int
    size: int
    user_id: int | None = None


class QueueJob(msgspec.Struct):
    """Let workers begin a job, after the response to its caller."""

    id: UUID


class RunChunk(msgspec.Struct):
    """Write the next rows of a job. The result is the Job after that. `refused`: problems of rows that were
    found when the job was accepted."""

    id: UUID
    rows: JobRows
    refused: Mapping[int, Problem] = {}


class FailJob(msgspec.Struct):
    """Give a job up. `reason` is shown with the job."""

    id: UUID
    reason: str


class RowError(msgspec.Struct):
    """Error of a row, or with `warns` a value that was left out of it. `code` is the name of a Code."""

    i: int
    code: str
    field: str = ""
    message: str = ""
    warns: bool = False


class Job(msgspec.Struct, kw_only=True):
    """Job as it is stored, without its rows."""

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
        """Return the event that the job begins."""
        return Event(organization_id, self.user_id, self.id, self.list_id, self.total, begins=True)

    def progress(self, organization_id: int, first: int, last: int) -> Event:
        """Return the event that the rows from `first` to before `last` are written, with the counts so
        far."""
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


class JobRows(Protocol):
    """The rows of a job, which are read chunk by chunk."""

    def chunk(self, first: int, last: int, refused: Mapping[int, Problem]) -> BulkWrite:
        """Return the write of the rows from `first` to before `last`. `refused`: problems of all rows."""


class Payload(msgspec.Struct, kw_only=True, rename={"owner_filter": "only_of"}):
    """Content of a job, with all else that is stored of it until it is done.

    content: the rows, from which the dialect makes JobRows.
    refused: problems of rows.
    owner_filter: the limit that was decided when the job was accepted: the field of owners, and the user
    whose contacts are reached, beside those without an owner.

    The encoded names of fields must not change, since payloads are stored.
    """

    refused: dict[int, Problem]
    owner_filter: tuple[str, int] | None
    content: bytes = b""
    author_id: int = 0

    @classmethod
    def of(cls, content: bytes, refused: dict[int, Problem], actor: Actor) -> Payload:
        """Return the payload of a write for an actor."""
        owner_filter = None if actor.contacts_of is None else (OWNER, actor.contacts_of)
        return cls(content=content, refused=refused, owner_filter=owner_filter, author_id=actor.author_id)

    def actor_for(self, organization_id: int) -> Actor:
        """Return the actor for whom the job's rows are written. It has no quota, since the contacts to create
        were counted when the job was accepted."""
        limit = self.owner_filter[1] if self.owner_filter else None
        return Actor(
            organization_id, limit is None, contacts_of=limit, lists_of=limit, author_id=self.author_id
        )


encode_payload = msgspec.msgpack.Encoder().encode
_decode_payload = msgspec.msgpack.Decoder(Payload).decode


def decode_payload(stored: bytes) -> Payload:
    """Decode a payload. Those of earlier versions had the rows beside the other fields, so that all of it is
    the content. Raises msgspec.DecodeError."""
    payload = _decode_payload(stored)
    if not payload.content:
        payload.content = stored
    return payload


class Event(msgspec.Struct):
    """Event of a job, published to its watchers. The rows from `first` to before `last` were written; there
    are none where it `begins`. With `over` the counts are final."""

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
