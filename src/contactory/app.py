"""The composition root: it makes a database, dialects and routes from settings, and imports all packages."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from threading import Thread

from litestar import Litestar
from litestar.types import ASGIApp

from contactory.access.cipher import FOR_GUESSING, Cipher, derive
from contactory.console.consent import make_consent_page
from contactory.core.execute import Encryption
from contactory.dialects.base import Dialect, OAuth
from contactory.dialects.datananas import Datananas
from contactory.dialects.everbridge import Everbridge
from contactory.dialects.propeller import Propeller
from contactory.http.edge import at_the_edge
from contactory.http.lingering import linger_for_proxies
from contactory.http.progress import Progress
from contactory.http.server import make_application
from contactory.http.sockets import make_socket
from contactory.jobs.sweeper import Sweeper
from contactory.jobs.worker import Worker
from contactory.serving.admission import Admission
from contactory.serving.memory import largest_body, own_budget
from contactory.serving.service import Service
from contactory.serving.slots import SingleProcess, SlotPool
from contactory.settings import Settings
from contactory.store.database import Database
from contactory.telemetry import logs, traces
from contactory.telemetry.metrics import remove_dead_processes, show_pool

SWITCH_SECONDS = 0.0002

_log = logging.getLogger(__name__)


def create() -> ASGIApp:
    """Make the application of one process. The web server calls this in each of them."""
    settings = Settings.from_environment()
    logs.configure(settings.log_level)
    traces.configure()
    service, cipher = _service(settings), Cipher(settings.secret_key)
    dialects: list[Dialect] = [
        Propeller(
            default_language=settings.default_language,
            max_rows=settings.max_rows,
            hide=cipher.hide if cipher.has_key else None,
        ),
        Datananas(
            envelope=settings.datananas_envelope,
            whole_company=settings.datananas_events == "company",
            ping_seconds=settings.datananas_ping_seconds,
        ),
        Everbridge(
            update_type=settings.everbridge_update_type,
            creates=settings.everbridge_upsert,
            max_rows=settings.max_rows,
        ),
    ]

    published = [
        (dialect, event_socket, Progress(service, event_socket))
        for dialect in dialects
        if (event_socket := dialect.event_socket)
    ]
    service.announcers.extend(progress.announce for _, _, progress in published)
    sockets = [
        make_socket(service, progress, event_socket, f"/{dialect.name}{path}".rstrip("/"))
        for dialect, event_socket, progress in published
        for path in event_socket.paths
    ]

    pages = [
        make_consent_page(service, dialect, offer)
        for dialect in dialects
        if isinstance(offer := dialect.token_endpoint, OAuth)
    ]

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        service.database.open()
        _tune_interpreter()
        remove_dead_processes()
        counting = asyncio.create_task(_show_pool(service.database))
        listening = [
            asyncio.create_task(work)
            for _, _, progress in published
            for work in (progress.listen(), progress.check())
        ]
        worker = _worker(settings, service.database)
        working = Thread(target=worker.run, name="worker", daemon=True)
        if settings.serve_works:
            working.start()
        yield
        worker.stop()
        if working.is_alive():
            await asyncio.to_thread(working.join)
        for task in (counting, *listening):
            task.cancel()
        service.threads.shutdown()
        service.own_threads.shutdown()
        service.database.close()

    hosts = {dialect.name: getattr(settings, f"{dialect.name}_host") for dialect in dialects}
    prefixes = {host: f"/{name}" for name, host in hosts.items() if host}
    application = make_application(service, dialects, lifespan, [*sockets, *pages])
    trusted = settings.trusted_proxies
    edge = at_the_edge(application, prefixes, trusted, settings.base_url or "")
    return linger_for_proxies(edge, trusted)


def _service(settings: Settings) -> Service:
    if settings.database_url is None:
        raise RuntimeError("no database: `contactory serve` starts one, or set CONTACTORY_DATABASE_URL")
    budget = own_budget(settings.max_memory_mb, settings.processes)
    return Service(
        # One is for the worker, one for operations.
        database=Database(
            settings.database_url, size=settings.pool_size + 2, call_seconds=settings.call_seconds
        ),
        encryption=_encryption(settings),
        threads=ThreadPoolExecutor(settings.pool_size, thread_name_prefix="work"),
        max_body_bytes=min(settings.max_body_mb << 20, largest_body(budget)),
        token_seconds=settings.token_seconds,
        admission=Admission(budget, _slots(settings)),
        cors_origins=settings.cors_origins,
        shows_metrics=settings.metrics,
        guessing_key=derive(settings.secret_key, FOR_GUESSING) if settings.secret_key else b"",
    )


def _slots(settings: Settings) -> SlotPool | SingleProcess:
    if settings.processes > 1 and settings.shared_dir:
        try:
            return SlotPool(settings.shared_dir)
        except OSError as error:
            _log.error("this process shares no slots with the others: %s", error)
    return SingleProcess()


@contextmanager
def make_worker(settings: Settings, url: str) -> Iterator[Worker]:
    """Make a worker without a web server."""
    database = Database(url, size=2, call_seconds=settings.call_seconds)
    database.open()
    try:
        yield _worker(settings, database)
    finally:
        database.close()


def _worker(settings: Settings, database: Database) -> Worker:
    sweeper = Sweeper(database, settings.purge_days)
    return Worker(database, _encryption(settings), Datananas(), sweeper)


def _encryption(settings: Settings) -> Encryption:
    """Make the encryption. A key that does not fit the stored numbers is not used to encrypt new ones."""
    cipher = Cipher(settings.secret_key)
    can_encrypt = cipher.has_key and settings.secret_key_fits
    return Encryption(encrypt=cipher.encrypt if can_encrypt else None, decrypt=cipher.read)


async def _show_pool(database: Database) -> None:
    while True:
        show_pool(*database.count_connections())
        await asyncio.sleep(1)


def _tune_interpreter() -> None:
    """Collect garbage less often, and switch threads sooner.

    A batch makes tens of thousands of objects that live as long as the batch and have no cycles: repeated
    garbage collection costs more than decoding. And a small request should not wait for the interpreter's
    lock behind each slice of a large one.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    sys.setswitchinterval(SWITCH_SECONDS)
