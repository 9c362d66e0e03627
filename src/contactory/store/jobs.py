"""Jobs, one function per query; and the worker's own connection, whose locks end with it."""

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
    """`attempts`: how often the chunk that is next has been begun, this time included."""

    organization_id: int
    id: UUID
    attempts: int


class Over(NamedTuple):
    """How far a job came that was given up."""

    user_id: int
    list_id: int
    total: int
    processed: int
    created: int
    updated: int
    failed: int


def add(transaction: Transaction, wanted: AcceptJob, payload: bytes, creates: int, from_connect: int) -> Job:
    row = transaction.row(
        "add_job",
        user_id=wanted.user_id,
        list_id=wanted.list_id,
        total=wanted.bulk.count,
        payload=payload,
        reserved=creates,
        reserved_connect=from_connect,
        retry_key=wanted.retry_key,
        fingerprint=wanted.fingerprint,
    )
    return _job(row)


def find_retry(transaction: Transaction, user_id: int, retry_key: str) -> tuple[Job, bytes] | None:
    """The job that was accepted under the key in the last day, and what was sent."""
    transaction.run("forget_retries", user_id=user_id)
    row = transaction.row("find_retry", user_id=user_id, retry_key=retry_key)
    return (_job(row[:-1]), bytes(row[-1])) if row else None


def find(transaction: Transaction, id_: UUID) -> Job:
    return _found(transaction.row("find_job", id=id_))


def lock(transaction: Transaction, id_: UUID) -> Job:
    return _found(transaction.row("lock_job", id=id_))


def list_jobs(transaction: Transaction, wanted: ListJobs) -> tuple[list[Job], int]:
    transaction.run("forget_jobs", days=JOB_DAYS)
    skip = (wanted.page - 1) * wanted.size
    rows = transaction.rows("list_jobs", user_id=wanted.user_id, size=wanted.size, skip=skip)
    found = transaction.row("count_jobs", user_id=wanted.user_id)[0]
    return [_job(row) for row in rows], found


def count_open(database: Database) -> dict[str, int]:
    """Jobs that have not ended, of all organizations, by state."""
    with database.transaction(0) as transaction:
        return dict(transaction.rows("count_open_jobs"))


def queue(transaction: Transaction, id_: UUID) -> None:
    transaction.run("queue_job", id=id_)
    transaction.run("notify", channel=QUEUE, message="")


def fail(transaction: Transaction, id_: UUID, reason: str) -> Over | None:
    """Give a job up; None where it is over already. Of what is stored of it as little as can be is read,
    since that may be what is wrong."""
    row = transaction.row("fail_job", id=id_, reason=reason)
    return Over(*row) if row else None


def advance(
    transaction: Transaction, id_: UUID, *, errors: Sequence[RowError], processed: int, **counts: int
) -> Job:
    """Add a chunk's counts and errors; a job all of whose rows are done has ended."""
    given = msgspec.json.encode(errors).decode()
    row = transaction.row("advance_job", id=id_, processed=processed, errors=given, **counts)
    return _found(row)


def read_payload(transaction: Transaction, id_: UUID) -> Payload | None:
    """None where it cannot be read."""
    row = transaction.row("read_payload", id=id_)
    try:
        return decode_payload(row[0]) if row else None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
        return None


def tell(transaction: Transaction, event: Event) -> None:
    """To all processes, when the transaction is kept."""
    transaction.run("notify", channel=EVENTS, message=msgspec.json.encode(event).decode())


def take_quota_turn(transaction: Transaction) -> None:
    transaction.row("take_quota_turn")


def count_waiting(transaction: Transaction) -> tuple[int, int]:
    """The organization's open jobs, and the bytes of their rows."""
    row = transaction.row("count_waiting_jobs")
    return int(row[0]), int(row[1])


def find_reserved(transaction: Transaction, user_id: int) -> tuple[int, int]:
    """Contacts that open jobs may still create: of all users, and from connect of this one."""
    row = transaction.row("find_reserved", user_id=user_id)
    return int(row[0]), int(row[1])


def find_connect_used(transaction: Transaction, user_id: int) -> int:
    return int(transaction.row("find_connect_used", user_id=user_id)[0])


def use_connect(transaction: Transaction, user_id: int, amount: int) -> None:
    transaction.run("use_connect", user_id=user_id, amount=amount)


class Claims:
    """A worker's claims on jobs. Each is a lock of this connection, and ends with it, whatever ends that."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        with translated():
            connection.execute(f"LISTEN {QUEUE}".encode())

    def claim(self, before: UUID | None = None) -> Claim | None:
        """The next job in turn, whoever's it is; `before` is the one in hand, which is let go of and may be
        the next one again."""
        with translated():
            row = self._connection.execute(QUERIES["claim_job"].encode(), {"before": before}).fetchone()
        return Claim(*row) if row else None

    def release(self, id_: UUID) -> None:
        with translated():
            self._connection.execute(QUERIES["release_job"].encode(), {"id": id_})

    def wait(self, seconds: float) -> None:
        """Until a job is queued, or that long."""
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
