"""Restart of a server that dies while it is in use."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from contactory.store.embedded.cluster import Cluster
from contactory.store.embedded.errors import EmbeddedError

_INTERVAL: Final = 0.5  # seconds

_log = logging.getLogger(__name__)


@contextmanager
def kept(cluster: Cluster) -> Iterator[None]:
    """Restart the server when it dies, until the end of the context. Only the holder of the directory may do
    this."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(cluster, over), name="database keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(cluster: Cluster, over: threading.Event) -> None:
    while not over.wait(_INTERVAL):
        if cluster.is_alive():
            continue
        _log.error("The database has died; it is started again.")
        try:
            cluster.run()
        except (EmbeddedError, OSError) as error:
            _log.error("The database does not start: %s", error)
        else:
            _log.warning("The database runs again.")
