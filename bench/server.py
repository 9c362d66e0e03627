"""`contactory serve` on a database of its own, which is removed afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, NamedTuple

from bench.processes import ended, free_port, wait_for
from bench.service import Service
from contactory.store import embedded


class Server(NamedTuple):
    pid: int
    service: Service

    @property
    def database_url(self) -> str:
        return self.service.database_url


@contextmanager
def serving(workers: int) -> Iterator[Server]:
    """Run it with an organization and a token for that. 0 workers: as many as `serve` chooses."""
    with TemporaryDirectory(prefix="contactory-bench-") as data_dir, TemporaryFile() as log:
        environment = _environment(data_dir)
        port = free_port()
        command = [*_CONTACTORY, "serve", "--port", str(port), "--workers", str(workers)]
        # In a session of its own, so that Ctrl-C reaches only us, and we end it in good order.
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            with ended(process):
                wait_for(f"http://127.0.0.1:{port}/health", process)
                organization, token = _make_token(environment)
                with embedded.running(Path(data_dir), exclusive=False) as url:
                    yield Server(process.pid, Service(port, token, organization, url))
        except Exception:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace"))
            raise


_CONTACTORY = (sys.executable, "-m", "contactory")


def _environment(data_dir: str) -> dict[str, str]:
    """Leave out the settings that are meant for another service."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTACTORY_")}
    return {**kept, "CONTACTORY_DATA_DIR": data_dir}


def _make_token(environment: dict[str, str]) -> tuple[int, str]:
    organization: int = _command(environment, "org", "create", "Benchmark")["id"]
    token: str = _command(environment, "token", "create", "--org", str(organization))["token"]
    return organization, token


def _command(environment: dict[str, str], *words: str) -> dict[str, Any]:
    command = [*_CONTACTORY, *words, "--json"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
