"""The metrics of several processes in one text."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

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
