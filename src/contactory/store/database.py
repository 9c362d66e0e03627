"""The connection pool, and transactions bound to one organization."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection, Connection, Copy, Cursor, Pipeline
from psycopg_pool import ConnectionPool, PoolTimeout

from contactory.model import deadline
from contactory.model.caller import Actor
from contactory.model.fields import KINDS
from contactory.model.limits import (
    ACQUIRE_SECONDS,
    ANSWER_SECONDS,
    CALL_SECONDS,
    CONNECT_SECONDS,
    FRESH_SECONDS,
)
from contactory.store import loading, session
from contactory.store.binary import HEADER, TRAILER, AnyColumn, TextArray, TextArrayDumper, format_columns
from contactory.store.errors import Overdue, Unreadable, translated
from contactory.store.heartbeat import Heartbeat
from contactory.store.pooler import refuse_transaction_pooling
from contactory.store.processors import Apart
from contactory.store.queries import QUERIES, compose

# Bytes on their way to the server while the driver is not asked to send more; the system may allow less.
_SEND_BUFFER: Final = 1 << 20
_LOOK_AGAIN: Final = 0.3  # seconds, while a connection is waited for

Fetched = TypeVar("Fetched")


class Transaction:
    """A running transaction that sees one organization's rows and no others (row-level security), and of
    contacts and lists only those that the limits of who acts let it see.

    Queries are named (`store/queries`), or composed from such, and prepared at once; results are tuples.
    """

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self.connection = connection
        self.actor = actor
        self.organization_id = actor.organization_id
        self._open = ExitStack()
        self._apart: Apart | None = None
        self._pipeline: Pipeline | None = None
        self._copying: tuple[bytes, Copy] | None = None
        self.only_reads = False  # so that no value of the caller's can be at fault

    def __enter__(self) -> Transaction:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """What was sent is waited for; after an error, what else went wrong is of no interest."""
        if self._apart:
            self._apart.end()
        with suppress(*(psycopg.Error,) if error else ()):
            self.settle()

    def go_side_by_side(self) -> None:
        """There is a lot to do next, for this thread and for the server: let them do it on different
        processors, as far as others leave room."""
        self._apart = self._apart or Apart(self.connection)
        self._apart.look()

    def run(self, query: str | bytes, **values: Any) -> int:
        """Run and return the number of rows touched."""
        return self._execute(query, values).rowcount

    def rows(self, query: str | bytes, **values: Any) -> list[Any]:
        return _read(self._execute(query, values).fetchall)

    def row(self, query: str | bytes, **values: Any) -> Any:
        """The first row, or None."""
        return _read(self._execute(query, values).fetchone)

    def send(self, query: str | bytes, **values: Any) -> Callable[[], Any]:
        """Send a statement and go on while the server works at it; what is answered gives its first row.

        An error comes with that row, or with the next `settle`.
        """
        if self._pipeline is None:
            self.settle()  # What may be open is a COPY.
            self._pipeline = self._open.enter_context(self.connection.pipeline())
        return partial(_read, self._execute(query, values).fetchone)

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of the transaction, which is undone alone where the context is left with an error."""
        self.settle()
        with self.connection.transaction():
            try:
                yield
            except BaseException:
                with suppress(psycopg.Error):
                    self.settle()
                raise
            self.settle()

    def settle(self) -> None:
        """Wait until everything that was sent is done."""
        self._pipeline = self._copying = None
        self._open.close()

    def copy(self, statement: bytes, types: Sequence[str], columns: Sequence[AnyColumn]) -> None:
        """Send rows by binary COPY; `types` are the PostgreSQL types on the wire, one per column.

        They are made ready while the server works at what was sent before. The COPY stays open, so that it
        works at these while the caller goes on, who may have more rows for the same statement.
        """
        rows = format_columns(types, columns)
        _check_deadline()
        self._copy(statement).write(rows.data)

    def _copy(self, statement: bytes) -> Copy:
        if self._copying is None or self._copying[0] != statement:
            self.settle()
            copy = self._open.enter_context(
                self._open.enter_context(self.connection.cursor()).copy(statement)
            )
            copy.write(HEADER)
            self._open.callback(copy.write, TRAILER)
            self._copying = statement, copy
        return self._copying[1]

    def _execute(self, query: str | bytes, values: dict[str, Any]) -> Cursor[Any]:
        _check_deadline()
        if self._copying:
            self.settle()
        statement = QUERIES[query].encode() if isinstance(query, str) else query
        return self.connection.cursor(binary=True).execute(
            statement,
            {"organization_id": self.organization_id, "author_id": self.actor.author_id, **values},
            prepare=True,
        )


def _check_deadline() -> None:
    if deadline.has_passed():
        raise Overdue


def _read(fetch: Callable[[], Fetched]) -> Fetched:
    """Fetch rows. Raises Unreadable for a stored value that Python cannot hold, which is no fault of the
    caller's."""
    try:
        return fetch()
    except psycopg.DataError as error:
        if error.sqlstate is None:
            raise Unreadable("what was stored cannot be read") from error
        raise


