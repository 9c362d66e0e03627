"""Diagnosis of a database: findings for a person to read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import psycopg
from psycopg import Connection

from contactory.store.errors import Unfit
from contactory.store.migrations import revisions
from contactory.store.pooler import refuse_transaction_pooling
from contactory.store.queries import QUERIES
from contactory.store.session import require_fit

_MAX_CLOCK_DIFFERENCE: Final = 5.0


class Finding(NamedTuple):
    """state: ok, warning or wrong."""

    state: str
    text: str


def examine(url: str) -> Iterator[Finding]:
    """Examine a database without changing it. Raises psycopg.Error when the database cannot be reached."""
    with psycopg.connect(url, autocommit=True) as owner:
        major = owner.info.server_version // 10_000
        yield Finding("ok", f"The database answers, and is PostgreSQL {major}.")
        yield _pooler(url)
        yield _schema(owner)
        yield (tenants := _tenants(owner))
        if tenants.state == "ok":
            yield _session(url)
        yield _clock(owner)
        yield from _jobs(owner)
        yield _connections(owner)


def _schema(owner: Connection) -> Finding:
    table = owner.execute("SELECT to_regclass('alembic_version')").fetchone()
    row = owner.execute("SELECT version_num FROM alembic_version").fetchone() if table and table[0] else None
    all_revisions = revisions()
    if row is None:
        return Finding("warning", "The database has no schema yet: `contactory migrate` or `serve` makes it.")
    if row[0] not in all_revisions:
        return Finding("wrong", f"The schema ({row[0]}) is of a newer Contactory: install that one.")
    if row[0] != all_revisions[-1]:
        return Finding("warning", f"The schema ({row[0]}) is not up to date: run `contactory migrate`.")
    return Finding("ok", f"The schema is up to date ({row[0]}).")


def _tenants(owner: Connection) -> Finding:
    role = owner.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'contactory_app'"
    ).fetchone()
    if role is None:
        return Finding(
            "warning", "The role contactory_app does not exist yet: `contactory migrate` makes it."
        )
    if role[0]:
        return Finding(
            "wrong",
            "The role contactory_app gets past row-level security: ALTER ROLE contactory_app"
            " NOSUPERUSER NOBYPASSRLS.",
        )
    open_tables = [name for (name,) in owner.execute(QUERIES["find_open_tables"].encode())]
    if open_tables:
        names = ", ".join(open_tables)
        return Finding("wrong", f"Row-level security is off for {names}: organizations are not kept apart.")
    return Finding("ok", "Organizations are kept apart by row-level security.")


def _pooler(url: str) -> Finding:
    try:
        refuse_transaction_pooling(url)
    except Unfit as error:
        return Finding("wrong", str(error))
    return Finding("ok", "Each connection keeps its session.")


def _session(url: str) -> Finding:
    """Check a session like those of the service, also through a pooler."""
    try:
        require_fit(url)
    except Unfit as error:
        return Finding("wrong", str(error))
    return Finding("ok", "The service acts as contactory_app, and cannot see past row-level security.")


def _clock(owner: Connection) -> Finding:
    row = owner.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    apart = abs(time.time() - row[0]) if row else 0.0
    if apart > _MAX_CLOCK_DIFFERENCE:
        return Finding(
            "warning",
            f"The clocks of this machine and the database are {apart:.0f} seconds apart:"
            " tokens end, and quotas begin, by the database's.",
        )
    return Finding("ok", "The clocks agree.")


def _jobs(owner: Connection) -> Iterator[Finding]:
    if not _has_jobs(owner):
        return
    stuck, failed = next(iter(owner.execute(QUERIES["count_troubled_jobs"].encode())))
    if stuck:
        yield Finding(
            "warning", f"{stuck} accepted jobs have waited for more than an hour: does a worker run?"
        )
    if failed:
        yield Finding(
            "warning", f"{failed} jobs of the last day have failed: the log of their worker tells why."
        )
    if not stuck and not failed:
        yield Finding("ok", "No job waits or has failed.")


def _has_jobs(owner: Connection) -> bool:
    row = owner.execute("SELECT to_regclass('jobs') IS NOT NULL").fetchone()
    return bool(row and row[0])


def _connections(owner: Connection) -> Finding:
    most, used = next(iter(owner.execute(QUERIES["count_sessions"].encode())))
    if used > most * 0.8:
        return Finding("warning", f"{used} of {most} connections are in use: lower CONTACTORY_POOL_SIZE.")
    return Finding("ok", f"{used} of {most} connections are in use.")
