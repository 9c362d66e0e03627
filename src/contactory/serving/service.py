"""The state that all routes of a process share: database, keys, limits and threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TypeVar

from litestar.datastructures.url import Address

from contactory.access.throttle import Visitor
from contactory.core.execute import Encryption
from contactory.model.jobs import Event
from contactory.serving.admission import Admission
from contactory.serving.anonymous import AnonymousBudget
from contactory.serving.socket_limits import SocketLimits
from contactory.store.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """The database driver blocks, so requests are worked at in `threads`, one per connection of the pool."""

    database: Database
    encryption: Encryption
    threads: ThreadPoolExecutor
    max_body_bytes: int
    token_seconds: int
    admission: Admission
    anonymous: AnonymousBudget = field(default_factory=AnonymousBudget)
    sockets: SocketLimits = field(default_factory=SocketLimits)
    own_threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "operations"))
    cors_origins: Sequence[str] = ()
    shows_metrics: bool = True
    guessing_key: bytes = b""
    announcers: list[Callable[[Event], Awaitable[None]]] = field(default_factory=list)

    def visitor(self, client: Address | None) -> Visitor:
        """Return where a request comes from, as the throttle counts it."""
        return Visitor(client.host if client else "", self.guessing_key)

    async def announce(self, event: Event) -> None:
        """Publish that a job begins, and wait until its subscribers have been sent the event."""
        for announce in self.announcers:
            await announce(event)

    async def run_operation(self, work: Callable[[], T]) -> T:
        """Run work for an operator's request in a thread kept for these, since all others may be busy."""
        return await asyncio.get_running_loop().run_in_executor(self.own_threads, work)

    async def run(self, work: Callable[[], T]) -> T:
        """Run work in a thread, in the context of the request."""
        inside = copy_context()
        return await asyncio.get_running_loop().run_in_executor(self.threads, lambda: inside.run(work))
