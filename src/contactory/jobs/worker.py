"""A worker: takes one chunk of a job after the other, in turns between organizations, and writes it.

It acts as the user that a job belongs to, as far as that one reached when the job was accepted.

A job is claimed by a lock of the worker's own connection. Whatever ends the worker ends the lock, and the
next worker goes on behind the last chunk that was committed. A job that cannot be done ends as failed, and
holds up nobody."""

from __future__ import annotations

import logging
import threading
from typing import Final, NamedTuple
from uuid import UUID

from contactory.core.execute import Encryption, execute
from contactory.jobs.sweeper import Sweeper
from contactory.model.caller import Actor
from contactory.model.jobs import FailJob, FindJob, Job, Payload, RunChunk
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

_PATIENCE: Final = 0.5  # seconds between looks: for `stop`, and for jobs that a process left behind
_PAUSE: Final = 1.0  # seconds, while the database is away

# What another attempt may not meet. The claims say when that is due.
_PASSING: Final = (Contended, Unavailable, Unfit, StorageFull, Overdue)

logger = logging.getLogger(__name__)


class _Hopeless(Exception):
    """Another attempt would end as this one; says why."""


class _InHand(NamedTuple):
    id: UUID
    payload: Payload
    job: Job


class Worker:
    """Works in the thread that calls `run`, until `stop` is called from another."""

    def __init__(self, database: Database, encryption: Encryption, api: str, sweeper: Sweeper) -> None:
        """api: whose jobs they are, for those who count rows."""
        self._api = api
        self._database = database
        self._encryption = encryption
        self._sweeper = sweeper
        self._over = threading.Event()

    def stop(self) -> None:
        """The chunk in hand is finished first; the rest of the job is another worker's, or a later one's."""
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
        """One chunk of each job that is claimed, so that all organizations have their turns."""
        in_hand: _InHand | None = None
        claimed: Claim | None = None
        while not self._over.is_set():
            claimed = claims.claim(claimed.id if claimed else None)
            self._sweeper.sweep_if_due()
            if claimed is None:
                in_hand = None
                claims.wait(_PATIENCE)
            else:
                in_hand = self._do_chunk(claimed, in_hand)
        if claimed:
            claims.release(claimed.id)

    def _do_chunk(self, claimed: Claim, before: _InHand | None) -> _InHand | None:
        """Answers what is in hand, while there is more of it to do."""
        try:
            in_hand = before if before and before.id == claimed.id else self._take(claimed)
            actor = in_hand.payload.acting(claimed.organization_id)
            command = RunChunk(claimed.id, in_hand.payload)
            done = execute(self._database, self._encryption, actor, command, knows_owners=True)
            count_job(self._api, in_hand.job, done)
            return None if done.is_over else in_hand._replace(job=done)
        except _PASSING as error:
            cause = error.__cause__ or error
            logger.warning("job %s is put off (attempt %d): %s", claimed.id, claimed.attempts, cause)
        except _Hopeless as error:
            self._fail(claimed, str(error))
        except Unstorable as error:
            self._fail(claimed, "the database cannot hold what was sent", f": {error}")
        except Exception:
            logger.exception("job %s cannot be done", claimed.id)
            self._fail(claimed, "a defect of the service")
        return None

    def _take(self, claimed: Claim) -> _InHand:
        """Raises _Hopeless for one whose rows cannot be read (of an older form, or damaged), or that was
        tried too often."""
        if claimed.attempts > JOB_ATTEMPTS:
            raise _Hopeless(f"given up after {JOB_ATTEMPTS} attempts at the same rows")
        with self._database.transaction(claimed.organization_id) as transaction:
            payload = jobs.read_payload(transaction, claimed.id)
        if payload is None:
            raise _Hopeless("what was accepted cannot be read any more")
        job = execute(self._database, self._encryption, Actor(claimed.organization_id), FindJob(claimed.id))
        return _InHand(claimed.id, payload, job)

    def _fail(self, claimed: Claim, reason: str, value: str = "") -> None:
        """End a job as failed. If that goes wrong, it is tried again when the job is claimed the next time.
        `value`: what its owner is told beside the reason, and no log."""
        logger.error("job %s of organization %d has failed: %s", claimed.id, claimed.organization_id, reason)
        try:
            actor = Actor(claimed.organization_id)
            execute(self._database, self._encryption, actor, FailJob(claimed.id, reason + value))
        except Exception:
            logger.exception("job %s cannot be ended", claimed.id)
