"""A subscriber to the events of jobs, and the queue of its frames."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from contactory.http.event_order import EventOrder
from contactory.model.caller import Bearer, Caller
from contactory.model.jobs import Event
from contactory.model.limits import FRAMES_WAITING, READER_STALL_SECONDS

Frames = Callable[[Event], Sequence[str]]
Send = Callable[[str], Awaitable[None]]


class Subscriber:
    """The queue of frames for one socket.

    The beginning of a job is sent before all other frames, since a response waits for it; frames of
    different jobs need no order between them. `slow` is set when too many frames wait, `ended` when the
    token is no longer valid, and `refused` when the requested job may not be seen.
    """

    def __init__(self, caller: Caller, bearer: Bearer) -> None:
        self.caller = caller
        self.bearer = bearer
        self.slow, self.ended, self.refused = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.order = EventOrder()
        self._beginnings: deque[tuple[str, asyncio.Event]] = deque()
        self._others: deque[str] = deque()
        self._something, self._beginning = asyncio.Event(), asyncio.Event()
        self._taken = 0
        self._is_behind = False

    def queue(self, event: Event, frames: Frames) -> asyncio.Event | None:
        """Queue the frames of the part of an event that is new. Return, for the beginning of a job, the event
        that is set once it was sent."""
        begun = self.order.begun(event.job) if event.begins else None
        remaining = self.order.remaining(event)
        if remaining is not None:
            self._put(frames(remaining), begun)
        return begun

    async def wait_sent(self, begun: asyncio.Event) -> None:
        """Wait until the beginning of a job was sent.

        A subscriber whose socket takes no frame for `READER_STALL_SECONDS` is not waited for until it has
        caught up. This is measured in two intervals, since the event loop itself may have been blocked in
        one.
        """
        seen, idle = self._taken, 0
        while not (begun.is_set() or self._is_behind):
            with suppress(TimeoutError):
                async with asyncio.timeout(READER_STALL_SECONDS / 2):
                    await begun.wait()
            seen, idle = self._taken, 0 if self._taken != seen else idle + 1
            if idle == 2 and not begun.is_set():
                self._is_behind = True

    async def wait(self, seconds: float | None) -> None:
        """Wait until there is a frame to send. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self._something.wait()

    async def rest(self, seconds: float) -> None:
        """Pause for so many seconds, or until a job begins."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._beginning.wait()

    async def send(self, send: Send, most: int) -> None:
        """Send queued frames, `most` of them at most."""
        for _ in range(most):
            if self._beginnings:
                frame, begun = self._beginnings[0]
                await send(frame)
                begun.set()
                self._beginnings.popleft()
            elif self._others:
                await send(self._others.popleft())
            else:
                break
            self._taken += 1
        if not self._beginnings:
            self._beginning.clear()
            if not self._others:
                self._something.clear()
                self._is_behind = False

    def is_far_behind(self) -> bool:
        """Tell whether a quarter of the frames that may wait do so."""
        return 4 * self._count_waiting() > FRAMES_WAITING

    def leave(self) -> None:
        """Release everyone who waits for this subscriber."""
        self._is_behind = True
        for _, begun in self._beginnings:
            begun.set()

    def _put(self, frames: Sequence[str], begun: asyncio.Event | None) -> None:
        if begun is None:
            self._others.extend(frames)
        else:
            self._beginnings.extend((frame, begun) for frame in frames)
            self._beginning.set()
        self._something.set()
        if self._count_waiting() > FRAMES_WAITING:
            self.slow.set()

    def _count_waiting(self) -> int:
        return len(self._beginnings) + len(self._others)
