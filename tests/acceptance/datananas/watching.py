"""A socket that keeps the events that it gets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from .client import Api

STARTING, RUNNING, ENDING = (f"contact_bulk_create_{name}" for name in ("starting", "running", "ending"))


class Watching:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def next(self, seconds: float = 20) -> Any:
        """Return the next event that is not a ping."""
        while (event := json.loads(self.socket.recv(timeout=seconds)))["type"] == "ping":
            pass
        return event

    def until_end(self) -> list[Any]:
        """Return all events up to the end of a bulk call."""
        events = [self.next()]
        while events[-1]["type"] != ENDING:
            events.append(self.next())
        return events

    def is_quiet(self, seconds: float = 0.5) -> bool:
        try:
            self.socket.recv(timeout=seconds)
        except TimeoutError:
            return True
        return False


@contextmanager
def watching(api: Api, query: str = "", headers: dict[str, str] | None = None) -> Iterator[Watching]:
    """Open sockets, with the bearer header unless other headers are given."""
    url = api.base.replace("http", "ws", 1) + "/ws" + query
    given = {"authorization": f"Bearer {api.token}"} if headers is None else headers
    with connect(url, additional_headers=given, proxy=None) as socket:
        yield Watching(socket)
