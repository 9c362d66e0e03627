"""Admission control of one process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest

from contactory.model.problems import Code, Refusal
from contactory.serving import admission, contention, ticket
from contactory.serving.admission import Admission
from contactory.serving.memory import bytes_for
from contactory.serving.slots import SingleProcess
from contactory.serving.ticket import SMALL, Ticket

LARGE = 10 * SMALL
BUDGET = 8 * bytes_for(LARGE)


class Requests:
    """Requests that come one after the other. `admitted`: the names of those that may be read."""

    def __init__(self) -> None:
        self.admission = Admission(BUDGET, SingleProcess())
        self.admitted: list[str] = []
        self._ending: dict[str, asyncio.Event] = {}
        self._calls: list[asyncio.Task[None]] = []

    async def begin(self, name: str, organization: int, length: int) -> None:
        self._ending[name] = asyncio.Event()
        self._calls.append(asyncio.create_task(self._call(name, organization, length)))
        await asyncio.sleep(0.01)

    async def end(self, name: str) -> None:
        self._ending[name].set()
        await asyncio.sleep(0.01)

    async def _call(self, name: str, organization: int, length: int) -> None:
        async with self.admission.ticket(organization, length):
            self.admitted.append(name)
            await self._ending[name].wait()
        self.admitted.remove(name)

    async def close(self) -> None:
        for ending in self._ending.values():
            ending.set()
        await asyncio.gather(*self._calls)


def run(scene: Callable[[Requests], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        requests = Requests()
        await scene(requests)
        await requests.close()
        assert requests.admitted == []

    asyncio.run(play())


def test_two_requests_of_an_organization_are_in_hand_and_others_overtake() -> None:
    async def scene(requests: Requests) -> None:
        for number in range(3):
            await requests.begin(f"first {number}", 1, LARGE)
        await requests.begin("small", 2, 10)
        assert requests.admitted == ["first 0", "first 1", "small"]
        await requests.end("small")
        await requests.end("first 0")
        assert requests.admitted == ["first 1"]

    run(scene)


def test_one_request_of_an_organization_is_in_hand_under_contention(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(contention, "CONTENTION_SECONDS", 0.2)

    async def scene(requests: Requests) -> None:
        await requests.begin("other", 2, 10)
        for number in range(4):
            await requests.begin(f"first {number}", 1, 10)
        assert requests.admitted == ["other", "first 0"]
        await requests.end("first 0")
        assert requests.admitted == ["other", "first 1"]
        await asyncio.sleep(0.25)
        await requests.end("first 1")
        assert requests.admitted == ["other", "first 2", "first 3"]

    run(scene)


def test_request_that_waits_for_memory_is_not_overtaken_by_smaller_ones() -> None:
    async def scene(requests: Requests) -> None:
        await requests.begin("large", 1, LARGE)
        await requests.begin("giant", 2, 8 * LARGE)
        await requests.begin("later", 3, LARGE)
        await requests.begin("small", 4, 10)
        assert requests.admitted == ["large", "small"]
        await requests.end("large")
        assert requests.admitted == ["small", "giant"]
        await requests.end("giant")
        assert requests.admitted == ["small", "later"]

    run(scene)


def test_request_that_is_read_waits_for_a_slot_and_is_refused_after_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ticket, "TURN_SECONDS", 0.05)

    async def scene(requests: Requests) -> None:
        async with AsyncExitStack() as stack:
            tickets: list[Ticket] = [
                await stack.enter_async_context(requests.admission.ticket(organization, LARGE))
                for organization in (1, 2)
            ]
            await tickets[0].take_slot()
            with pytest.raises(Refusal) as refused:
                await tickets[1].take_slot()
            assert refused.value.problem.code is Code.TOO_MANY
            assert tickets[0].slot and not tickets[1].slot
        async with requests.admission.ticket(3, LARGE) as one:
            await one.take_slot()
            assert one.slot

    run(scene)


def test_queue_of_an_organization_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MOST_WAITING", 3)

    async def scene(requests: Requests) -> None:
        for number in range(5):
            await requests.begin(f"first {number}", 1, 10)
        with pytest.raises(Refusal) as refused:
            async with requests.admission.ticket(1, 10):
                pass
        assert refused.value.problem.code is Code.TOO_MANY
        await requests.begin("other", 2, 10)
        assert requests.admitted == ["first 0", "first 1", "other"]

    run(scene)


def test_slow_body_keeps_memory_only_for_what_was_received(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "BRISK_SECONDS", 0.05)
    monkeypatch.setattr(ticket, "PIECE", 10)

    async def scene(requests: Requests) -> None:
        await requests.begin("slow", 1, 8 * LARGE)
        await requests.begin("large", 2, LARGE)
        assert requests.admitted == ["slow"]
        await asyncio.sleep(0.1)
        assert requests.admitted == ["slow", "large"]

    run(scene)


def test_modest_request_overtakes_slow_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does, however much of them was received, as long as its organization holds nothing."""
    monkeypatch.setattr(admission, "BRISK_SECONDS", 0.05)
    modest = LARGE // 2

    async def scene(requests: Requests) -> None:
        async with requests.admission.ticket(1, 8 * LARGE) as slow:
            await slow.reserve(8 * LARGE - 1)
            await requests.begin("modest", 2, modest)
            assert requests.admitted == []
            await asyncio.sleep(0.1)
            assert requests.admitted == ["modest"]
            await requests.begin("another", 2, modest)
            await requests.begin("larger", 3, LARGE)
            assert requests.admitted == ["modest"]

    run(scene)


def test_slow_body_waits_for_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets its organization's share at most, where that has another request."""
    monkeypatch.setattr(admission, "BRISK_SECONDS", 0.0)
    monkeypatch.setattr(ticket, "PIECE", 0)

    async def scene(requests: Requests) -> None:
        async with AsyncExitStack() as stack:
            first, second = [
                await stack.enter_async_context(requests.admission.ticket(1, 2 * LARGE)) for _ in range(2)
            ]
            await asyncio.sleep(0.01)
            await first.reserve(2 * LARGE)
            await second.reserve(2 * LARGE)  # The half of all together.
            growing = asyncio.create_task(second.reserve(2 * LARGE + 1))
            await asyncio.sleep(0.01)
            assert not growing.done()
            async with requests.admission.ticket(2, LARGE):
                pass
            requests.admission._release(first)
            requests.admission._admit()
            await growing
            requests.admission._in_hand.add(1, 1)

    run(scene)


def test_organizations_take_turns_in_the_slot() -> None:
    served: list[int] = []

    async def call(requests: Requests, organization: int) -> None:
        async with requests.admission.ticket(organization, LARGE) as one:
            await one.take_slot()
            served.append(organization)
            await asyncio.sleep(0.01)

    async def scene(requests: Requests) -> None:
        coming = [asyncio.create_task(call(requests, organization)) for organization in (1, 1, 1, 1, 2, 3)]
        await asyncio.gather(*coming)
        assert served == [1, 2, 3, 1, 1, 1]

    run(scene)
