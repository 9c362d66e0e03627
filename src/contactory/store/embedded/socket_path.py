"""Where the server's socket lies: the only way in, in a directory that only the server's user can pass."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from contactory.store.embedded.directory import DataDirectory
from contactory.store.embedded.errors import EmbeddedError

PORT: Final = 5432  # no port is opened; it is part of the socket's name
_LONGEST: Final = 100  # systems differ, but all take this many bytes


def socket_directory(directory: DataDirectory) -> Path:
    """In the data directory, or in the temporary one where that path cannot be a socket's.

    Only for the holder, when no server runs.
    """
    folder = directory.root / "socket"
    socket = os.fsencode(folder / f".s.PGSQL.{PORT}")
    # In a list of hosts, which is what the driver takes, a comma separates two.
    if len(socket) > _LONGEST or b"," in socket:
        folder = Path(tempfile.gettempdir(), directory.name)
    _claim(folder, directory)
    # Left by a server that was killed, it would be respected as long as its number is any process's.
    (folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
    return folder


def _claim(folder: Path, directory: DataDirectory) -> None:
    """Anybody can make this directory before us where it is in a public place; then it is not used."""
    try:
        directory.new_folder(folder)
    except FileExistsError:
        status = folder.lstat()
        owner = directory.account.uid if directory.account else os.geteuid()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (owner, os.geteuid()):
            raise EmbeddedError(
                f"{folder} belongs to another user, so the database's socket is not put there: remove it."
            ) from None
        folder.chmod(0o700)
        if directory.account:
            directory.account.give(folder)
