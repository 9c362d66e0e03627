"""A database that is on its way is waited for; what no waiting mends is told at once."""

from __future__ import annotations

import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from contactory.store.arrival import AwayError, await_database


def test_a_running_database_is_not_waited_for(url: str, caplog: pytest.LogCaptureFixture) -> None:
    await_database(url, 60)
    assert not caplog.records


def test_a_database_that_does_not_start_is_logged_once_and_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AwayError, match=r"has not come within 0\.6 seconds: .*refused"):
        await_database("postgresql://user@127.0.0.1:1/contactory", 0.6)
    assert [record.getMessage()[:24] for record in caplog.records] == ["waiting for the database"]


def test_a_wrong_database_name_fails_at_once(url: str) -> None:
    begun = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        await_database(make_conninfo(url, dbname="elsewhere"), 60)
    assert time.monotonic() - begun < 30
