"""Events between processes, by NOTIFY: they are delivered when the publishing transaction commits, in the
order of the commits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import psycopg

from contactory.store.database import Database, Transaction
from contactory.store.jobs import EVENTS
from contactory.store.queries import QUERIES

ACKNOWLEDGED: Final = "contactory_acknowledged"


async def subscribe(database: Database) -> AsyncIterator[tuple[str, str]]:
    """Yield each event from now on as (channel, message). Raises StoreError when the database goes away."""
    async with database.listening_session() as connection:
        for channel in (EVENTS, ACKNOWLEDGED):
            await connection.execute(f"LISTEN {channel}".encode())
        await connection.execute(QUERIES["mark_subscriber"].encode())
        async for event in connection.notifies():
            yield event.channel, event.payload
        raise psycopg.OperationalError("the connection has ended")


def acknowledge(transaction: Transaction, job: str) -> None:
    """Publish that this process has passed on the beginning of a job."""
    transaction.run("notify", channel=ACKNOWLEDGED, message=job)


def count_subscribers(transaction: Transaction) -> int:
    """Count the processes that are subscribed."""
    return int(transaction.row("count_subscribers")[0])
