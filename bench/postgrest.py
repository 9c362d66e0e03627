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
from psycopg.sql import SQL

from bench.batches import Batch
from bench.ceiling import conflict_of, table_of
from bench.processes import ended, free_port, wait_for
from bench.vendors import VENDORS

_HEADERS: Final = {
    "Content-Type": "application/json",
    "Prefer": "resolution=merge-duplicates,return=minimal",
}
_GRANTS: Final = """
CREATE ROLE bench_anonymous NOLOGIN;
GRANT USAGE ON SCHEMA bench TO bench_anonymous;
GRANT USAGE ON SEQUENCE bench.ids TO bench_anonymous
"""
_GRANT: Final = "GRANT SELECT, INSERT, UPDATE ON {} TO bench_anonymous"


@dataclass(frozen=True)
class PostgREST:
    port: int
    vendor: str
    name: ClassVar[str] = "postgrest"

    def open(self) -> PostgRESTSession:
        conflict = ",".join(conflict_of(VENDORS[self.vendor]))
        return PostgRESTSession(self.port, f"/{self.vendor}_postgrest?on_conflict={conflict}")


class PostgRESTSession:
    def __init__(self, port: int, path: str) -> None:
        self._path = path
        self._connection = HTTPConnection("127.0.0.1", port, timeout=600)

    def prepare(self) -> None:
        self._connection.close()
        self._connection.connect()

    def send(self, batch: Batch) -> tuple[int, bytes]:
        self._connection.request("POST", self._path, batch.documents, _HEADERS)
        response = self._connection.getresponse()
        return response.status, response.read()

    def check(self, answer: tuple[int, bytes], batch: Batch) -> None:
        if answer[0] not in (200, 201):
            raise ValueError(f"PostgREST answered {answer[0]} to {batch.size} rows: {answer[1][:500]!r}")

    def close(self) -> None:
        self._connection.close()


@contextmanager
def postgrest(connection: psycopg.Connection, url: str) -> Iterator[int | None]:
    """Run PostgREST, version 12 or later, and yield its port; None where it is not installed."""
    program = os.environ.get("POSTGREST") or shutil.which("postgrest")
    if program is None:
        yield None
        return
    connection.execute(_GRANTS)
    for vendor in VENDORS.values():
        connection.execute(SQL(_GRANT).format(table_of(vendor, "postgrest")))
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
        wait_for(f"http://127.0.0.1:{port}/propeller_postgrest?limit=0", process)
        yield port
