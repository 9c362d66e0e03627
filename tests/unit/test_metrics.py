"""The metrics of several processes in one text."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from contactory.telemetry.metrics import render, stage

_SHOW = """
from contactory.telemetry.metrics import render
render({"queued": 1})
print(render({"queued": 2, "running": 1}).decode(), "----", render({}).decode())
"""


def test_open_jobs_are_shown_once_and_not_stored(tmp_path: Path) -> None:
    """Render in processes of their own, since this one does not collect metrics of several processes."""
    further = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _SHOW]
    shown = subprocess.run(command, env=os.environ | further, capture_output=True, text=True, check=True)
    first, second = shown.stdout.split("----")
    assert [line for line in first.splitlines() if line.startswith("contactory_jobs{")] == [
        'contactory_jobs{state="queued"} 2.0',
        'contactory_jobs{state="running"} 1.0',
    ]
    assert "contactory_jobs{" not in second
    for text in (first, second):
        told = Counter(line.split()[2] for line in text.splitlines() if line.startswith("# HELP"))
        assert set(told.values()) == {1}


def test_stages_of_a_call_add_up_to_its_time() -> None:
    begun = time.perf_counter()
    with stage("test", "write"):
        time.sleep(0.02)
        with stage("test", "encode"):
            time.sleep(0.05)
    elapsed = time.perf_counter() - begun
    write, encode = (seconds_of(name) for name in ("write", "encode"))
    assert encode >= 0.05 and 0.02 <= write <= elapsed - encode


def seconds_of(name: str) -> float:
    start = f'contactory_batch_seconds_sum{{api="test",stage="{name}"}} '
    (found,) = [line for line in render({}).decode().splitlines() if line.startswith(start)]
    return float(found.removeprefix(start))
