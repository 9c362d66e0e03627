"""Connection pool, and transactions bound to one organization."""

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
from contactory.store.binary import (
    HEADER,
    TRAILER,
    AnyColumn,
    IdArray,
    IdArrayDumper,
    TextArray,
    TextArrayDumper,
    format_columns,
)
from contactory.store.errors import Overdue, Unreadable, translated
from contactory.store.heartbeat import Heartbeat
from contactory.store.pooler import refuse_transaction_pooling
from contactory.store.queries import QUERIES, compose

# Bytes that are sent without another call of the driver; the system may allow less.
_SEND_BUFFER: Final = 1 << 20
_CHECK_AGAIN: Final = 0.3  # seconds between checks of the database while a call waits for a connection

Fetched = TypeVar("Fetched")


class Transaction:
    """Transaction that sees one organization's rows and no others (row-level security), and of contacts and
    lists only those that the actor's limits allow.

    Queries are named (`store/queries`), or composed from named ones, and prepared at once; rows are tuples.
    """

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self.connection = connection
        self.actor = actor
        self.organization_id = actor.organization_id
        self._open = ExitStack()
        self._pipeline: Pipeline | None = None
        self._copying: tuple[bytes, Copy] | None = None
        self.only_reads = False  # so that no value of the caller can be at fault

    def __enter__(self) -> Transaction:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """Drain the pipeline; after an error, ignore further ones."""
        with suppress(*(psycopg.Error,) if error else ()):
            self.drain()

    def run(self, query: str | bytes, **values: Any) -> int:
        """Run a statement and return the number of rows affected."""
        return self._execute(query, values).rowcount

    def rows(self, query: str | bytes, **values: Any) -> list[Any]:
        """Run a query and return all rows."""
        return _read(self._execute(query, values).fetchall)

    def row(self, query: str | bytes, **values: Any) -> Any:
        """Run a query and return its first row, or None."""
        return _read(self._execute(query, values).fetchone)

    def send(self, query: str | bytes, **values: Any) -> Callable[[], Any]:
        """Send a statement without waiting for it. Return a function that waits for its first row.

        An error of the statement is raised by that function, or by the next `drain`.
        """
        if self._pipeline is None:
            self.drain()  # A COPY may be open.
            self._pipeline = self._open.enter_context(self.connection.pipeline())
        return partial(_read, self._execute(query, values).fetchone)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run a part of the transaction that is rolled back alone if it raises an error."""
        self.drain()
        with self.connection.transaction():
            try:
                yield
            except BaseException:
                with suppress(psycopg.Error):
                    self.drain()
                raise
            self.drain()

    def drain(self) -> None:
        """Wait until all statements that were sent are done."""
        self._pipeline = self._copying = None
        self._open.close()

    def copy(self, statement: bytes, types: Sequence[str], columns: Sequence[AnyColumn]) -> None:
        """Send rows by binary COPY; `types` are the PostgreSQL types on the wire, one per column.

        The rows are encoded while the server runs what was sent before. The COPY stays open, so that the
        server handles these rows while the caller goes on, and so that more rows for the same statement can
        follow.
        """
        rows = format_columns(types, columns)
        _check_deadline()
        self._copy(statement).write(rows.data)

    def _copy(self, statement: bytes) -> Copy:
        if self._copying is None or self._copying[0] != statement:
            self.drain()
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
            self.drain()
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
    """Fetch rows. Raises Unreadable for a stored value that Python cannot hold, which is not the caller's
    fault."""
    try:
        return fetch()
    except psycopg.DataError as error:
        if error.sqlstate is None:
            raise Unreadable("what was stored cannot be read") from error
        raise


class Database:
    """Pool of connections as the application role, which cannot bypass row-level security.

    A call fails at once with Unavailable while the database is away, and with Overdue when it takes longer
    than `call_seconds`.
    """

    def __init__(self, url: str, *, size: int, call_seconds: float = CALL_SECONDS) -> None:
        self._url = url
        self._call_seconds = call_seconds
        self._last_used = WeakKeyDictionary[Connection, float]()
        self._pooler_checked = False
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            kwargs=session.parameters(url),
            configure=self._configure,
            check=self._check_idle,
            reconnect_timeout=0,  # The heartbeat tells when to connect again.
        )
        self._heartbeat = Heartbeat(self._connect_heartbeat, self._pool.drain)

    def open(self) -> None:
        """Open the pool; the database may be away then."""
        self._pool.open()
        self._heartbeat.start()

    def close(self) -> None:
        self._heartbeat.stop()
        self._pool.close()

    def count_connections(self) -> tuple[int, int]:
        """Return how many connections the pool has, and how many of them are idle."""
        stats = self._pool.get_stats()
        return stats.get("pool_size", 0), stats.get("pool_available", 0)

    def ping(self) -> None:
        """Raise a StoreError when the database does not answer, or may not be used as it is. This takes no
        connection of the pool, and two seconds at most."""
        self._heartbeat.check()

    def in_time(self) -> AbstractContextManager[None]:
        """Set a deadline for all work of a call, which may be several transactions."""
        return deadline.within(self._call_seconds)

    @contextmanager
    def transaction(self, organization_id: int) -> Iterator[Transaction]:
        """Open a transaction of an organization, without limits."""
        with self.transaction_of(Actor(organization_id)) as transaction:
            yield transaction

    @contextmanager
    def transaction_of(self, actor: Actor) -> Iterator[Transaction]:
        """Open a transaction of an actor; it is committed when the context is left without an error. It is
        begun and bound in one round trip, in which the ids cannot be parameters."""
        with self._lend(_begin(actor)) as cursor, Transaction(cursor.connection, actor) as transaction:
            try:
                yield transaction
            except psycopg.DataError as error:
                # Without a state the error is the driver's, which cannot send a value of the caller.
                if transaction.only_reads and error.sqlstate:
                    raise Unreadable("what was stored cannot be read") from error
                raise

    def row(self, query: str, **values: Any) -> Any:
        """Run a single statement that needs no transaction and no organization; return its first row, or
        None."""
        return next(iter(self.rows(query, **values)), None)

    def rows(self, query: str, **values: Any) -> list[Any]:
        """Run such a statement and return all rows."""
        with self._lend(QUERIES[query].encode(), values) as cursor:
            return cursor.fetchall()

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """Open a connection outside of the pool, for locks and subscriptions. It has no deadline, but is cut
        when the database is away."""
        with translated():
            self._heartbeat.require()
            with (
                session.connect(self._url, self._call_seconds) as connection,
                self._heartbeat.guard(connection),
            ):
                yield connection

    @asynccontextmanager
    async def listening_session(self) -> AsyncIterator[AsyncConnection]:
        """Open a session, as `session` does, for an event loop that listens for notifications."""
        with translated():
            self._heartbeat.require()
            connection = await AsyncConnection.connect(self._url, **session.parameters(self._url))
            async with connection:
                with self._heartbeat.guard(connection):
                    await connection.execute(session.settings(self._call_seconds))
                    yield connection

    @contextmanager
    def _lend(self, first: bytes, values: Mapping[str, Any] | None = None) -> Iterator[Cursor[Any]]:
        """Take a connection from the pool, and yield a cursor that has run the statement `first` on it."""
        with self.in_time(), translated():
            cursor = self._begin(first, values)
            connection = cursor.connection
            try:
                with (
                    self._heartbeat.guard(connection),
                    connection,
                ):  # It commits or rolls back within both.
                    yield cursor
            finally:
                self._last_used[connection] = time.monotonic()
                self._pool.putconn(connection)

    def _begin(self, first: bytes, values: Mapping[str, Any] | None) -> Cursor[Any]:
        """Run a first statement on a connection of the pool. If the connection has ended while it was idle,
        the next one is taken. Without `values` it may be several statements, whose results are text."""
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
        """Take a connection from the pool. While waiting, check that the database is not away."""
        while True:
            self._heartbeat.require()
            left = max(over - time.monotonic(), 0)
            try:
                return self._pool.getconn(timeout=min(left, _CHECK_AGAIN))
            except PoolTimeout:
                if not left:
                    raise

    def _connect_heartbeat(self) -> Connection:
        """Connect the heartbeat. The first time, and after the database was unfit, check for a pooler
        between."""
        if not self._pooler_checked or self._heartbeat.is_unfit:
            refuse_transaction_pooling(self._url)
            self._pooler_checked = True
        return session.connect(self._url, self._call_seconds)

    def _check_idle(self, connection: Connection) -> None:
        """Check a connection that was idle for a while: a proxy between may have dropped it."""
        if time.monotonic() - self._last_used[connection] > FRESH_SECONDS:
            with session.limited(connection, ANSWER_SECONDS):
                connection.execute("")

    def _configure(self, connection: Connection) -> None:
        session.set_up(connection, self._call_seconds)
        with socket.socket(fileno=os.dup(connection.fileno())) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        connection.adapters.register_dumper(TextArray, TextArrayDumper)
        connection.adapters.register_dumper(IdArray, IdArrayDumper)
        loading.register(connection)
        with session.limited(connection, CONNECT_SECONDS):
            for kind in KINDS:
                connection.execute(compose("create_stage", kind))
        self._last_used[connection] = time.monotonic()


def _begin(actor: Actor) -> bytes:
    """Return the statements that begin a transaction and bind it to an actor. An empty text is no limit."""
    limits = {"contacts_of": actor.contacts_of, "lists_of": actor.lists_of}
    given = {name: "" if user_id is None else str(int(user_id)) for name, user_id in limits.items()}
    return QUERIES["begin_bound"].format(organization_id=int(actor.organization_id), **given).encode()
