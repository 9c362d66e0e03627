"""The past of a job, for a reader who has come late."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec

from contactory.core.execute import execute
from contactory.dialects.base import Watch
from contactory.http.service import Service
from contactory.http.watcher import Watcher
from contactory.model.jobs import Event, FindJob, Job
from contactory.model.problems import Refusal
from contactory.store.errors import StoreError


def replay(service: Service, watcher: Watcher, watch: Watch, text: str) -> asyncio.Task[None]:
    """Tell how a job began, where it is, and its end if it has one; then what comes. `text` is its id, or
    nothing. What is told of the job from now on waits until its past has been read."""
    try:
        id_ = UUID(text)
    except ValueError:
        return asyncio.create_task(asyncio.sleep(0))
    watcher.courses.hold(id_)
    return asyncio.create_task(_tell(service, watcher, watch, id_))


async def _tell(service: Service, watcher: Watcher, watch: Watch, id_: UUID) -> None:
    job = await _find(service, watcher, watch, id_)
    later = watcher.courses.let_go(id_)
    if job is not None:
        over = job.state in ("ended", "failed")
        begins = Event(
            watcher.caller.organization_id, job.user_id, job.id, job.list_id, job.total, begins=True
        )
        watcher.hear(begins, watch.frames)
        now = msgspec.structs.replace(
            begins,
            begins=False,
            first=max(job.processed - 1, 0),
            last=job.processed,
            over=over,
            created=job.created,
            updated=job.updated,
            failed=job.failed,
        )
        watcher.hear(now, watch.frames)
        watcher.courses.end(id_, job.processed, over=over)
    for event in later:
        watcher.hear(event, watch.frames)


async def _find(service: Service, watcher: Watcher, watch: Watch, id_: UUID) -> Job | None:
    """The job, where the reader may see it."""
    caller = watcher.caller
    try:
        job: Job = await service.run(
            lambda: execute(service.database, service.vault, caller.organization_id, FindJob(id_))
        )
    except (Refusal, StoreError):
        return None
    return job if watch.whole_company or job.user_id == (caller.user_id or 0) else None
