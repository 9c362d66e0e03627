"""Whose turn it is in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest

from contactory.http import admission, contention, place
from contactory.http.admission import Admission
from contactory.http.crossing import Alone
from contactory.http.memory import need
from contactory.http.place import SMALL, Place
from contactory.model.problems import Code, Refusal

LARGE = 10 * SMALL
BUDGET = 8 * need(LARGE)


class Door:
    """Calls come one after the other; `inside` are those whose turn has come."""

    def __init__(self) -> None:
        self.admission = Admission(BUDGET, Alone())
        self.inside: list[str] = []
        self._leaving: dict[str, asyncio.Event] = {}
        self._calls: list[asyncio.Task[None]] = []

    async def come(self, name: str, organization: int, length: int) -> None:
        self._leaving[name] = asyncio.Event()
        self._calls.append(asyncio.create_task(self._call(name, organization, length)))
        await asyncio.sleep(0.01)

    async def go(self, name: str) -> None:
        self._leaving[name].set()
        await asyncio.sleep(0.01)

    async def _call(self, name: str, organization: int, length: int) -> None:
        async with self.admission.place(organization, length):
            self.inside.append(name)
            await self._leaving[name].wait()
        self.inside.remove(name)

    async def close(self) -> None:
        for leaving in self._leaving.values():
            leaving.set()
        await asyncio.gather(*self._calls)


def run(scene: Callable[[Door], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        door = Door()
        await scene(door)
        await door.close()
        assert door.inside == []

    asyncio.run(play())


def test_two_calls_of_an_organization_are_in_hand_and_others_go_past() -> None:
    async def scene(door: Door) -> None:
        for number in range(3):
            await door.come(f"first {number}", 1, LARGE)
        await door.come("small", 2, 10)
        assert door.inside == ["first 0", "first 1", "small"]
        await door.go("small")
        await door.go("first 0")
        assert door.inside == ["first 1"]

    run(scene)


def test_an_organization_has_one_call_in_hand_while_calls_of_another_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(contention, "CONTENTION_SECONDS", 0.2)

    async def scene(door: Door) -> None:
        await door.come("other", 2, 10)
        for number in range(4):
            await door.come(f"first {number}", 1, 10)
        assert door.inside == ["other", "first 0"]
        await door.go("first 0")
        assert door.inside == ["other", "first 1"]
        await asyncio.sleep(0.25)
        await door.go("first 1")
        assert door.inside == ["other", "first 2", "first 3"]

    run(scene)


def test_who_waits_for_memory_is_not_overtaken_by_those_that_need_less() -> None:
    async def scene(door: Door) -> None:
        await door.come("large", 1, LARGE)
        await door.come("giant", 2, 8 * LARGE)
        await door.come("later", 3, LARGE)
        await door.come("small", 4, 10)
        assert door.inside == ["large", "small"]
        await door.go("large")
        assert door.inside == ["small", "giant"]
        await door.go("giant")
        assert door.inside == ["small", "later"]

    run(scene)


def test_one_that_is_read_has_a_lane_and_who_waits_for_it_too_long_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(place, "TURN_SECONDS", 0.05)

    async def scene(door: Door) -> None:
        async with AsyncExitStack() as stack:
            places: list[Place] = [
                await stack.enter_async_context(door.admission.place(organization, LARGE))
                for organization in (1, 2)
            ]
            await places[0].take_lane()
            with pytest.raises(Refusal) as refused:
                await places[1].take_lane()
            assert refused.value.problem.code is Code.TOO_MANY
            assert places[0].lane and not places[1].lane
        async with door.admission.place(3, LARGE) as place:
            await place.take_lane()
            assert place.lane

    run(scene)


def test_only_so_many_calls_of_an_organization_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MOST_WAITING", 3)

    async def scene(door: Door) -> None:
        for number in range(5):
            await door.come(f"first {number}", 1, 10)
        with pytest.raises(Refusal) as refused:
            async with door.admission.place(1, 10):
                pass
        assert refused.value.problem.code is Code.TOO_MANY
        await door.come("other", 2, 10)
        assert door.inside == ["first 0", "first 1", "other"]

    run(scene)


def test_a_body_that_is_slow_in_coming_keeps_only_what_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "BRISK_SECONDS", 0.05)
    monkeypatch.setattr(place, "PIECE", 10)

    async def scene(door: Door) -> None:
        await door.come("slow", 1, 8 * LARGE)
        await door.come("large", 2, LARGE)
        assert door.inside == ["slow"]
        await asyncio.sleep(0.1)
        assert door.inside == ["slow", "large"]

    run(scene)


def test_a_modest_call_need_not_wait_for_slow_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much of them has come, as long as its organization holds nothing."""
    monkeypatch.setattr(admission, "BRISK_SECONDS", 0.05)
    modest = LARGE // 2

    async def scene(door: Door) -> None:
        async with door.admission.place(1, 8 * LARGE) as slow:
            await slow.take(8 * LARGE - 1)
            await door.come("modest", 2, modest)
            assert door.inside == []
            await asyncio.sleep(0.1)
            assert door.inside == ["modest"]
            await door.come("another", 2, modest)
            await door.come("larger", 3, LARGE)
            assert door.inside == ["modest"]

    run(scene)


def test_a_slow_body_waits_for_the_memory_that_it_needs_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than its organization's share, where that has another call."""
    monkeypatch.setattr(admission, "BRISK_SECONDS", 0.0)
    monkeypatch.setattr(place, "PIECE", 0)

    async def scene(door: Door) -> None:
        async with AsyncExitStack() as stack:
            first, second = [
                await stack.enter_async_context(door.admission.place(1, 2 * LARGE)) for _ in range(2)
            ]
            await asyncio.sleep(0.01)
            await first.take(2 * LARGE)
            await second.take(2 * LARGE)  # The half of all together.
            growing = asyncio.create_task(second.take(2 * LARGE + 1))
            await asyncio.sleep(0.01)
            assert not growing.done()
            async with door.admission.place(2, LARGE):
                pass
            door.admission._leave(first)
            door.admission._let_in()
            await growing
            door.admission._inside.add(1, 1)

    run(scene)


def test_organizations_take_turns_in_the_slot() -> None:
    served: list[int] = []

    async def call(door: Door, organization: int) -> None:
        async with door.admission.place(organization, LARGE) as place:
            await place.take_lane()
            served.append(organization)
            await asyncio.sleep(0.01)

    async def scene(door: Door) -> None:
        coming = [asyncio.create_task(call(door, organization)) for organization in (1, 1, 1, 1, 2, 3)]
        await asyncio.gather(*coming)
        assert served == [1, 2, 3, 1, 1, 1]

    run(scene)
