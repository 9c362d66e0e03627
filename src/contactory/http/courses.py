"""Events of jobs as one reader is told of them: each job's in order, and each once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from contactory.model.jobs import Event


@dataclass(slots=True)
class _Course:
    """How far a reader has been told of a job: the next row, and whether nothing is left to tell."""

    next: int = 0
    over: bool = False
    starts: bool = False  # that it begins has been told
    begun: asyncio.Event = field(default_factory=asyncio.Event)  # and has been sent


class Courses:
    """Events may come twice, or late: a job begins again when its first process dies before the answer, and
    a reader who asks for the past of a job is told of it while new events come in."""

    def __init__(self) -> None:
        self._courses: dict[UUID, _Course] = {}
        self._held: dict[UUID, list[Event]] = {}

    def begun(self, job: UUID) -> asyncio.Event:
        """Set when the reader has been sent that the job begins."""
        return self._courses.setdefault(job, _Course()).begun

    def hold(self, job: UUID) -> None:
        """Keep the events of a job until its past has been read."""
        self._held[job] = []

    def let_go(self, job: UUID) -> list[Event]:
        """The events that came meanwhile, to be told after the past."""
        return self._held.pop(job, [])

    def remaining(self, event: Event) -> Event | None:
        """Return what the reader has not been told of an event; it counts as told from now on."""
        if event.job in self._held:
            self._held[event.job].append(event)
            return None
        course = self._courses.get(event.job)
        if course is None:
            course = self._courses[event.job] = _Course(event.first)
        return _begin(course, event) if event.begins else self._go_on(course, event)

    def end(self, job: UUID, processed: int, *, over: bool) -> None:
        """Note how far the past of a job goes: what is told of it later goes on from there. The course of a
        job that is over is kept, since its last events may still be on their way."""
        course = self._courses.setdefault(job, _Course())
        course.next, course.over = processed, over

    def _go_on(self, course: _Course, event: Event) -> Event | None:
        first = max(event.first, course.next)
        last = max(event.last, first)
        if course.over or (first == last and not event.over):
            return None
        course.next = last
        if event.over:
            del self._courses[event.job]
        if first == event.first:
            return event
        return msgspec.structs.replace(event, first=first, last=last)


def _begin(course: _Course, event: Event) -> Event | None:
    if course.starts:
        return None
    course.starts = True
    if course.next or course.over:  # The reader has come in the middle of it.
        course.begun.set()
        return None
    return event
