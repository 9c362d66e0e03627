"""`contactory serve`: the web server, and the embedded database if it is used."""

from __future__ import annotations

import gc
import logging
import os
import resource
from base64 import b64encode
from pathlib import Path
from typing import Annotated, Final

import typer

from contactory.cli.errors import CommandError

_log = logging.getLogger(__name__)

_OTHER_FILES: Final = 256  # of a process, beside connections


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; 0: one for each processor, four at most.")] = 0,
) -> None:
    """Serve the APIs until SIGINT or SIGTERM. An embedded PostgreSQL is started and stopped with it."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    import contactory
    from contactory.cli.address import reserved_address
    from contactory.cli.database import open_database
    from contactory.cli.key import key_source
    from contactory.cli.shared_folder import shared_folder
    from contactory.cli.web_server import WebServer
    from contactory.model.limits import CONNECTIONS, HEADER_SECONDS, MOST_PROCESSES, START_SECONDS
    from contactory.settings import Settings
    from contactory.store.application_role import log_in_as_application
    from contactory.store.embedded import encryption_key
    from contactory.store.session import require_fit
    from contactory.telemetry import logs

    settings = Settings.from_environment()
    if not 0 <= workers <= MOST_PROCESSES:
        raise CommandError(f"--workers is {workers}, expected a number from 0 to {MOST_PROCESSES}.")
    key = settings.secret_key
    processes = workers or min(os.cpu_count() or 1, 4)
    logs.configure(settings.log_level)
    with (
        reserved_address(host, port) as address,
        open_database(settings, exclusive=True, patience=START_SECONDS) as url,
        shared_folder(settings.data_dir) as shared,
    ):
        require_fit(url)
        if os.geteuid() == 0:
            _log.warning("The service runs as root, which it does not need: use an ordinary user")
        # The processes of the server read their settings from the environment, as every process does.
        os.environ["CONTACTORY_DATABASE_URL"] = url
        os.environ["CONTACTORY_PROCESSES"] = str(processes)
        os.environ["CONTACTORY_SHARED_DIR"] = os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared)
        if settings.database_url is None:
            os.environ["CONTACTORY_DATABASE_URL"] = log_in_as_application(url)
            key = key or encryption_key(settings.data_dir)
            os.environ["CONTACTORY_SECRET_KEY"] = b64encode(key).decode()
        fits = _check_key(url, key, key_source(settings))
        os.environ["CONTACTORY_SECRET_KEY_FITS"] = str(fits).lower()
        _share_modules()
        WebServer(
            # The file's path, since a module name would be searched in the current folder first.
            f"{Path(contactory.__file__).parent / 'app.py'}:create",
            factory=True,
            address=address,
            port=port,
            interface=Interfaces.ASGI,
            workers=processes,
            # To detect the protocol, the server would wait for the first bytes without a limit of time.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
            backpressure=_connections(CONNECTIONS) // processes,
            respawn_failed_workers=True,
            # A worker process that gets the signal to end while it starts misses it.
            workers_kill_timeout=30,
            log_access=False,
            log_dictconfig=logs.GRANIAN_LOGGING,
        ).serve()


def _share_modules() -> None:
    """Load the application before the processes are forked, so that they share its memory.

    Objects that exist now are kept out of garbage collection, which would write to their pages and so copy
    them.
    """
    import contactory.app  # noqa: F401

    gc.collect()
    gc.freeze()


def _connections(wanted: int) -> int:
    """Return how many connections a process may have at a time, and raise its limit of open files for
    them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < enough:
        soft = enough if hard == resource.RLIM_INFINITY else min(hard, enough)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(min(wanted, soft - _OTHER_FILES), _OTHER_FILES)


def _check_key(url: str, key: bytes | None, source: str) -> bool:
    """Tell whether the key may be used for writing, and log what is wrong with it. The service starts all the
    same, since only personal numbers need the key."""
    from contactory.access.proof import KeyState, examine_key, find_fault

    state = examine_key(url, key, keep=True)
    if fault := find_fault(state, source):
        _log.error(fault)
    return state is not KeyState.OTHER
