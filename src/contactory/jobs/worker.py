"""A worker: takes one job after the other and writes it chunk by chunk.

It acts as the user that a job belongs to, as far as that one reached when the job was accepted.

A job is claimed by a lock of the worker's own connection. Whatever ends the worker ends the lock, and the
next worker goes on behind the last chunk that was committed.
"""

from __future__ import annotations

import logging
import threading
from typing import Final
from uuid import UUID

from contactory.core.execute import Vault, execute
from contactory.model.jobs import FailJob, RunChunk
from contactory.store import jobs
from contactory.store.database import Database
from contactory.store.errors import StoreError
from contactory.telemetry.metrics import count_job

_PATIENCE: Final = 0.5  # seconds between looks: for `stop`, and for jobs that a process left behind
_PAUSE: Final = 1.0  # seconds, while the database is away

logger = logging.getLogger(__name__)


class Worker:
    """Works in the thread that calls `run`, until `stop` is called from another."""

    def __init__(self, database: Database, vault: Vault, url: str, api: str) -> None:
        """api: whose jobs they are, for those who count rows."""
        self._api = api
        self._database = database
        self._vault = vault
        self._url = url
        self._over = threading.Event()

    def stop(self) -> None:
        """The chunk in hand is finished first; the rest of the job is another worker's, or a later one's."""
        self._over.set()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                claims = jobs.Claims(self._url)
                try:
                    self._work(claims)
                finally:
                    claims.close()
            except StoreError:
                self._over.wait(_PAUSE)
            except Exception:
                logger.exception("a worker failed")
                self._over.wait(_PAUSE)

    def _work(self, claims: jobs.Claims) -> None:
        while not self._over.is_set():
            claimed = claims.claim()
            if claimed is None:
                claims.wait(_PATIENCE)
                continue
            organization_id, job = claimed
            try:
                self._finish(organization_id, job)
            finally:
                claims.release(job)

    def _finish(self, organization_id: int, job: UUID) -> None:
        with self._database.transaction(organization_id) as transaction:
            payload, before = jobs.read_payload(transaction, job), jobs.find(transaction, job)
        actor = payload.acting(organization_id)
        while not self._over.is_set():
            try:
                done = execute(self._database, self._vault, actor, RunChunk(job, payload), knows_owners=True)
            except StoreError:
                raise
            except Exception:
                logger.exception("job %s failed", job)
                execute(self._database, self._vault, actor, FailJob(job), knows_owners=True)
                return
            count_job(self._api, before, done)
            if done.state in ("ended", "failed"):
                return
            before = done
