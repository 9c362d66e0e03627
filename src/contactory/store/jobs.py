"""Jobs: one function per query, and the claims of a worker, which are locks of its connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection

from contactory.model.jobs import AcceptJob, Event, Job, ListJobs, Payload, RowError, decode_payload
from contactory.model.limits import JOB_DAYS
from contactory.model.problems import Code, Problem, Refusal
from contactory.store.database import Database, Transaction
from contactory.store.errors import translated
from contactory.store.loading import listing
from contactory.store.queries import QUERIES

EVENTS = "contactory_events"
QUEUE = "contactory_jobs"


class Claim(NamedTuple):
    """Job that a worker has claimed. `attempts`: how often its next chunk was begun, this time included."""

    organization_id: int
    id: UUID
    attempts: int


class FailedJob(NamedTuple):
    """Job that was given up, with its counts."""

    user_id: int
    list_id: int
    total: int
    processed: int
    created: int
    updated: int
    failed: int


def add(
    transaction: Transaction, wanted: AcceptJob, payload: bytes, total: int, creates: int, from_connect: int
) -> Job:
    row = transaction.row(
        "add_job",
        user_id=wanted.user_id,
        list_id=wanted.list_id,
        total=total,
        payload=payload,
        reserved=creates,
        reserved_connect=from_connect,
        retry_key=wanted.retry_key,
        fingerprint=wanted.fingerprint,
    )
    return _job(row)


def find_retry(transaction: Transaction, user_id: int, retry_key: str) -> tuple[Job, bytes] | None:
    """Find the job that was accepted under the key in the last day, and the fingerprint of its request."""
    transaction.run("expire_retry_keys", user_id=user_id)
    row = transaction.row("find_retry", user_id=user_id, retry_key=retry_key)
    return (_job(row[:-1]), bytes(row[-1])) if row else None


def find(transaction: Transaction, id_: UUID) -> Job:
    return _found(transaction.row("find_job", id=id_))


def lock(transaction: Transaction, id_: UUID) -> Job:
    return _found(transaction.row("lock_job", id=id_))


def list_jobs(transaction: Transaction, wanted: ListJobs) -> tuple[list[Job], int]:
    transaction.run("delete_old_jobs", days=JOB_DAYS)
    skip = (wanted.page - 1) * wanted.size
    rows = transaction.rows("list_jobs", user_id=wanted.user_id, size=wanted.size, skip=skip)
    found = transaction.row("count_jobs", user_id=wanted.user_id)[0]
    return [_job(row) for row in rows], found


def count_open(database: Database) -> dict[str, int]:
    """Count the jobs that have not ended, of all organizations, by state."""
    with database.transaction(0) as transaction:
        return dict(transaction.rows("count_open_jobs"))


def queue(transaction: Transaction, id_: UUID) -> None:
    """Queue a job, and notify the workers."""
    transaction.run("queue_job", id=id_)
    transaction.run("notify", channel=QUEUE, message="")


def fail(transaction: Transaction, id_: UUID, reason: str) -> FailedJob | None:
    """Give a job up; return None where it is over already. As little as possible of what is stored is read,
    since that may be the cause."""
    row = transaction.row("fail_job", id=id_, reason=reason)
    return FailedJob(*row) if row else None


def advance(
    transaction: Transaction, id_: UUID, *, errors: Sequence[RowError], processed: int, **counts: int
) -> Job:
    """Add a chunk's counts and errors; a job ends with its last row."""
    given = msgspec.json.encode(errors).decode()
    row = transaction.row("advance_job", id=id_, processed=processed, errors=given, **counts)
    return _found(row)


def read_payload(transaction: Transaction, id_: UUID) -> Payload | None:
    """Read the rows of a job; None where they cannot be decoded."""
    row = transaction.row("read_payload", id=id_)
    try:
        return decode_payload(row[0]) if row else None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
        return None


def publish(transaction: Transaction, event: Event) -> None:
    """Publish an event to all processes, when the transaction commits."""
    transaction.run("notify", channel=EVENTS, message=msgspec.json.encode(event).decode())


def lock_quota(transaction: Transaction) -> None:
    """Lock the organization's quotas until the transaction ends."""
    transaction.row("lock_quota")


def count_waiting(transaction: Transaction) -> tuple[int, int]:
    """Return the number of the organization's open jobs, and the bytes of their rows."""
    row = transaction.row("count_waiting_jobs")
    return int(row[0]), int(row[1])


def find_reserved(transaction: Transaction, user_id: int) -> tuple[int, int]:
    """Return how many contacts open jobs may still create: in all, and from connect for one user."""
    row = transaction.row("find_reserved", user_id=user_id)
    return int(row[0]), int(row[1])


def find_connect_used(transaction: Transaction, user_id: int) -> int:
    return int(transaction.row("find_connect_used", user_id=user_id)[0])


def use_connect(transaction: Transaction, user_id: int, amount: int) -> None:
    transaction.run("use_connect", user_id=user_id, amount=amount)


class Claims:
    """Claims of a worker on jobs. Each is a lock of this connection, and ends with it, however that ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        with translated():
            connection.execute(f"LISTEN {QUEUE}".encode())

    def claim(self, before: UUID | None = None) -> Claim | None:
        """Claim the next job, of any organization. `before`: the job claimed now, which is released and may
        be the next one again."""
        with translated():
            row = self._connection.execute(QUERIES["claim_job"].encode(), {"before": before}).fetchone()
        return Claim(*row) if row else None

    def release(self, id_: UUID) -> None:
        """Release the claim on a job."""
        with translated():
            self._connection.execute(QUERIES["release_job"].encode(), {"id": id_})

    def wait(self, seconds: float) -> None:
        """Wait until a job is queued, or for some seconds."""
        with translated():
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass


def _found(row: Any) -> Job:
    if row is None:
        raise Refusal(Problem(code=Code.NOT_FOUND, kind="job"))
    return _job(row)


def _job(row: Any) -> Job:
    names = Job.__struct_fields__[: len(row)]
    values = dict(zip(names, row, strict=True))
    values["errors"] = msgspec.convert(listing(values["errors"], "job", values["id"]), list[RowError])
    return Job(**values)
