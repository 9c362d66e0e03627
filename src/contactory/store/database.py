"""The connection pool, and transactions bound to one organization."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

import psycopg
from psycopg import Connection, Cursor

# The only private names of the driver's that we use: they alone make rows ready before their COPY begins.
from psycopg._copy_base import _binary_signature, _binary_trailer, format_row_binary
from psycopg.adapt import Transformer
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format
from psycopg.sql import SQL, Composed
from psycopg_pool import ConnectionPool

from contactory.model.fields import KINDS
from contactory.store.errors import translated
from contactory.store.queries import QUERIES, compose

# RESET ROLE comes back to a role given here. A session that logged in as another role, as on a database of
# one's own, could still SET ROLE back to that; the embedded database is logged in to as this one.
SESSION_OPTIONS = "-c role=contactory_app -c jit=off"

_TYPES = psycopg.adapters.types
_AHEAD: Final = 6  # statements that may wait for the server, with the rows that they hold

Answer = TypeVar("Answer")


class Transaction:
    """A running transaction that sees one organization's rows and no others (row-level security).

    Queries are named (`store/queries`), or composed from such; results are tuples.
    """

    def __init__(self, connection: Connection, organization_id: int) -> None:
        self.connection = connection
        self.organization_id = organization_id
        self._sender: ThreadPoolExecutor | None = None
        self._sent: deque[Future[Any]] = deque()

    def __enter__(self) -> Transaction:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """What was sent is waited for; after an error, what else went wrong is of no interest."""
        try:
            with suppress(*(psycopg.Error,) if error else ()):
                self.settle()
        finally:
            if self._sender is not None:
                self._sender.shutdown()

    def run(self, query: str | Composed, **values: Any) -> int:
        """Run and return the number of rows touched."""
        return self._run(query, values).rowcount

    def rows(self, query: str | Composed, **values: Any) -> list[Any]:
        return self._run(query, values).fetchall()

    def row(self, query: str | Composed, **values: Any) -> Any:
        """The first row, or None."""
        return self._run(query, values).fetchone()

    def send(self, query: str | Composed, **values: Any) -> Callable[[], Any]:
        """Send a statement and go on while the server works at it; what is answered gives its first row.

        Statements are done in their order, and waited for in it, so that the first error is the one raised.
        """
        sent = self._send(lambda: self._execute(query, values))

        def first_row() -> Any:
            while sent in self._sent:
                self._sent.popleft().result()
            return sent.result().fetchone()

        return first_row

    def settle(self) -> None:
        """Wait until everything that was sent is done."""
        while self._sent:
            self._sent.popleft().result()

    def copy(self, statement: Composed, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Send rows by binary COPY, as `send` does; `types` are the PostgreSQL types on the wire, one per
        column. They are made ready while the server works at what was sent before."""
        transformer = Transformer(self.connection)
        transformer.set_dumper_types([_TYPES[type_].oid for type_ in types], Format.BINARY)
        formatted = bytearray(_binary_signature)
        for row in rows:
            format_row_binary(row, transformer, formatted)
        formatted += _binary_trailer
        self._send(lambda: self._copy(statement, formatted))

    def _send(self, work: Callable[[], Answer]) -> Future[Answer]:
        """By a thread of its own: the driver cannot go on before the server has taken a COPY."""
        if self._sender is None:
            self._sender = ThreadPoolExecutor(1)
        while len(self._sent) >= _AHEAD:
            self._sent.popleft().result()
        self._sent.append(self._sender.submit(work))
        return self._sent[-1]

    def _run(self, query: str | Composed, values: dict[str, Any]) -> Cursor[Any]:
        self.settle()
        return self._execute(query, values)

    def _copy(self, statement: Composed, formatted: bytearray) -> None:
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(formatted)

    def _execute(self, query: str | Composed, values: dict[str, Any]) -> Cursor[Any]:
        statement = SQL(QUERIES[query]) if isinstance(query, str) else query
        return self.connection.cursor(binary=True).execute(
            statement, {"organization_id": self.organization_id, **values}
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
            configure=_make_stages,
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


def _make_stages(connection: Connection) -> None:
    for kind in KINDS:
        connection.execute(compose("create_stage", kind))
