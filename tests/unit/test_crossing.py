"""Several processes meet in one folder; here they are all this one, under other numbers."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Thread

import pytest

from contactory.http import contention, crossing
from contactory.http.crossing import ANOTHERS, OWN, Alone, Crossing, Lane
from contactory.http.wire import Listener

Begin = Callable[[], Crossing]
Enter = Callable[..., Lane | None]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Another process, which takes calls."""
    monkeypatch.setattr(crossing, "QUIET", 0.0)
    monkeypatch.setattr(crossing, "GIVE_WAY", 0.0)
    with ExitStack() as listening:

        def begin() -> Crossing:
            number = len(list(tmp_path.glob("*.lane"))) + 1
            monkeypatch.setattr(os, "getpid", lambda: number)
            made = Crossing(tmp_path)
            listening.enter_context(closing(Listener(made.address)))
            return made

        yield begin


@pytest.fixture
def enter() -> Iterator[Enter]:
    """Take a lane, which is left again in the end."""
    with ExitStack() as taken:

        def enter(process: Crossing, own: bool, organization: int = 1) -> Lane | None:
            if lane := process.enter(organization, own=own):
                taken.callback(lane.leave)
            return lane

        yield enter


def test_all_processes_know_that_calls_of_several_organizations_come(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contention, "CONTENTION_SECONDS", 0.1)
    first, second = begin(), begin()
    for process in (first, second, first):
        process.contention.note_call(1)
        assert not first.contention.is_high() and not second.contention.is_high()
    second.contention.note_call(2)
    assert first.contention.is_high() and second.contention.is_high()
    time.sleep(0.15)
    second.contention.note_call(2)
    assert not first.contention.is_high()


def test_whose_own_lane_is_taken_may_take_anothers_and_only_once(begin: Begin, enter: Enter) -> None:
    first, second = begin(), begin()
    own, lent = enter(first, OWN), enter(first, ANOTHERS)
    assert own and own.there is None
    assert lent and lent.there is not None
    assert [enter(each, lane) for each in (first, second) for lane in (OWN, ANOTHERS)] == [None] * 4
    lent.leave()
    mine = enter(second, OWN)
    assert mine and mine.there is None
    own.leave()
    assert enter(second, ANOTHERS)


def test_a_process_that_takes_no_calls_is_passed_over(begin: Begin, enter: Enter, tmp_path: Path) -> None:
    first = begin()
    (tmp_path / "0.lane").touch()
    assert enter(first, ANOTHERS) is None
    assert enter(first, OWN)


def test_the_dead_are_forgotten(begin: Begin, tmp_path: Path) -> None:
    for name in ("0.lane", "0.sock"):  # There is no process of that number.
        (tmp_path / name).touch()
    begin()
    assert list(tmp_path.glob("0.*")) == []


def test_while_small_calls_pass_there_is_one_large_one_in_all(
    begin: Begin, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = begin(), begin()
    monkeypatch.setattr(crossing, "QUIET", 1e9)
    second.pass_small()
    lane = enter(first, OWN)
    assert lane
    assert enter(second, OWN) is None
    assert enter(first, ANOTHERS) is None
    lane.leave()
    assert enter(second, OWN)


def test_who_was_the_only_one_gives_way_to_the_others(
    begin: Begin, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = begin(), begin()
    monkeypatch.setattr(crossing, "QUIET", 1e9)
    monkeypatch.setattr(crossing, "GIVE_WAY", 1e9)
    second.pass_small()
    lane = enter(first, OWN)
    assert lane
    lane.leave()
    assert enter(first, OWN) is None
    assert enter(second, OWN)


def test_and_so_does_who_had_the_lane_of_another(
    begin: Begin, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = begin(), begin()
    monkeypatch.setattr(crossing, "GIVE_WAY", 1e9)
    lane = enter(first, ANOTHERS)
    assert lane
    lane.leave()
    assert enter(first, ANOTHERS) is None
    assert enter(first, OWN)
    assert enter(second, OWN)


def test_nobody_enters_the_lane_of_a_process_that_ends(begin: Begin, enter: Enter) -> None:
    first, second = begin(), begin()
    lane = enter(second, ANOTHERS)
    assert lane
    ending = Thread(target=first.close)
    ending.start()
    ending.join(0.05)
    assert ending.is_alive()
    lane.leave()
    ending.join(20)
    assert not ending.is_alive()
    assert enter(second, ANOTHERS) is None


def test_a_process_that_is_alone_has_one_lane() -> None:
    alone = Alone()
    lane = alone.enter(1, own=OWN)
    assert lane
    assert alone.enter(1, own=OWN) is None and alone.enter(1, own=ANOTHERS) is None
    lane.leave()
    assert alone.enter(1, own=OWN)


def test_an_organization_that_has_a_lane_leaves_the_next_to_one_that_waits_elsewhere(
    begin: Begin, enter: Enter
) -> None:
    first, second = begin(), begin()
    lane = enter(first, OWN, 7)
    assert lane and first.working() == second.working() == {7}
    assert not first.is_others_turn(7)
    second.show_waiting(8)
    assert first.is_others_turn(7)
    assert not first.is_others_turn(8) and not second.is_others_turn(8)
    second.show_waiting(0)
    assert not first.is_others_turn(7)
    second.show_waiting(8)
    lane.leave()
    assert first.working() == frozenset() and not first.is_others_turn(7)


def test_files_that_were_tidied_away_are_not_missed(begin: Begin, enter: Enter, tmp_path: Path) -> None:
    first, second = begin(), begin()
    assert first.working() == second.working() == frozenset()  # They have found each other.
    for file in tmp_path.iterdir():
        file.unlink()
    first.pass_small()
    lane = enter(first, OWN)
    assert lane and enter(first, OWN) is None
    assert enter(second, OWN) and enter(second, OWN) is None
    lane.leave()
    assert enter(first, OWN)


def test_a_lock_that_fails_is_logged_and_the_process_goes_on_alone(
    begin: Begin, enter: Enter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = begin()

    def fail(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    lane = enter(first, OWN)
    assert lane and enter(first, OWN) is None
    assert "No locks available" in caplog.text
    lane.leave()
    assert enter(first, OWN)