class Database:
    """A pool of connections as the application role, which cannot see past row-level security.

    A call whose database is away is told so at once (`Unavailable`); one that takes longer than
    `call_seconds` ends (`Overdue`).
    """

    def __init__(self, url: str, *, size: int, call_seconds: float = CALL_SECONDS) -> None:
        self._url = url
        self._call_seconds = call_seconds
        self._rested = WeakKeyDictionary[Connection, float]()
        self._was_tried = False
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            kwargs=session.parameters(url),
            configure=self._configure,
            check=self._try_rested,
            reconnect_timeout=0,  # The heartbeat finds out when it is worth while.
        )
        self._heartbeat = Heartbeat(self._connect_heartbeat, self._pool.drain)

    def open(self) -> None:
        """The database may be away, or come later."""
        self._pool.open()
        self._heartbeat.start()

    def close(self) -> None:
        self._heartbeat.stop()
        self._pool.close()

    def count_connections(self) -> tuple[int, int]:
        """All of the pool, and those that nobody uses."""
        stats = self._pool.get_stats()
        return stats.get("pool_size", 0), stats.get("pool_available", 0)

    def ping(self) -> None:
        """Raises a StoreError when the database does not answer, or may not be used as it is. Takes no
        connection of the pool, and two seconds at most."""
        self._heartbeat.check()

    def in_time(self) -> AbstractContextManager[None]:
        """A deadline for all the work of a call, which may be several transactions."""
        return deadline.within(self._call_seconds)

    @contextmanager
    def transaction(self, organization_id: int) -> Iterator[Transaction]:
        """A transaction of the organization's own, with no limit."""
        with self.transaction_of(Actor(organization_id)) as transaction:
            yield transaction

    @contextmanager
    def transaction_of(self, actor: Actor) -> Iterator[Transaction]:
        """Kept when the context is left without an error. It is begun and bound in one round trip, for which
        the ids cannot be parameters."""
        with self._lend(_begin(actor)) as cursor, Transaction(cursor.connection, actor) as transaction:
            try:
                yield transaction
            except psycopg.DataError as error:
                # Without a state it is the driver, which cannot send a value that the caller has given.
                if transaction.only_reads and error.sqlstate:
                    raise Unreadable("what was stored cannot be read") from error
                raise

    def row(self, query: str, **values: Any) -> Any:
        """The first row of a single statement that needs no transaction and no organization."""
        return next(iter(self.rows(query, **values)), None)

    def rows(self, query: str, **values: Any) -> list[Any]:
        """All rows of such a statement."""
        with self._lend(QUERIES[query].encode(), values) as cursor:
            return cursor.fetchall()

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection outside of the pool, whose locks and subscriptions are its own. Without a deadline;
        but it ends when the database is away."""
        with translated():
            self._heartbeat.require()
            with (
                session.connect(self._url, self._call_seconds) as connection,
                self._heartbeat.guard(connection),
            ):
                yield connection

    @asynccontextmanager
    async def hearing_session(self) -> AsyncIterator[AsyncConnection]:
        """Open a session, as `session` does, for an event loop."""
        with translated():
            self._heartbeat.require()
            connection = await AsyncConnection.connect(self._url, **session.parameters(self._url))
            async with connection:
                with self._heartbeat.guard(connection):
                    await connection.execute(session.settings(self._call_seconds))
                    yield connection

    @contextmanager
    def _lend(self, first: bytes, values: Mapping[str, Any] | None = None) -> Iterator[Cursor[Any]]:
        """A connection of the pool that has answered its `first` statement."""
        with self.in_time(), translated():
            cursor = self._begin(first, values)
            connection = cursor.connection
            try:
                with (
                    self._heartbeat.guard(connection),
                    connection,
                ):  # It is kept, or rolled back, within both.
                    yield cursor
            finally:
                self._rested[connection] = time.monotonic()
                self._pool.putconn(connection)

    def _begin(self, first: bytes, values: Mapping[str, Any] | None) -> Cursor[Any]:
        """Begin a statement on a connection of the pool. One that has ended while nobody used it costs
        nothing but a check of the next. Several statements at once can have no values, and only as text."""
        over = time.monotonic() + ACQUIRE_SECONDS
        while True:
            connection = self._acquire(over)
            try:
                with self._heartbeat.guard(connection):
                    return connection.cursor(binary=values is not None).execute(first, values)
            except BaseException as error:
                self._pool.putconn(connection)
                if not (isinstance(error, psycopg.OperationalError) and connection.broken):
                    raise

    def _acquire(self, over: float) -> Connection:
        """While it waits it asks whether the database is still there."""
        while True:
            self._heartbeat.require()
            left = max(over - time.monotonic(), 0)
            try:
                return self._pool.getconn(timeout=min(left, _LOOK_AGAIN))
            except PoolTimeout:
                if not left:
                    raise

    def _connect_heartbeat(self) -> Connection:
        """Connect the heartbeat; the first time, and when there was doubt, check what lies between."""
        if not self._was_tried or self._heartbeat.is_unfit:
            refuse_transaction_pooling(self._url)
            self._was_tried = True
        return session.connect(self._url, self._call_seconds)

    def _try_rested(self, connection: Connection) -> None:
        """Something between may have forgotten a connection that nobody has used for a while."""
        if time.monotonic() - self._rested[connection] > FRESH_SECONDS:
            with session.limited(connection, ANSWER_SECONDS):
                connection.execute("")

    def _configure(self, connection: Connection) -> None:
        session.set_up(connection, self._call_seconds)
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        connection.adapters.register_dumper(TextArray, TextArrayDumper)
        loading.register(connection)
        with session.limited(connection, CONNECT_SECONDS):
            for kind in KINDS:
                connection.execute(compose("create_stage", kind))
        self._rested[connection] = time.monotonic()


def _begin(actor: Actor) -> bytes:
    """An empty text stands for no limit."""
    limits = {"contacts_of": actor.contacts_of, "lists_of": actor.lists_of}
    given = {name: "" if user_id is None else str(int(user_id)) for name, user_id in limits.items()}
    return QUERIES["begin_bound"].format(organization_id=int(actor.organization_id), **given).encode()
