"""The past of a job, sent to a subscriber that joins late."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID

from contactory.core.execute import execute
from contactory.dialects.base import EventSocket
from contactory.http.progress import SCOPE, Progress
from contactory.http.subscriber import Subscriber
from contactory.model.jobs import FindJob, Job
from contactory.model.problems import Refusal
from contactory.serving.service import Service
from contactory.store.errors import StoreError


def replay(
    service: Service, subscriber: Subscriber, progress: Progress, event_socket: EventSocket, text: str
) -> asyncio.Task[None]:
    """Send the beginning of a job, its present state, its end if it has one, and then its new events.

    `text`: the job's id, or "" for none. New events of the job wait until its past has been read. The
    subscriber is refused where there is no such job that it may see.
    """
    if not text:
        return asyncio.create_task(asyncio.sleep(0))
    try:
        id_ = UUID(text)
    except ValueError:
        subscriber.refused.set()
        return asyncio.create_task(asyncio.sleep(0))
    subscriber.order.hold(id_)
    return asyncio.create_task(_replay(service, subscriber, progress, event_socket, id_))


async def _replay(
    service: Service, subscriber: Subscriber, progress: Progress, event_socket: EventSocket, id_: UUID
) -> None:
    job = await _find(service, subscriber, id_)
    later = subscriber.order.release(id_)
    organization_id = subscriber.caller.organization_id
    if job is None or not progress.may_see(subscriber.caller, begins := job.beginning(organization_id)):
        subscriber.refused.set()
        return
    subscriber.queue(begins, event_socket.frames)
    now = job.progress(organization_id, max(job.processed - 1, 0), job.processed)
    subscriber.queue(now, event_socket.frames)
    subscriber.order.end(id_, job.processed, over=job.is_over)
    for event in later:
        subscriber.queue(event, event_socket.frames)


async def _find(service: Service, subscriber: Subscriber, id_: UUID) -> Job | None:
    """Return the job, or None where the subscriber's token does not reach it."""
    actor = subscriber.caller.actor_for(SCOPE)
    with suppress(Refusal, StoreError):
        job: Job = await service.run(
            lambda: execute(service.database, service.encryption, actor, FindJob(id_), supports_owners=True)
        )
        return job
    return None
