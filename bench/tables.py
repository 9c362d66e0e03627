"""The tables of all sides, as their owner sees them."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier

from bench import alone, ceiling
from bench.service import watch_jobs
from bench.vendors import VENDORS
from bench.vendors.vendor import Vendor

_LOG_FILES: Final = 128
# As many pages as there are places for, and some. They stay unlogged, and go at once.
_FILL_MEMORY: Final = """
CREATE UNLOGGED TABLE bench.pages (page text STORAGE PLAIN);
INSERT INTO bench.pages SELECT repeat('.', 6000)
FROM generate_series(1, 1.2 * (SELECT setting::integer FROM pg_settings WHERE name = 'shared_buffers'));
DROP TABLE bench.pages
"""
_WRITTEN: Final = """
SELECT (SELECT count(*) FROM contacts WHERE xmin::text::bigint >= %(since)s),
       (SELECT count(*) FROM identities WHERE xmin::text::bigint >= %(since)s)
"""


class Tables:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE SCHEMA bench")
        watch_jobs(connection)
        self._tables = [Identifier(name) for name in ("contacts", "companies", "identities")]
        for vendor in VENDORS.values():
            self._make(vendor)

    def _make(self, vendor: Vendor) -> None:
        ceiling.make_table(self._connection, vendor, ceiling.table_of(vendor, "ceiling"))
        alone.make_tables(self._connection, vendor)
        ceiling.make_table(self._connection, vendor, ceiling.table_of(vendor, "postgrest"))
        self._tables += [
            ceiling.table_of(vendor, side) for side in ("ceiling", "records", "keys", "postgrest")
        ]

    def empty(self) -> None:
        self._connection.execute(SQL("TRUNCATE {}").format(SQL(", ").join(self._tables)))

    def fill(self) -> None:
        """Let the database be as wherever it has run for a while.

        A call that comes to the end of a file of the log waits 45 ms for a new one to be made; and memory
        that no page was kept in yet has first to be given by the system, which takes a fifth of the time of
        a call that creates.
        """
        for _ in range(_LOG_FILES):
            self._connection.execute("SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal()")
        self._connection.execute(_FILL_MEMORY)
        self.checkpoint()

    def analyze(self, vendor: Vendor) -> None:
        """Tell the planner how many rows PostgreSQL alone has, as autovacuum does sooner or later."""
        for side in ("records", "keys"):
            self._connection.execute(SQL("ANALYZE {}").format(ceiling.table_of(vendor, side)))

    def checkpoint(self) -> None:
        """Let the files of the log that are done with be used again."""
        self._connection.execute("CHECKPOINT")

    def moment(self) -> int:
        """Return a transaction's number for `written`, lower than those of all that begin later."""
        return int(self._one("SELECT pg_current_xact_id()::text::bigint"))

    def written(self, since: int) -> tuple[int, int]:
        """Count our contacts and identities that have a version written since.

        It is exact and at once, while the counters of pg_stat_user_tables may come ten seconds late.
        """
        row = self._connection.execute(_WRITTEN, {"since": since}).fetchone()
        assert row is not None
        return row[0], row[1]

    def version(self) -> str:
        return str(self._one("SHOW server_version"))

    def backend(self) -> int:
        """Return the process that serves this connection."""
        return int(self._one("SELECT pg_backend_pid()"))

    def _one(self, query: str) -> Any:
        row = self._connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]
