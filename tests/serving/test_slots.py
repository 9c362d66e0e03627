"""Slots of several processes, which are all this one here, under other process numbers."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from contactory.serving import contention, slots
from contactory.serving.slots import SingleProcess, Slot, SlotPool

Start = Callable[[], SlotPool]
Acquire = Callable[..., Slot | None]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start another process."""
    monkeypatch.setattr(slots, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(slots, "BACKOFF_SECONDS", 0.0)

    def start() -> SlotPool:
        number = len(list(tmp_path.glob("*.slot"))) + 1
        monkeypatch.setattr(os, "getpid", lambda: number)
        return SlotPool(tmp_path)

    return start


@pytest.fixture
def acquire() -> Iterator[Acquire]:
    """Take a slot, which is released again in the end."""
    with ExitStack() as taken:

        def acquire(process: SlotPool, organization: int = 1) -> Slot | None:
            if slot := process.acquire(organization):
                taken.callback(slot.release)
            return slot

        yield acquire


def test_contention_is_seen_by_all_processes(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contention, "CONTENTION_SECONDS", 0.1)
    first, second = start(), start()
    for process in (first, second, first):
        process.contention.note_call(1)
        assert not first.contention.is_high() and not second.contention.is_high()
    second.contention.note_call(2)
    assert first.contention.is_high() and second.contention.is_high()
    time.sleep(0.15)
    second.contention.note_call(2)
    assert not first.contention.is_high()


def test_process_takes_the_slot_of_another_when_its_own_is_taken(start: Start, acquire: Acquire) -> None:
    first, second = start(), start()
    own, other = acquire(first), acquire(first)
    assert own and own.is_own
    assert other and not other.is_own
    assert acquire(first) is None and acquire(second) is None
    other.release()
    mine = acquire(second)
    assert mine and mine.is_own
    own.release()
    again = acquire(second)
    assert again and not again.is_own


def test_files_of_dead_processes_are_removed(start: Start, tmp_path: Path) -> None:
    (tmp_path / "0.slot").touch()  # There is no process of that number.
    start()
    assert list(tmp_path.glob("0.*")) == []


def test_one_large_request_runs_at_a_time_while_small_ones_come(
    start: Start, acquire: Acquire, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = start(), start()
    monkeypatch.setattr(slots, "QUIET_SECONDS", 1e9)
    second.note_small_request()
    slot = acquire(first)
    assert slot
    assert acquire(second) is None and acquire(first) is None
    slot.release()
    assert acquire(second)


def test_process_backs_off_after_running_the_only_large_request(
    start: Start, acquire: Acquire, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = start(), start()
    monkeypatch.setattr(slots, "QUIET_SECONDS", 1e9)
    monkeypatch.setattr(slots, "BACKOFF_SECONDS", 1e9)
    second.note_small_request()
    slot = acquire(first)
    assert slot
    slot.release()
    assert acquire(first) is None
    assert acquire(second)


def test_process_backs_off_after_using_another_process_slot(
    start: Start, acquire: Acquire, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = start(), start()
    monkeypatch.setattr(slots, "BACKOFF_SECONDS", 1e9)
    own, other = acquire(first), acquire(first)
    assert own and other
    other.release()
    assert acquire(first) is None
    own.release()
    assert acquire(first)
    assert acquire(second)


def test_single_process_has_one_slot() -> None:
    alone = SingleProcess()
    slot = alone.acquire(1)
    assert slot
    assert alone.acquire(1) is None
    slot.release()
    assert alone.acquire(1)


def test_organization_with_a_slot_yields_the_next_to_one_that_waits_elsewhere(
    start: Start, acquire: Acquire
) -> None:
    first, second = start(), start()
    slot = acquire(first, 7)
    assert slot and first.busy_organizations() == second.busy_organizations() == {7}
    assert not first.must_yield(7)
    second.show_waiting(8)
    assert first.must_yield(7)
    assert not first.must_yield(8) and not second.must_yield(8)
    second.show_waiting(0)
    assert not first.must_yield(7)
    second.show_waiting(8)
    slot.release()
    assert first.busy_organizations() == frozenset() and not first.must_yield(7)


def test_slots_work_after_their_files_were_removed(start: Start, acquire: Acquire, tmp_path: Path) -> None:
    first, second = start(), start()
    assert first.busy_organizations() == second.busy_organizations() == frozenset()
    for file in tmp_path.iterdir():
        file.unlink()
    first.note_small_request()
    slot = acquire(first)
    assert slot and acquire(first) is None
    assert acquire(second) and acquire(second) is None
    slot.release()
    assert acquire(first)


def test_lock_that_fails_is_logged_and_the_process_goes_on_alone(
    start: Start, acquire: Acquire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = start()

    def fail(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    slot = acquire(first)
    assert slot and acquire(first) is None
    assert "No locks available" in caplog.text
    slot.release()
    assert acquire(first)
