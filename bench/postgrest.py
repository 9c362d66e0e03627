"""PostgREST's bulk upsert of the same rows, where it is on the PATH or POSTGREST says where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import ClassVar, Final

import psycopg
from psycopg.sql import Identifier

from bench.batches import Batch
from bench.ceiling import CONFLICT, make_table
from bench.processes import ended, free_port, wait_for

TABLE: Final = Identifier("bench", "by_postgrest")

_PATH: Final = f"/by_postgrest?on_conflict={','.join(CONFLICT)}"
_HEADERS: Final = {
    "Content-Type": "application/json",
    "Prefer": "resolution=merge-duplicates,return=minimal",
}
_GRANTS: Final = """
CREATE ROLE bench_anonymous NOLOGIN;
GRANT USAGE ON SCHEMA bench TO bench_anonymous;
GRANT SELECT, INSERT, UPDATE ON bench.by_postgrest TO bench_anonymous;
GRANT USAGE ON SEQUENCE bench.ids TO bench_anonymous
"""


@dataclass(frozen=True)
class PostgREST:
    port: int
    name: ClassVar[str] = "postgrest"

    def open(self) -> PostgRESTSession:
        return PostgRESTSession(self.port)


class PostgRESTSession:
    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=600)

    def prepare(self) -> None:
        self._connection.close()
        self._connection.connect()

    def send(self, batch: Batch) -> tuple[int, bytes]:
        self._connection.request("POST", _PATH, batch.documents, _HEADERS)
        response = self._connection.getresponse()
        return response.status, response.read()

    def check(self, answer: tuple[int, bytes], batch: Batch) -> None:
        if answer[0] not in (200, 201):
            raise ValueError(f"PostgREST answered {answer[0]} to {batch.size} rows: {answer[1][:500]!r}")


@contextmanager
def postgrest(connection: psycopg.Connection, url: str) -> Iterator[PostgREST | None]:
    """None where it is not installed. Needs version 12 or later."""
    program = os.environ.get("POSTGREST") or shutil.which("postgrest")
    if program is None:
        yield None
        return
    make_table(connection, TABLE)
    connection.execute(_GRANTS)
    port = free_port()
    settings = {
        "PGRST_DB_URI": url,
        "PGRST_DB_SCHEMAS": "bench",
        "PGRST_DB_ANON_ROLE": "bench_anonymous",
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
        "PGRST_LOG_LEVEL": "crit",
    }
    process = subprocess.Popen([program], env={**os.environ, **settings}, start_new_session=True)
    with ended(process):
        wait_for(f"http://127.0.0.1:{port}/by_postgrest?limit=0", process)
        yield PostgREST(port)
