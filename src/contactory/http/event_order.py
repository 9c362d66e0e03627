"""The order of events for one subscriber: each job's in order, and each event once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from contactory.model.jobs import Event


@dataclass(slots=True)
class _Position:
    """The position of a subscriber in a job: the next row, and whether the job's end is behind it."""

    next: int = 0
    over: bool = False
    starts: bool = False  # The beginning is queued.
    begun: asyncio.Event = field(default_factory=asyncio.Event)  # The beginning was sent.


class EventOrder:
    """The position of a subscriber in every open job.

    Events may come twice or late: a job begins again when its first process dies before the response, and a
    subscriber may replay the past of a job while new events come in.
    """

    def __init__(self) -> None:
        self._positions: dict[UUID, _Position] = {}
        self._held: dict[UUID, list[Event]] = {}

    def begun(self, job: UUID) -> asyncio.Event:
        """Return the event that is set once the subscriber was sent the beginning of the job."""
        return self._positions.setdefault(job, _Position()).begun

    def hold(self, job: UUID) -> None:
        """Hold back the events of a job until its past has been read."""
        self._held[job] = []

    def release(self, job: UUID) -> list[Event]:
        """Return the events that were held back, to be sent after the past."""
        return self._held.pop(job, [])

    def remaining(self, event: Event) -> Event | None:
        """Return the part of an event that is new to the subscriber, or None, and move its position
        behind."""
        if event.job in self._held:
            self._held[event.job].append(event)
            return None
        position = self._positions.get(event.job)
        if position is None:
            position = self._positions[event.job] = _Position(event.first)
        return _begin(position, event) if event.begins else self._advance(position, event)

    def end(self, job: UUID, processed: int, *, over: bool) -> None:
        """Set the position after the past of a job was sent. The position in a job that is over is kept,
        since its last events may still be on their way."""
        position = self._positions.setdefault(job, _Position())
        position.next, position.over = processed, over

    def _advance(self, position: _Position, event: Event) -> Event | None:
        first = max(event.first, position.next)
        last = max(event.last, first)
        if position.over or (first == last and not event.over):
            return None
        position.next = last
        if event.over:
            del self._positions[event.job]
        if first == event.first:
            return event
        return msgspec.structs.replace(event, first=first, last=last)


def _begin(position: _Position, event: Event) -> Event | None:
    if position.starts:
        return None
    position.starts = True
    if position.next or position.over:  # The subscriber joined in the middle of the job.
        position.begun.set()
        return None
    return event
