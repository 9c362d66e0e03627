"""The demo in a process of its own, with and without a terminal."""

from __future__ import annotations

import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

COMMAND = (sys.executable, "-m", "contactory", "demo")

# Ctrl-C is a signal to the processes with that controlling terminal.
TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONTACTORY_")}
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "CONTACTORY_DATA_DIR": str(tmp_path / "data"),
    }


@pytest.fixture
def leftovers(environ: dict[str, str]) -> Callable[[], list[str]]:
    """Find processes that were started with the demo's data directory, or that work in it."""
    data_dir = environ["CONTACTORY_DATA_DIR"]

    def find() -> list[str]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                ours = process.environ().get("CONTACTORY_DATA_DIR") == data_dir
                if ours or Path(data_dir) in Path(process.cwd()).parents:
                    found.append(" ".join(process.cmdline()))
        return found

    return find


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_demo_without_a_terminal_ends_by_itself(
    environ: dict[str, str], leftovers: Callable[[], list[str]]
) -> None:
    port = str(free_port())
    # The demo must leave a database alone that is used elsewhere.
    variables = {**environ, "CONTACTORY_DATABASE_URL": "postgresql://nobody@nowhere.example.com/real"}
    done = subprocess.run(
        [*COMMAND, "--rows", "500", "--port", port], env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    # rows, created, updated, unchanged, failed
    assert re.search(r"Create +500 +500 +0 +0 +0 ", done.stdout)
    assert re.search(r"A tenth changed +500 +0 +50 +450 +0 ", done.stdout)
    assert re.search(r"None changed +500 +0 +0 +500 +0 ", done.stdout)
    assert f"http://127.0.0.1:{port}" in done.stdout
    assert "CONTACTORY_DATABASE_URL is left alone" in done.stdout
    assert leftovers() == []


class Terminal:
    """A person at the demo's terminal."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process, self._screen, self.shown = process, screen, ""

    def read_until(self, text: str) -> None:
        while text not in self.shown:
            self.read()

    def read(self) -> None:
        self.shown += os.read(self._screen, 65536).decode(errors="replace").replace("\r\n", "\n")

    def press_ctrl_c(self) -> None:
        os.write(self._screen, b"\x03")

    def wait(self) -> int:
        # The demo would wait if nobody read its output; reading fails once its last process has ended.
        with suppress(OSError):
            while True:
                self.read()
        return self.process.wait(timeout=60)


@contextmanager
def on_terminal(environ: dict[str, str], *words: str) -> Iterator[Terminal]:
    screen, keyboard = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE_TERMINAL, *COMMAND, *words],
        stdin=keyboard,
        stdout=keyboard,
        stderr=keyboard,
        env=environ,
        start_new_session=True,
    )
    os.close(keyboard)
    try:
        yield Terminal(process, screen)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        os.close(screen)


def test_demo_on_a_terminal_serves_until_ctrl_c_and_its_commands_work(
    environ: dict[str, str], leftovers: Callable[[], list[str]]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with on_terminal(environ, "--rows", "100", "--port", str(port)) as terminal:
            terminal.read_until("runs on until Ctrl-C.")
            assert f"Port {port} is taken" in terminal.shown
            read, create, read_everbridge, create_everbridge, *datananas = (
                subprocess.run(shlex.split(command), capture_output=True, text=True).stdout
                for command in re.findall(r"^curl (?:.*\\\n)+.*", terminal.shown, re.MULTILINE)
            )
            terminal.press_ctrl_c()
            assert terminal.wait() == 0
    assert '"sources":[{"source":"DEMO-ERP"' in read
    assert '"parent":{' in read
    assert '"action":"create"' in create
    assert '"externalId":"P0000000"' in read_everbridge
    assert '"firstName":' in datananas[0] and '"uuid":' in datananas[1]
    assert create_everbridge == '{"message":"OK","code":100}'
    assert leftovers() == []


@pytest.mark.parametrize("moment", [0.4, 1.0, 1.6, 2.2])
def test_ctrl_c_at_any_moment_leaves_no_process(
    environ: dict[str, str], leftovers: Callable[[], list[str]], moment: float
) -> None:
    with on_terminal(environ, "--rows", "50000", "--port", str(free_port())) as terminal:
        time.sleep(moment)
        terminal.press_ctrl_c()
        time.sleep(0.2)
        terminal.press_ctrl_c()
        assert terminal.wait() != 0
    assert leftovers() == []
