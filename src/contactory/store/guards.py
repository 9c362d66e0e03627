"""Guards of connections in use: a thread that waits for one is freed when the database goes away, or when its
deadline passes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock

import psycopg
from psycopg import Connection

from contactory.model import deadline
from contactory.model.limits import ANSWER_SECONDS, CUT_SECONDS
from contactory.store.errors import Overdue
from contactory.store.session import Cuttable, cut


@dataclass(eq=False)
class _Use:
    """Use of a connection, until `moment` at most."""

    connection: Cuttable
    moment: float
    is_overdue: bool = False


class Guards:
    """Guards of one process. Threads that use a connection set one; the heartbeat acts on them."""

    def __init__(self) -> None:
        self._uses: set[_Use] = set()
        self._lock = Lock()

    @contextmanager
    def guard(self, connection: Cuttable) -> Iterator[None]:
        """Guard the work inside. Work that fails because its deadline has passed raises Overdue."""
        use = _Use(connection, deadline.current().moment)
        with self._lock:
            self._uses.add(use)
        try:
            yield
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if use.is_overdue:
                raise Overdue from error
            raise
        finally:
            with self._lock:
                self._uses.discard(use)

    def cut_all(self) -> None:
        """Cut all guarded connections."""
        with self._lock:
            for use in self._uses:
                cut(use.connection)

    def end_overdue(self) -> None:
        """Cancel statements that run past the deadline of their call, and cut connections whose statement
        does not end after that."""
        now = time.monotonic()
        with self._lock:
            late = [use for use in self._uses if use.moment < now]
        for use in late:
            if not use.is_overdue and isinstance(use.connection, Connection):
                use.is_overdue = True
                with suppress(psycopg.Error):
                    use.connection.cancel_safe(timeout=ANSWER_SECONDS)
            elif use.moment < now - CUT_SECONDS:
                with self._lock:
                    if use in self._uses:
                        cut(use.connection)
