"""Progress of jobs, pushed to the sockets of this process.

Frames are made once for all subscribers. A subscriber that does not keep up is disconnected. The request that
begins a job gets its response once the subscribers were sent the beginning.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import msgspec

from contactory.access.caller import authenticate_again
from contactory.dialects.base import EventSocket
from contactory.http.subscriber import Subscriber
from contactory.model.caller import Caller
from contactory.model.jobs import Event
from contactory.model.limits import ANNOUNCE_SECONDS
from contactory.serving.service import Service
from contactory.store import events, jobs
from contactory.store.errors import StoreError

CHECK_SECONDS: Final = 1.0
SCOPE: Final = "contacts:read"  # what a socket's token must have
_PAUSE: Final = 1.0

logger = logging.getLogger(__name__)


class Progress:
    """The subscribers of this process, and the events of jobs that are published to them."""

    def __init__(self, service: Service, event_socket: EventSocket) -> None:
        self._service = service
        self._event_socket = event_socket
        self._subscribers: set[Subscriber] = set()
        self._begun: dict[UUID, asyncio.Queue[None]] = {}
        self._open: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def is_busy(self) -> bool:
        """Tell whether rows of any job are being written."""
        return bool(self._open)

    def count_subscribers(self) -> int:
        return len(self._subscribers)

    def join(self, subscriber: Subscriber) -> None:
        self._subscribers.add(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)
        subscriber.leave()

    async def listen(self) -> None:
        """Publish the events of jobs to subscribers, as long as the process lives."""
        while True:
            self._open.clear()  # Their ends may have been missed.
            try:
                async for channel, message in events.subscribe(self._service.database):
                    if channel == events.ACKNOWLEDGED:
                        if begun := self._begun.get(UUID(message)):
                            begun.put_nowait(None)
                    else:
                        event = msgspec.json.decode(message, type=Event)
                        if event.begins:
                            await self._check_tokens(
                                [each for each in self._subscribers if self.may_see(each.caller, event)]
                            )
                        self._publish(event)
            except StoreError:
                pass  # Try again when the database is back.
            except Exception:
                logger.exception("progress could not be published")
            await asyncio.sleep(_PAUSE)

    async def check(self) -> None:
        """Disconnect subscribers whose tokens are no longer valid, as long as the process lives."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self._check_tokens([*self._subscribers])
            except Exception:
                logger.exception("tokens of sockets could not be looked up")

    async def _check_tokens(self, subscribers: Sequence[Subscriber]) -> None:
        """Authenticate the tokens of subscribers again, in one query. While the database is away nothing
        changes, and nothing is published either."""
        if not subscribers:
            return
        bearers = [subscriber.bearer for subscriber in subscribers]
        with suppress(StoreError):
            callers = await self._service.run(lambda: authenticate_again(self._service.database, bearers))
            for subscriber, caller in zip(subscribers, callers, strict=True):
                if caller is None or not caller.may(SCOPE):
                    subscriber.ended.set()
                    self.leave(subscriber)
                else:
                    subscriber.caller = caller

    async def announce(self, event: Event) -> None:
        """Notify all processes that a job begins, and wait until they have sent it to their subscribers."""
        begun: asyncio.Queue[None] = asyncio.Queue()
        self._begun[event.job] = begun

        def notify() -> int:
            with self._service.database.transaction(event.organization_id) as transaction:
                jobs.publish(transaction, event)
                return events.count_subscribers(transaction)

        try:
            listeners = await self._service.run(notify)
            with suppress(asyncio.TimeoutError):
                async with asyncio.timeout(ANNOUNCE_SECONDS):
                    for _ in range(listeners):
                        await begun.get()
        finally:
            del self._begun[event.job]

    def _publish(self, event: Event) -> None:
        (self._open.discard if event.over else self._open.add)(event.job)
        made: dict[tuple[int, int], Sequence[str]] = {}

        def frames(part: Event) -> Sequence[str]:
            rows = part.first, part.last
            if rows not in made:
                made[rows] = self._event_socket.frames(part)
            return made[rows]

        begun = [
            (subscriber, subscriber.queue(event, frames))
            for subscriber in self._subscribers
            if self.may_see(subscriber.caller, event)
        ]
        if event.begins:
            task = asyncio.create_task(self._acknowledge(event, begun))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def may_see(self, caller: Caller, event: Event) -> bool:
        """Tell whether a caller may see an event: one of its own jobs, or where the settings allow it, one of
        the company's that its token reaches."""
        if caller.organization_id != event.organization_id:
            return False
        reached = self._event_socket.whole_company and (caller.reaches_all(SCOPE) or not event.user_id)
        return reached or (caller.user_id or 0) == event.user_id

    async def _acknowledge(
        self, event: Event, begun: Sequence[tuple[Subscriber, asyncio.Event | None]]
    ) -> None:
        """Notify the process that announced the job once the subscribers that keep up were sent its
        beginning."""
        await asyncio.gather(*(subscriber.wait_sent(one) for subscriber, one in begun if one is not None))

        def notify() -> None:
            with self._service.database.transaction(event.organization_id) as transaction:
                events.acknowledge(transaction, str(event.job))

        with suppress(StoreError):
            await self._service.run(notify)
