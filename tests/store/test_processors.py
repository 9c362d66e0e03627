"""A thread and its server's process are put on different processors, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from contactory.store import processors
from contactory.store.database import Database

pytestmark = pytest.mark.skipif(
    len(getattr(os, "sched_getaffinity", lambda _: ())(0)) < 2, reason="there is one processor only"
)


@pytest.fixture(autouse=True)
def some_processors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_of_them)[:2])
    monkeypatch.setattr(processors, "_runnable", lambda: 2)
    monkeypatch.setattr(processors, "_crowd", processors._Crowd())
    yield
    os.sched_setaffinity(0, all_of_them)


def test_they_are_apart_while_nobody_else_wants_to_run(
    database: Database, organization: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.sched_getaffinity(0)
    with database.transaction(organization) as transaction:
        server = transaction.connection.info.backend_pid
        # As many threads, seen so many times: few change nothing.
        for runnable, times, are_apart in (
            (2, 9, True),
            (4, 1, True),
            (3, 30, False),
            (1, 1, False),
            (2, 30, True),
        ):
            monkeypatch.setattr(processors, "_runnable", lambda runnable=runnable: runnable)
            for _ in range(times):
                transaction.go_side_by_side()
            both = os.sched_getaffinity(0), os.sched_getaffinity(server)
            assert both == (({min(before)}, {max(before)}) if are_apart else (before, before))
    assert os.sched_getaffinity(0) == os.sched_getaffinity(server) == before


def test_after_an_error_they_go_where_they_like(database: Database, organization: int) -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(ZeroDivisionError), database.transaction(organization) as transaction:
        transaction.go_side_by_side()
        raise ZeroDivisionError
    assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize("named", ["_FEW", "_is_here"])
def test_elsewhere_nothing_is_moved(
    database: Database, organization: int, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, named, 1 if named == "_FEW" else lambda _: False)
    before = os.sched_getaffinity(0)
    with database.transaction(organization) as transaction:
        transaction.go_side_by_side()
        assert os.sched_getaffinity(0) == before
