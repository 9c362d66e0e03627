"""Embedded PostgreSQL, from a Python package, run in the service's data directory.

The data directory has `postgres` (the cluster), `postgres.log`, `socket` (the only way to connect),
`secret.key` (personal numbers are encrypted with it), `lock` and `users` (locks of the process that holds the
directory, and of those that use it).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from contactory.store.embedded.cluster import Cluster
from contactory.store.embedded.directory import DataDirectory, encryption_key
from contactory.store.embedded.errors import EmbeddedError, explained
from contactory.store.embedded.keeper import kept
from contactory.store.embedded.usage import Usage

__all__ = ["EmbeddedError", "encryption_key", "running"]

_EXCLUSIVE_TIMEOUT: Final = 5.0  # seconds
_SHARED_TIMEOUT: Final = 30.0


Prepare = Callable[[DataDirectory, Cluster], None]


def _check_whole(directory: DataDirectory, _: Cluster) -> None:
    if directory.is_half_restored:
        raise EmbeddedError(
            f"A backup was being restored into {directory.root}, and that did not end: run"
            " `contactory restore` again."
        )


@contextmanager
def running(data_dir: Path, *, exclusive: bool, prepare: Prepare = _check_whole) -> Iterator[str]:
    """Run the database, or share one that runs; yield its URL. The last process that uses it stops it.

    exclusive: for the service; raises EmbeddedError while another process holds the directory, and restarts a
    server that dies. A command is not exclusive: it shares a server that runs, or else runs one for itself.
    prepare: called before a server is started or shared.
    """
    with explained(data_dir):
        directory = DataDirectory.prepare(data_dir)
        usage = Usage(directory)
    cluster = Cluster(directory)
    try:
        with explained(data_dir):
            hold = _hold if exclusive else _hold_or_share
            url = hold(usage, cluster, directory, prepare)
        with kept(cluster) if exclusive else nullcontext():
            yield url
    finally:
        usage.end(cluster.stop)


def _hold(usage: Usage, cluster: Cluster, directory: DataDirectory, prepare: Prepare) -> str:
    deadline = time.monotonic() + _EXCLUSIVE_TIMEOUT
    while not usage.hold():
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"The data directory {directory.root} is in use by process {usage.holder()}:"
                " stop that one first, or set CONTACTORY_DATA_DIR to another directory."
            )
        time.sleep(0.05)
    prepare(directory, cluster)
    return cluster.run()


def _hold_or_share(usage: Usage, cluster: Cluster, directory: DataDirectory, prepare: Prepare) -> str:
    deadline = time.monotonic() + _SHARED_TIMEOUT
    while not usage.hold():
        if url := cluster.find_url():
            prepare(directory, cluster)
            return url
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Process {usage.holder()} holds the data directory {directory.root},"
                f" but its database does not answer: see the log {directory.log}."
            )
        time.sleep(0.05)
    prepare(directory, cluster)
    return cluster.run()
