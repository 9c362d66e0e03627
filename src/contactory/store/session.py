"""The sessions that the service works in: as the application role, with settings made by statements, and
checked.

A pooler between may drop or refuse what is said at the start of a session, so nothing is said there.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any, Final, Protocol

import psycopg
from psycopg import Connection, errors
from psycopg.conninfo import conninfo_to_dict

from contactory.model.limits import CALL_SECONDS, CONNECT_SECONDS
from contactory.store.errors import Unfit
from contactory.store.queries import QUERIES

# A server or a network that says nothing more is noticed where no call waits, too.
_TCP: Final = {"keepalives_idle": 10, "keepalives_interval": 2, "keepalives_count": 3}


class Cuttable(Protocol):
    """A connection, of either kind."""

    def fileno(self) -> int: ...


def parameters(url: str) -> dict[str, Any]:
    """Return what the driver is to connect with, besides the URL and what that says itself."""
    given = conninfo_to_dict(url)
    wanted = {"autocommit": True, "connect_timeout": CONNECT_SECONDS, **_TCP}
    return {name: value for name, value in wanted.items() if name not in given}


def connect(url: str, seconds: float) -> Connection:
    """A session of its own. Raises Unfit, or the driver's error."""
    connection = psycopg.connect(url, **parameters(url))
    try:
        set_up(connection, seconds)
    except BaseException:
        connection.close()
        raise
    return connection


def require_fit(url: str) -> None:
    """Raise Unfit where the service would not keep organizations apart."""
    connect(url, CALL_SECONDS).close()


def set_up(connection: Connection, seconds: float) -> None:
    """Make a new session fit for the service; `seconds`: for one statement, and between two of a transaction.
    Raises Unfit, or the driver's error."""
    with limited(connection, CONNECT_SECONDS):
        connection.execute("DISCARD ALL")  # A pooler may give a session that another has used.
        try:
            connection.execute(settings(seconds))
        except (errors.InsufficientPrivilege, errors.InvalidParameterValue) as error:
            raise Unfit(
                f"The service cannot act as the role contactory_app ({error.diag.message_primary}):"
                " `contactory migrate` makes the role, or says how it is made."
            ) from error
        check(connection)


def settings(seconds: float) -> bytes:
    return QUERIES["set_up_session"].format(milliseconds=int(seconds * 1000)).encode()


def check(connection: Connection) -> None:
    """Raise Unfit where the session would see more than one organization's rows."""
    judge(connection.execute(QUERIES["check_session"].encode(), prepare=False).fetchone())


def judge(found: Any) -> None:
    """`found`: the row of check_session."""
    user, gets_past, is_on, open_tables = found or ("nobody", True, False, "")
    if user != "contactory_app":
        raise Unfit(
            f"The session acts as {user} and not as contactory_app, so that row-level security does not hold:"
            " what lies between the service and PostgreSQL must let SET ROLE be."
        )
    if gets_past:
        raise Unfit(
            "The role contactory_app gets past row-level security: ALTER ROLE contactory_app NOSUPERUSER"
            " NOBYPASSRLS."
        )
    if not is_on or open_tables:
        raise Unfit(
            f"Row-level security is off for {open_tables or 'the session'}: organizations are not kept apart."
        )


def cut(connection: Cuttable) -> None:
    """Whoever waits for this connection, in whatever thread, is told that it is closed."""
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def limited(connection: Cuttable, seconds: float) -> Iterator[None]:
    """Cut it off when what is done inside takes longer."""
    timer = Timer(seconds, cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
