"""One reader of what is told about jobs: frames wait here until the socket has taken them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from contactory.http.courses import Courses
from contactory.model.caller import Bearer, Caller
from contactory.model.jobs import Event
from contactory.model.limits import FRAMES_WAITING, READER_STALL_SECONDS

Frames = Callable[[Event], Sequence[str]]
Send = Callable[[str], Awaitable[None]]


class Watcher:
    """Queue of the frames for one reader. The beginning of a job is sent before whatever else waits, since an
    answer waits for it, and frames of different jobs need no order among each other. `slow` is set when too
    many frames wait, `ended` when the token that was `shown` is good for nothing any more, `refused` when
    what was asked for may not be seen."""

    def __init__(self, caller: Caller, shown: Bearer) -> None:
        self.caller = caller
        self.shown = shown
        self.slow, self.ended, self.refused = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.courses = Courses()
        self._beginnings: deque[tuple[str, asyncio.Event]] = deque()
        self._others: deque[str] = deque()
        self._something, self._beginning = asyncio.Event(), asyncio.Event()
        self._taken = 0
        self._is_behind = False

    def hear(self, event: Event, frames: Frames) -> asyncio.Event | None:
        """Queue what is new of an event. For a job that begins, answers what is set when it has been sent."""
        begun = self.courses.begun(event.job) if event.begins else None
        told = self.courses.remaining(event)
        if told is not None:
            self._put(frames(told), begun)
        return begun

    async def told(self, begun: asyncio.Event) -> None:
        """Wait until it is sent. A reader whose socket takes no frame for a while is not waited for, now or
        later, until it has caught up. Two intervals count, since in one the loop itself may have stood still.
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
        """Wait until a frame waits. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self._something.wait()

    async def rest(self, seconds: float) -> None:
        """Send nothing for so long, unless a job begins."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._beginning.wait()

    async def send(self, send: Send, most: int) -> None:
        """Send frames that wait, at most so many."""
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

    def leave(self) -> None:
        """Nobody is to wait for this reader any more."""
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
        if len(self._beginnings) + len(self._others) > FRAMES_WAITING:
            self.slow.set()
