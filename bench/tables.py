"""The tables of both sides, as their owner sees them."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from bench import ceiling
from bench.sides import Side

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
        ceiling.make_table(connection, ceiling.TABLE)

    def empty(self, sides: list[Side]) -> None:
        self._connection.execute("TRUNCATE contacts, companies, identities, bench.contacts")
        if any(side.name == "postgrest" for side in sides):
            self._connection.execute("TRUNCATE bench.by_postgrest")

    def fill(self) -> None:
        """Let the database be as wherever it has run for a while. To make a new file of 16 MB for the log
        takes whoever comes to the end of one 45 ms; and memory that no page was kept in yet has first to be
        given by the system, which takes a fifth of the time of a call that creates."""
        for _ in range(_LOG_FILES):
            self._connection.execute("SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal()")
        self._connection.execute(_FILL_MEMORY)
        self.checkpoint()

    def checkpoint(self) -> None:
        """Files of the log that are done with are used again after it."""
        self._connection.execute("CHECKPOINT")

    def moment(self) -> int:
        """For `written`: a transaction's number, lower than those of all that begin later."""
        return int(self._one("SELECT pg_current_xact_id()::text::bigint"))

    def written(self, since: int) -> tuple[int, int]:
        """How many of our contacts and identities have a version that was written since.

        Exact and at once, while the counters of pg_stat_user_tables may come ten seconds late.
        """
        row = self._connection.execute(_WRITTEN, {"since": since}).fetchone()
        assert row is not None
        return row[0], row[1]

    def version(self) -> str:
        return str(self._one("SHOW server_version"))

    def backend(self) -> int:
        """The process that serves this connection."""
        return int(self._one("SELECT pg_backend_pid()"))

    def _one(self, query: str) -> Any:
        row = self._connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]
