"""Check for a pooler between the service and PostgreSQL: each connection must keep its session.

The service's sessions have a role, stages and prepared statements, hold locks and listen for events.
"""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import Connection

from contactory.store.errors import Unfit
from contactory.store.queries import QUERIES
from contactory.store.session import limited, parameters

_ROUNDS: Final = 3
_TIMEOUT: Final = 10.0  # seconds; a pooler that has no free session makes the client wait

POOLED: Final = (
    "Between Contactory and PostgreSQL is a pooler that gives each transaction another session (PgBouncer's"
    " pool_mode transaction or statement): set pool_mode to session for this database, or connect directly."
)


def refuse_transaction_pooling(url: str) -> None:
    """Raise Unfit where two connections get the same session, or one of them gets several.

    A pooler gives the session that was used last, or uses them in turn; so one connection asks twice before
    the other does. With a single session both get that one; with two in turn, the first gets both.
    """
    with _connect(url) as one, _connect(url) as other:
        found = [(_session(one), _session(one), _session(other)) for _ in range(_ROUNDS)]
    if len({first for first, _, _ in found} | {second for _, second, _ in found}) > 1 or any(
        first == third for first, _, third in found
    ):
        raise Unfit(POOLED)


def _connect(url: str) -> Connection:
    return psycopg.connect(url, **parameters(url))


def _session(connection: Connection) -> int:
    with limited(connection, _TIMEOUT):
        row = connection.execute(QUERIES["ping"].encode(), prepare=False).fetchone()
    return int(row[0]) if row else 0
