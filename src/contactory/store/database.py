"""The connection pool, and transactions bound to one organization."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg import Connection, Copy, Cursor, Pipeline
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool

from contactory.model.fields import KINDS
from contactory.store import loading
from contactory.store.binary import HEADER, TRAILER, AnyColumn, TextArray, TextArrayDumper, format_columns
from contactory.store.errors import translated
from contactory.store.processors import Apart
from contactory.store.queries import QUERIES, compose

# RESET ROLE comes back to a role given here. A session that logged in as another role, as on a database of
# one's own, could still SET ROLE back to that; the embedded database is logged in to as this one.
SESSION_OPTIONS = "-c role=contactory_app -c jit=off"

# Bytes on their way to the server while the driver is not asked to send more; the system may allow less.
_SEND_BUFFER: Final = 1 << 20


class Transaction:
    """A running transaction that sees one organization's rows and no others (row-level security).

    Queries are named (`store/queries`), or composed from such, and prepared at once; results are tuples.
    """

    def __init__(self, connection: Connection, organization_id: int) -> None:
        self.connection = connection
        self.organization_id = organization_id
        self._open = ExitStack()
        self._apart: Apart | None = None
        self._pipeline: Pipeline | None = None
        self._copying: tuple[bytes, Copy] | None = None

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
        return self._execute(query, values).fetchall()

    def row(self, query: str | bytes, **values: Any) -> Any:
        """The first row, or None."""
        return self._execute(query, values).fetchone()

    def send(self, query: str | bytes, **values: Any) -> Callable[[], Any]:
        """Send a statement and go on while the server works at it; what is answered gives its first row.

        An error comes with that row, or with the next `settle`.
        """
        if self._pipeline is None:
            self.settle()  # What may be open is a COPY.
            self._pipeline = self._open.enter_context(self.connection.pipeline())
        return self._execute(query, values).fetchone

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
        if self._copying:
            self.settle()
        statement = QUERIES[query].encode() if isinstance(query, str) else query
        return self.connection.cursor(binary=True).execute(
            statement, {"organization_id": self.organization_id, **values}, prepare=True
        )


class Database:
    """A pool of connections as the application role, which cannot see past row-level security."""

    def __init__(self, url: str, *, size: int) -> None:
        options = conninfo_to_dict(url).get("options") or ""
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            kwargs={"autocommit": True, "options": f"{options} {SESSION_OPTIONS}"},
            configure=_configure,
        )

    def open(self) -> None:
        self._pool.open(wait=True)

    def close(self) -> None:
        self._pool.close()

    def count_connections(self) -> tuple[int, int]:
        """All of the pool, and those that nobody uses."""
        stats = self._pool.get_stats()
        return stats.get("pool_size", 0), stats.get("pool_available", 0)

    def ping(self) -> None:
        """Raises a StoreError when the database does not answer."""
        with translated(), self._pool.connection() as connection:
            connection.execute(QUERIES["ping"].encode())

    @contextmanager
    def transaction(self, organization_id: int) -> Iterator[Transaction]:
        """Kept when the context is left without an error. It is begun and bound in one round trip, for which
        the id cannot be a parameter."""
        with translated(), self._pool.connection() as connection:
            connection.execute(QUERIES["begin_bound"].format(organization_id=int(organization_id)).encode())
            with Transaction(connection, organization_id) as transaction:
                yield transaction

    def row(self, query: str, **values: Any) -> Any:
        """The first row of a single statement that needs no transaction and no organization."""
        with translated(), self._pool.connection() as connection:
            return connection.cursor(binary=True).execute(QUERIES[query].encode(), values).fetchone()


def _configure(connection: Connection) -> None:
    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    connection.adapters.register_dumper(TextArray, TextArrayDumper)
    loading.register(connection)
    for kind in KINDS:
        connection.execute(compose("create_stage", kind))
