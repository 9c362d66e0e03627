"""The past of a job, for a reader who has come late."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID

from contactory.core.execute import execute
from contactory.dialects.base import EventSocket
from contactory.http.progress import SCOPE, Progress
from contactory.http.watcher import Watcher
from contactory.model.jobs import FindJob, Job
from contactory.model.problems import Refusal
from contactory.serving.service import Service
from contactory.store.errors import StoreError


def replay(
    service: Service, watcher: Watcher, progress: Progress, watch: EventSocket, text: str
) -> asyncio.Task[None]:
    """Tell how a job began, where it is, and its end if it has one; then what comes. `text` is its id, or
    nothing. What is told of the job from now on waits until its past has been read. The reader is refused
    where there is no such job that he may see."""
    if not text:
        return asyncio.create_task(asyncio.sleep(0))
    try:
        id_ = UUID(text)
    except ValueError:
        watcher.refused.set()
        return asyncio.create_task(asyncio.sleep(0))
    watcher.courses.hold(id_)
    return asyncio.create_task(_tell(service, watcher, progress, watch, id_))


async def _tell(
    service: Service, watcher: Watcher, progress: Progress, watch: EventSocket, id_: UUID
) -> None:
    job = await _find(service, watcher, id_)
    later = watcher.courses.let_go(id_)
    organization_id = watcher.caller.organization_id
    if job is None or not progress.may_see(watcher.caller, begins := job.beginning(organization_id)):
        watcher.refused.set()
        return
    watcher.hear(begins, watch.frames)
    now = job.progress(organization_id, max(job.processed - 1, 0), job.processed)
    watcher.hear(now, watch.frames)
    watcher.courses.end(id_, job.processed, over=job.is_over)
    for event in later:
        watcher.hear(event, watch.frames)


async def _find(service: Service, watcher: Watcher, id_: UUID) -> Job | None:
    """The job, where the reader's token reaches it."""
    actor = watcher.caller.acting(SCOPE)
    with suppress(Refusal, StoreError):
        job: Job = await service.run(
            lambda: execute(service.database, service.encryption, actor, FindJob(id_), knows_owners=True)
        )
        return job
    return None
