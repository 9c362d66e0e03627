"""`contactory serve`: the database, if it is ours, and the web server."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; 0: one for each processor, four at most.")] = 0,
) -> None:
    """Serve the APIs until SIGINT or SIGTERM, with PostgreSQL started and stopped where it is ours."""
    from granian import Granian
    from granian.constants import Interfaces

    import contactory
    from contactory.cli.database import open_database
    from contactory.model.limits import START_SECONDS
    from contactory.settings import Settings
    from contactory.store.application_role import log_in_as_application
    from contactory.store.embedded import encryption_key
    from contactory.store.session import require_fit
    from contactory.telemetry import logs

    settings = Settings.from_environment()
    processes = workers or min(os.cpu_count() or 1, 4)
    logs.configure(settings.log_level)
    with (
        open_database(settings, exclusive=True, patience=START_SECONDS) as url,
        TemporaryDirectory(prefix="contactory-") as shared,
    ):
        require_fit(url)
        # The processes of the server read their settings from the environment, as every process does.
        os.environ["CONTACTORY_DATABASE_URL"] = url
        os.environ["CONTACTORY_PROCESSES"] = str(processes)
        os.environ["CONTACTORY_SHARED_DIR"] = os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared
        if settings.database_url is None:
            os.environ["CONTACTORY_DATABASE_URL"] = log_in_as_application(url)
            if settings.secret_key is None:
                os.environ["CONTACTORY_SECRET_KEY"] = b64encode(encryption_key(settings.data_dir)).decode()
        Granian(
            # By its file: a name would be looked for in the folder that we happen to be in.
            f"{Path(contactory.__file__).parent / 'app.py'}:create",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            workers=processes,
            respawn_failed_workers=True,
            # A worker told to end while it starts does not hear it.
            workers_kill_timeout=30,
            log_access=False,
            log_dictconfig=logs.OF_THE_SERVER,
        ).serve()
