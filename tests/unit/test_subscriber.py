"""The queue of a subscriber's frames: its order, its bound, and the wait for a stalled subscriber."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from contactory.http.subscriber import Subscriber
from contactory.model.caller import Bearer, Caller
from contactory.model.jobs import Event
from contactory.model.limits import FRAMES_WAITING

ONE, OTHER = UUID(int=1), UUID(int=2)


def event(job: UUID, first: int = 0, last: int = 0, *, begins: bool = False, over: bool = False) -> Event:
    return Event(1, 1, job, 0, 10, first, last, begins, over)


def frames(told: Event) -> Sequence[str]:
    job = told.job.int
    beginning, end = [f"{job} begins"] * told.begins, [f"{job} ends"] * told.over
    return [*beginning, *(f"{job} {i}" for i in range(told.first, told.last)), *end]


def make() -> Subscriber:
    return Subscriber(Caller(1, 1, None, frozenset(), "manager"), Bearer("token"))


async def sent_of(subscriber: Subscriber, most: int = 1000) -> list[str]:
    sent: list[str] = []

    async def send(frame: str) -> None:
        sent.append(frame)

    await subscriber.send(send, most)
    return sent


def test_beginning_of_a_job_is_sent_before_queued_frames() -> None:
    async def run() -> list[str]:
        subscriber = make()
        subscriber.queue(event(ONE, begins=True), frames)
        subscriber.queue(event(ONE, 0, 3), frames)
        told = await sent_of(subscriber, 2)
        begun = subscriber.queue(event(OTHER, begins=True), frames)
        subscriber.queue(event(OTHER, 0, 1, over=True), frames)
        assert begun is not None and not begun.is_set()
        told += await sent_of(subscriber)
        assert begun.is_set()
        return told

    assert asyncio.run(run()) == [
        "1 begins", "1 0", "2 begins", "1 1", "1 2", "2 0", "2 ends",
    ]  # fmt: skip


def test_repeated_and_overlapping_events_are_sent_once() -> None:
    async def run() -> list[str]:
        subscriber = make()
        for told in (
            event(ONE, begins=True),
            event(ONE, 0, 2),
            event(ONE, begins=True),
            event(ONE, 1, 3),
            event(ONE, 0, 3),
            event(ONE, 3, 4, over=True),
        ):
            subscriber.queue(told, frames)
        return await sent_of(subscriber)

    assert asyncio.run(run()) == ["1 begins", "1 0", "1 1", "1 2", "1 3", "1 ends"]


def test_past_of_a_job_is_sent_before_new_events() -> None:
    async def run() -> list[str]:
        subscriber = make()
        subscriber.order.hold(ONE)
        for told in (event(ONE, begins=True), event(ONE, 0, 4), event(ONE, 4, 6), event(OTHER, 0, 1)):
            subscriber.queue(told, frames)
        later = subscriber.order.release(ONE)
        subscriber.queue(event(ONE, begins=True), frames)
        subscriber.queue(event(ONE, 3, 4), frames)
        subscriber.order.end(ONE, 4, over=False)
        for told in (*later, event(ONE, 4, 6), event(ONE, 6, 7, over=True)):
            subscriber.queue(told, frames)
        return await sent_of(subscriber)

    assert asyncio.run(run()) == [
        "1 begins", "2 0", "1 3", "1 4", "1 5", "1 6", "1 ends",
    ]  # fmt: skip


def test_late_events_of_an_ended_job_are_not_sent() -> None:
    async def run() -> list[str]:
        subscriber = make()
        subscriber.order.end(ONE, 7, over=True)
        begun = subscriber.queue(event(ONE, begins=True), frames)
        assert begun is not None and begun.is_set()
        subscriber.queue(event(ONE, 5, 7, over=True), frames)
        return await sent_of(subscriber)

    assert asyncio.run(run()) == []


def test_stalled_subscriber_is_not_waited_for_again_until_it_has_caught_up() -> None:
    async def run() -> None:
        subscriber, reads = make(), asyncio.Event()

        async def send(_frame: str) -> None:
            await reads.wait()

        first = subscriber.queue(event(ONE, begins=True), frames)
        sending = asyncio.create_task(subscriber.send(send, 100))
        assert first is not None
        await subscriber.wait_sent(first)
        assert not first.is_set()
        second = subscriber.queue(event(OTHER, begins=True), frames)
        assert second is not None
        at_once = asyncio.create_task(subscriber.wait_sent(second))
        await asyncio.sleep(0)
        assert at_once.done() and not second.is_set()
        reads.set()
        await sending
        third = subscriber.queue(event(UUID(int=3), begins=True), frames)
        assert third is not None
        waiting = asyncio.create_task(subscriber.wait_sent(third))
        await asyncio.sleep(0)
        assert not waiting.done()
        await subscriber.send(send, 100)
        await waiting
        assert third.is_set()

    asyncio.run(run())


def test_subscriber_that_left_is_not_waited_for() -> None:
    async def run() -> None:
        subscriber = make()
        begun = subscriber.queue(event(ONE, begins=True), frames)
        assert begun is not None
        subscriber.leave()
        waiting = asyncio.create_task(subscriber.wait_sent(begun))
        await asyncio.sleep(0)
        assert waiting.done()

    asyncio.run(run())


@pytest.mark.parametrize(("waiting", "slow"), [(FRAMES_WAITING, False), (FRAMES_WAITING + 1, True)])
def test_queue_of_frames_is_bounded(waiting: int, slow: bool) -> None:
    subscriber = make()
    subscriber.queue(event(ONE, 0, waiting), lambda told: [""] * (told.last - told.first))
    assert subscriber.slow.is_set() is slow
