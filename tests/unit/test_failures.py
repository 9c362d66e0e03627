"""The description of errors in logs: lines of code and class, and no value."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import psycopg
import pytest
from typer.testing import CliRunner

from contactory import cli
from contactory.telemetry import logs
from contactory.telemetry.failures import describe, trace

SECRET = "Xanthippe-93-08-28"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[Terminal, io.StringIO])
def said(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Return the log output, once for a terminal and once for a file."""
    stream, root = request.param(), logging.getLogger()
    before = root.handlers[:], root.level
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure("info")
    yield stream
    root.handlers[:], root.level = before


def fail_by_key() -> None:
    secret = SECRET
    dict[str, int]()[secret]


def fail_by_decoding() -> None:
    msgspec.json.decode(json.dumps({"password": SECRET}).encode(), type=dict[str, bytes])
    raise AssertionError(SECRET)


def fail_in_a_chain() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(f"not {SECRET}") from error


def fail_in_a_group() -> None:
    raise ExceptionGroup(SECRET, [ValueError(SECRET), KeyError(SECRET)])


def fail_by_the_database() -> None:
    raise psycopg.DataError(f"date too large (after year 10K): {SECRET}")


FAILURES = [fail_by_key, fail_by_decoding, fail_in_a_chain, fail_in_a_group, fail_by_the_database]


@pytest.mark.parametrize("fail", FAILURES)
def test_traceback_has_lines_of_code_and_no_values(said: io.StringIO, fail: Callable[[], None]) -> None:
    try:
        fail()
    except Exception as error:
        kind = type(error).__qualname__
        logging.getLogger("any").exception("a call failed")
        logging.getLogger("any").error("and once more: %s", error)
    assert SECRET not in said.getvalue()
    assert fail.__name__ in said.getvalue() and kind in said.getvalue()


def test_uncaught_errors_of_threads_tasks_and_destructors_are_logged(said: io.StringIO) -> None:
    thread = threading.Thread(target=fail_by_key)
    thread.start()
    thread.join()

    async def forget() -> None:
        task = asyncio.create_task(asyncio.to_thread(fail_in_a_chain))
        await asyncio.wait([task])

    asyncio.run(forget())

    class Unraisable:
        def __del__(self) -> None:
            raise ValueError(SECRET)

    Unraisable()
    try:
        fail_by_key()
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)
    text = said.getvalue()
    assert SECRET not in text
    assert text.count("fail_by_key") >= 2 and "never retrieved" in text and "could not be raised" in text


def test_log_line_that_cannot_be_formatted_shows_no_values(said: io.StringIO) -> None:
    ours = logging.getLogger().handlers[0]
    ours.handle(logging.LogRecord("any", logging.ERROR, __file__, 1, "%d", (SECRET,), None))
    assert SECRET not in said.getvalue() and "could not be logged" in said.getvalue()


def test_command_with_a_defect_shows_lines_of_code_and_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("contactory.access.secrets.hash_password", fail)
    words = ["user", "create", "--org", "1", "--email", "a@b.c", "--password", SECRET]
    monkeypatch.setattr("contactory.cli.user.open_administration", fail)
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 1
    assert SECRET not in done.output and "ValueError" in done.output and "user.py" in done.output


def test_database_error_is_described_by_column_names_without_values(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(
            "CREATE TEMPORARY TABLE told (name text PRIMARY KEY, number integer CHECK (number > 0))"
        )
        owner.execute("INSERT INTO told VALUES (%s, 1)", [SECRET])
        for statement, named in (
            ("INSERT INTO told VALUES (%s, 1)", "told_pkey"),
            ("INSERT INTO told VALUES (%s, 0)", "told_number_check"),
            ("INSERT INTO told (name, number) SELECT 'x', %s::text::integer", "InvalidTextRepresentation"),
            ("INSERT INTO told (name, number) SELECT %s::text::jsonb ->> 1, 1", "22P02"),
        ):
            with pytest.raises(psycopg.Error) as refused:
                owner.execute(statement, [SECRET])
            for text in (describe(refused.value), trace(refused.value)):
                assert SECRET not in text and named in text
