"""The folder of the files that the processes of a service share."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

_NAME: Final = "contactory-run-"
_LOCK: Final = "lock"  # held as long as a process of the service lives


@contextmanager
def shared_folder(data_dir: Path) -> Iterator[Path]:
    """Make a folder in the data directory, where no cleaner removes it, or in the temporary directory if the
    data directory cannot be written. Folders of services that were killed are removed."""
    was_there = data_dir.exists()
    parent = _writable(data_dir)
    _remove_dead_services(parent)
    folder, lock = _make(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()
        if not was_there:  # The data directory was made for this folder alone, if it is empty.
            with suppress(OSError):
                data_dir.rmdir()


def _writable(data_dir: Path) -> Path:
    with suppress(OSError):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(data_dir, os.W_OK | os.X_OK):
            return data_dir
    return Path(tempfile.gettempdir())


def _make(parent: Path) -> tuple[Path, BinaryIO]:
    """Make a folder. It gets its name once it is locked, so that no other service removes it as a left
    one."""
    unfinished = Path(tempfile.mkdtemp(prefix=f".{_NAME}", dir=parent))
    lock = (unfinished / _LOCK).open("w+b")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return unfinished.rename(parent / unfinished.name.removeprefix(".")), lock


def _remove_dead_services(parent: Path) -> None:
    for folder in parent.glob(f"{_NAME}*"):
        with suppress(OSError):
            if folder.lstat().st_uid != os.geteuid():
                continue
            with (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
