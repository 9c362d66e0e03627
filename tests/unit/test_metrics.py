"""The metrics of several processes in one text."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from contactory.telemetry.metrics import Stages, render

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
    stages, begun = Stages("test"), time.perf_counter()
    with stages.enter("write"):
        time.sleep(0.02)
        for _ in range(2):
            with stages.enter("decode"):
                time.sleep(0.02)
        with stages.enter("encode"):
            time.sleep(0.05)
    elapsed = time.perf_counter() - begun
    stages.observe()
    write, decode, encode = (seconds_of(name) for name in ("write", "decode", "encode"))
    assert write >= 0.02 and decode >= 0.04 and encode >= 0.05
    assert write + decode + encode <= elapsed
    (counted,) = [line for line in lines() if line.startswith(sample("count", "decode"))]
    assert counted.endswith(" 1.0")


def lines() -> list[str]:
    return render({}).decode().splitlines()


def sample(kind: str, stage: str) -> str:
    return f'contactory_batch_seconds_{kind}{{api="test",stage="{stage}"}} '


def seconds_of(name: str) -> float:
    start = sample("sum", name)
    (found,) = [line for line in lines() if line.startswith(start)]
    return float(found.removeprefix(start))
