"""Heartbeat that finds out whether the database answers: a thread pings it all the time over a connection of
its own.

A call that runs or waits for a lock for long does not show that the database is away, and is not disturbed;
one whose database is away does not wait. Why: docs/decisions/0020-database-away.md."""

from __future__ import annotations

import logging
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Event, Lock, Thread, Timer
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.pq import ExecStatus

from contactory.model.limits import (
    ANSWER_SECONDS,
    BEAT_SECONDS,
    PING_SECONDS,
    RETRY_SECONDS,
    SECOND_OPINION_SECONDS,
)
from contactory.store.errors import StoreError, Unavailable, Unfit
from contactory.store.guards import Guards
from contactory.store.pooler import POOLED
from contactory.store.queries import QUERIES
from contactory.store.session import Cuttable, judge

logger = logging.getLogger(__name__)

_SILENT: Final = "it does not answer"
_PAUSE: Final = 0.05  # seconds, so that sessions that end at once do not use up a processor


class Heartbeat:
    """Heartbeat of one process. `connect` opens a session like those of calls; `on_return` is called when the
    database is back, before calls use it."""

    def __init__(self, connect: Callable[[], Connection], on_return: Callable[[], None]) -> None:
        self._connect = connect
        self._on_return = on_return
        self._away: StoreError | None = Unavailable()
        self._guards = Guards()
        self._lock = Lock()
        self._over = Event()
        self._known = Event()  # set once it is known whether the database is away
        self._checks = Condition()
        self._wanted = self._done = 0  # checks of the session
        self._waker: socket.socket
        self._woken: socket.socket
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Start the thread; return when it is known whether the database is there."""
        self._waker, self._woken = socket.socketpair()
        self._thread.start()
        self._known.wait(PING_SECONDS)

    def stop(self) -> None:
        self._over.set()
        self._wake()
        self._thread.join()  # It ends soon: its longest step is to connect.
        self._waker.close()
        self._woken.close()

    @property
    def is_unfit(self) -> bool:
        """Tell whether the database is there, and may not be used as it is."""
        return isinstance(self._away, Unfit)

    def require(self) -> None:
        """Raise Unavailable or Unfit while the database is away, without asking it."""
        if (away := self._away) is not None:
            raise type(away)(*away.args)

    def check(self) -> None:
        """Ask the database now, and check the session again. Raises Unavailable or Unfit."""
        self.require()
        with self._checks:
            self._wanted += 1
            wanted = self._wanted
        self._wake()
        with self._checks:
            in_time = self._checks.wait_for(lambda: self._done >= wanted, PING_SECONDS)
        self.require()
        if not in_time:
            raise Unavailable(_SILENT)

    @contextmanager
    def guard(self, connection: Cuttable) -> Iterator[None]:
        """Guard a connection: cut it when the database goes away, or when the deadline of the work inside has
        passed."""
        with self._guards.guard(connection):
            self.require()
            yield

    def _run(self) -> None:
        while not self._over.is_set():
            late = Timer(SECOND_OPINION_SECONDS, self._go_away, [Unavailable(_SILENT)])
            late.daemon = True
            late.start()
            try:
                connection = self._connect()
            except (psycopg.Error, StoreError) as error:
                late.cancel()
                self._go_away(error if isinstance(error, StoreError) else Unavailable(_one_line(error)))
                self._over.wait(RETRY_SECONDS)
                continue
            late.cancel()
            late.join()  # It may be marking the database as away.
            self._come_back()
            try:
                with connection:
                    self._beat(connection)
            except Unfit as error:
                self._go_away(error)
                self._over.wait(RETRY_SECONDS)
            except (psycopg.Error, StoreError, OSError):
                self._over.wait(_PAUSE)  # A new connection shows whether only this one failed.
            except Exception:
                logger.exception("the heartbeat failed")
                self._over.wait(RETRY_SECONDS)

    def _beat(self, connection: Connection) -> None:
        """Ping the database again and again, as long as it answers."""
        process, poll = None, select.poll()
        for file in (connection.fileno(), self._woken.fileno()):
            poll.register(file, select.POLLIN)
        while not self._over.is_set():
            wanted = self._wanted
            if wanted != self._done:
                judge(_ask(connection, QUERIES["check_session"].encode()))
                self._have_checked(wanted)
            now = _ask(connection, QUERIES["ping"].encode())[0]
            if process not in (None, now):
                raise Unfit(POOLED)
            process = now
            self._guards.end_overdue()
            poll.poll(BEAT_SECONDS * 1000)
            with suppress(BlockingIOError):
                self._woken.recv(1024, socket.MSG_DONTWAIT)

    def _have_checked(self, wanted: int) -> None:
        with self._checks:
            self._done = wanted
            self._checks.notify_all()

    def _wake(self) -> None:
        with suppress(BlockingIOError):
            self._waker.send(b".", socket.MSG_DONTWAIT)

    def _go_away(self, error: StoreError) -> None:
        with self._lock:
            was_there = self._away is None or not self._known.is_set()
            self._away = error
        if was_there:
            self._guards.cut_all()
            logger.error("the database cannot be used: %s", error)
        self._known.set()
        self._have_checked(self._wanted)

    def _come_back(self) -> None:
        if self._away is not None:
            if self._known.is_set():
                logger.warning("the database answers again")
                self._on_return()
            self._away = None
        self._known.set()


def _ask(connection: Connection, query: bytes) -> Any:
    """Return the first row of a query. Raises OperationalError if it does not come in time: only the lowest
    level of the driver has such a timeout."""
    server, over = connection.pgconn, time.monotonic() + ANSWER_SECONDS
    server.send_query_params(query, None, result_format=0)
    poll = select.poll()
    poll.register(server.socket, select.POLLIN)
    while server.flush() or server.is_busy():
        if not poll.poll(max(over - time.monotonic(), 0) * 1000):
            raise psycopg.OperationalError(_SILENT)
        server.consume_input()
    row = None
    while result := server.get_result():
        if result.status != ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(result.error_message.decode("utf-8", "replace"))
        row = [_text(result.get_value(0, column)) for column in range(result.nfields)]
    return row


def _text(value: bytes | None) -> Any:
    text = None if value is None else value.decode()
    return {"t": True, "f": False}.get(text or "", text)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
