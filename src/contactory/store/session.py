"""Sessions of the service: they act as the application role, have settings made by statements, and are
checked.

A pooler between may drop or refuse parameters of the startup message, so it has none.
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

# A server or a network that is silent is noticed even while no call waits.
_TCP: Final = {"keepalives_idle": 10, "keepalives_interval": 2, "keepalives_count": 3}


class Cuttable(Protocol):
    """Connection, blocking or asynchronous."""

    def fileno(self) -> int: ...


def parameters(url: str) -> dict[str, Any]:
    """Return parameters of the connection that the URL does not give itself."""
    given = conninfo_to_dict(url)
    wanted = {"autocommit": True, "connect_timeout": CONNECT_SECONDS, **_TCP}
    return {name: value for name, value in wanted.items() if name not in given}


def connect(url: str, seconds: float) -> Connection:
    """Open a session. Raises Unfit, or the driver's error."""
    connection = psycopg.connect(url, **parameters(url))
    try:
        set_up(connection, seconds)
    except BaseException:
        connection.close()
        raise
    return connection


def require_fit(url: str) -> None:
    """Raise Unfit where sessions of the service would not isolate organizations."""
    connect(url, CALL_SECONDS).close()


def set_up(connection: Connection, seconds: float) -> None:
    """Set a new session up for the service. `seconds`: timeout of a statement, and between two of a
    transaction. Raises Unfit, or the driver's error."""
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
    """Return the statements that set a session up."""
    return QUERIES["set_up_session"].format(milliseconds=int(seconds * 1000)).encode()


def check(connection: Connection) -> None:
    """Raise Unfit where the session could see the rows of several organizations."""
    judge(connection.execute(QUERIES["check_session"].encode(), prepare=False).fetchone())


def judge(found: Any) -> None:
    """Raise Unfit as `check` does. `found`: the row of the query check_session."""
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
    """Shut a connection's socket down, so that a thread that waits for it gets an error."""
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as server:
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def limited(connection: Cuttable, seconds: float) -> Iterator[None]:
    """Cut a connection when the work inside takes longer than some seconds."""
    timer = Timer(seconds, cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
