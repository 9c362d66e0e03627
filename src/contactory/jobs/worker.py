"""A worker that writes jobs chunk by chunk, in turns between organizations.

It acts as the user that a job belongs to, with the rights that this user had when the job was accepted.

A job is claimed by a lock of the worker's own connection. However the worker ends, the lock is released, and
the next worker continues behind the last chunk that was committed. A job that cannot be done ends as failed
and delays no other.
"""

from __future__ import annotations

import logging
import threading
from typing import Final, NamedTuple
from uuid import UUID

from contactory.core.execute import Encryption, execute
from contactory.dialects.base import JobDialect
from contactory.jobs.ahead import RowsAhead
from contactory.jobs.sweeper import Sweeper
from contactory.model.caller import Actor
from contactory.model.jobs import FailJob, FindJob, Job, JobRows, Payload, RunChunk
from contactory.model.limits import JOB_ATTEMPTS
from contactory.store import jobs
from contactory.store.database import Database
from contactory.store.errors import (
    Contended,
    Overdue,
    StorageFull,
    StoreError,
    Unavailable,
    Unfit,
    Unstorable,
)
from contactory.store.jobs import Claim, Claims
from contactory.telemetry.metrics import count_job

_POLL_SECONDS: Final = 0.5  # until `stop`, and jobs that a process left behind, are checked for
_PAUSE: Final = 1.0  # seconds, while the database is away

# Errors that another attempt may not meet. The time of that attempt is decided by the claims.
_TEMPORARY: Final = (Contended, Unavailable, Unfit, StorageFull, Overdue)

logger = logging.getLogger(__name__)


class _Permanent(Exception):
    """An error that every further attempt would meet too, with its reason."""


class _OpenJob(NamedTuple):
    """The job that the worker wrote the last chunk of, with its rows."""

    id: UUID
    payload: Payload
    rows: JobRows
    job: Job


class Worker:
    """A worker that runs in the thread that calls `run`, until `stop` is called from another."""

    def __init__(
        self, database: Database, encryption: Encryption, dialect: JobDialect, sweeper: Sweeper
    ) -> None:
        self._dialect = dialect
        self._database = database
        self._encryption = encryption
        self._sweeper = sweeper
        self._over = threading.Event()

    def stop(self) -> None:
        """Stop after the present chunk. Another worker, or a later one, continues the job."""
        self._over.set()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                with self._database.session() as connection:
                    self._work(Claims(connection))
            except StoreError:
                self._over.wait(_PAUSE)
            except Exception:
                logger.exception("a worker failed")
                self._over.wait(_PAUSE)

    def _work(self, claims: Claims) -> None:
        """Write one chunk of each claimed job, so that all organizations have their turns."""
        open_job: _OpenJob | None = None
        claimed: Claim | None = None
        while not self._over.is_set():
            claimed = claims.claim(claimed.id if claimed else None)
            self._sweeper.sweep_if_due()
            if claimed is None:
                open_job = None
                claims.wait(_POLL_SECONDS)
            else:
                open_job = self._do_chunk(claimed, open_job)
        if claimed:
            claims.release(claimed.id)

    def _do_chunk(self, claimed: Claim, before: _OpenJob | None) -> _OpenJob | None:
        """Write the next chunk. Return the job while it has further chunks, else None."""
        try:
            open_job = before if before and before.id == claimed.id else self._take(claimed)
            actor = open_job.payload.actor_for(claimed.organization_id)
            command = RunChunk(claimed.id, open_job.rows, open_job.payload.refused)
            done = execute(self._database, self._encryption, actor, command, supports_owners=True)
            count_job(self._dialect.name, open_job.job, done)
            return None if done.is_over else open_job._replace(job=done)
        except _TEMPORARY as error:
            cause = error.__cause__ or error
            logger.warning("job %s will be tried again (attempt %d): %s", claimed.id, claimed.attempts, cause)
        except _Permanent as error:
            self._fail(claimed, str(error))
        except Unstorable as error:
            self._fail(claimed, "the database cannot hold what was sent", f": {error}")
        except Exception:
            logger.exception("job %s cannot be done", claimed.id)
            self._fail(claimed, "a defect of the service")
        return None

    def _take(self, claimed: Claim) -> _OpenJob:
        """Read a claimed job. Raises _Permanent when its rows are damaged or in an older format, or when it
        was tried too often."""
        if claimed.attempts > JOB_ATTEMPTS:
            raise _Permanent(f"given up after {JOB_ATTEMPTS} attempts at the same rows")
        with self._database.transaction(claimed.organization_id) as transaction:
            payload = jobs.read_payload(transaction, claimed.id)
        rows = self._dialect.open_job(payload.content) if payload else None
        if payload is None or rows is None:
            raise _Permanent("what was accepted cannot be read any more")
        job = execute(self._database, self._encryption, Actor(claimed.organization_id), FindJob(claimed.id))
        return _OpenJob(claimed.id, payload, RowsAhead(rows, job.total), job)

    def _fail(self, claimed: Claim, reason: str, value: str = "") -> None:
        """End a job as failed. If that fails, it is tried again when the job is claimed the next time.

        `value`: text that the job's owner reads behind the reason, and that is not logged.
        """
        logger.error("job %s of organization %d has failed: %s", claimed.id, claimed.organization_id, reason)
        try:
            actor = Actor(claimed.organization_id)
            execute(self._database, self._encryption, actor, FailJob(claimed.id, reason + value))
        except Exception:
            logger.exception("job %s cannot be ended", claimed.id)
