"""The memory of a service that is idle."""

from __future__ import annotations

import sys
import time

import psutil
import pytest

from tests.acceptance.server import Server

MOST = 250 << 20  # bytes on two processors, without PostgreSQL


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems do not tell what processes share.")
def test_processes_of_an_idle_service_share_their_memory(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = Server(tmp_path_factory.mktemp("idle"), workers="2")
    try:
        deadline = time.monotonic() + 60
        while server.log.read_text().count("Started worker") < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        service = psutil.Process(server.pid)
        processes = [service, *(each for each in service.children() if each.name() != "postgres")]
        assert len(processes) == 3
        assert sum(each.memory_full_info().pss for each in processes) <= MOST
    finally:
        server.stop()
