"""The tables of both sides, as their owner sees them."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from bench import ceiling
from bench.sides import Side

_LOG_FILES: Final = 128
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

    def fill_log(self) -> None:
        """Let the log that is written ahead go on in files that were used before, as wherever a server has
        run for a while: to make a new one of 16 MB takes whoever comes to its end 45 ms."""
        for _ in range(_LOG_FILES):
            self._connection.execute("SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal()")
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
