"""Progress of jobs, pushed to those who watch. Frames are made once for all, and trail the work: a reader
that does not keep up is let go, and holds nothing up. The call that begins a job is answered when this has
been sent."""

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
from contactory.http.watcher import Watcher
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
    """What this process hears of jobs, for those who watch here."""

    def __init__(self, service: Service, watch: EventSocket) -> None:
        self._service = service
        self._watch = watch
        self._watchers: set[Watcher] = set()
        self._begun: dict[UUID, asyncio.Queue[None]] = {}
        self._open: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def is_busy(self) -> bool:
        """Whether rows are being written."""
        return bool(self._open)

    def join(self, watcher: Watcher) -> None:
        self._watchers.add(watcher)

    def leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)
        watcher.leave()

    async def hear(self) -> None:
        """Pass on what is told, as long as the process lives."""
        while True:
            self._open.clear()  # The ends of these may not have been heard.
            try:
                async for channel, message in events.subscribe(self._service.database):
                    if channel == events.ACKNOWLEDGED:
                        if begun := self._begun.get(UUID(message)):
                            begun.put_nowait(None)
                    else:
                        event = msgspec.json.decode(message, type=Event)
                        if event.begins:
                            await self._look_again(
                                [w for w in self._watchers if self.may_see(w.caller, event)]
                            )
                        self._pass_on(event)
            except StoreError:
                pass  # It comes back, and so do we.
            except Exception:
                logger.exception("progress could not be passed on")
            await asyncio.sleep(_PAUSE)

    async def check(self) -> None:
        """See to it that those who watch still may, as long as the process lives."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self._look_again([*self._watchers])
            except Exception:
                logger.exception("tokens of sockets could not be looked up")

    async def _look_again(self, watchers: Sequence[Watcher]) -> None:
        """Ask what the tokens are good for now, in one query. While the database is away nothing changes, and
        nothing is told either."""
        if not watchers:
            return
        shown = [watcher.shown for watcher in watchers]
        with suppress(StoreError):
            callers = await self._service.run(lambda: authenticate_again(self._service.database, shown))
            for watcher, caller in zip(watchers, callers, strict=True):
                if caller is None or not caller.may(SCOPE):
                    watcher.ended.set()
                    self.leave(watcher)
                else:
                    watcher.caller = caller

    async def announce(self, event: Event) -> None:
        """Tell all processes that a job begins, and wait until they have told those who watch."""
        begun: asyncio.Queue[None] = asyncio.Queue()
        self._begun[event.job] = begun

        def tell() -> int:
            with self._service.database.transaction(event.organization_id) as transaction:
                jobs.publish(transaction, event)
                return events.count_subscribers(transaction)

        try:
            hearers = await self._service.run(tell)
            with suppress(asyncio.TimeoutError):
                async with asyncio.timeout(ANNOUNCE_SECONDS):
                    for _ in range(hearers):
                        await begun.get()
        finally:
            del self._begun[event.job]

    def _pass_on(self, event: Event) -> None:
        (self._open.discard if event.over else self._open.add)(event.job)
        made: dict[tuple[int, int], Sequence[str]] = {}

        def frames(part: Event) -> Sequence[str]:
            rows = part.first, part.last
            if rows not in made:
                made[rows] = self._watch.frames(part)
            return made[rows]

        begun = [
            (watcher, watcher.hear(event, frames))
            for watcher in self._watchers
            if self.may_see(watcher.caller, event)
        ]
        if event.begins:
            task = asyncio.create_task(self._acknowledge(event, begun))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def may_see(self, caller: Caller, event: Event) -> bool:
        """The caller's own, or where all of the company's are told, those that the token reaches."""
        if caller.organization_id != event.organization_id:
            return False
        reached = self._watch.whole_company and (caller.reaches_all(SCOPE) or not event.user_id)
        return reached or (caller.user_id or 0) == event.user_id

    async def _acknowledge(self, event: Event, begun: Sequence[tuple[Watcher, asyncio.Event | None]]) -> None:
        """Tell the process that announced it, once all have been told who read what they are sent."""
        await asyncio.gather(*(watcher.told(one) for watcher, one in begun if one is not None))

        def tell() -> None:
            with self._service.database.transaction(event.organization_id) as transaction:
                events.acknowledge(transaction, str(event.job))

        with suppress(StoreError):
            await self._service.run(tell)
