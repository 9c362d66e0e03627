"""What processes tell each other, by NOTIFY: delivered when the transaction that tells it is kept, in the
order of those."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import psycopg

from contactory.store.database import Database, Transaction
from contactory.store.jobs import EVENTS
from contactory.store.queries import QUERIES

ACKNOWLEDGED: Final = "contactory_acknowledged"


async def hear(database: Database) -> AsyncIterator[tuple[str, str]]:
    """(channel, message) after (channel, message), from now on. Raises StoreError when the database goes."""
    async with database.hearing_session() as connection:
        for channel in (EVENTS, ACKNOWLEDGED):
            await connection.execute(f"LISTEN {channel}".encode())
        await connection.execute(QUERIES["hear_events"].encode())
        async for told in connection.notifies():
            yield told.channel, told.payload
        raise psycopg.OperationalError("the connection has ended")


def acknowledge(transaction: Transaction, job: str) -> None:
    """Say that this process has passed on that a job begins."""
    transaction.run("notify", channel=ACKNOWLEDGED, message=job)


def count_hearers(transaction: Transaction) -> int:
    """The processes that hear what is told."""
    return int(transaction.row("count_hearers")[0])
