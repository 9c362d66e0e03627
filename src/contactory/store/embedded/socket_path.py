"""Directory of the server's socket, which is the only way to connect; only the server's user can enter it."""

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
    """Return the socket's directory, and create it: in the data directory, or in the temporary directory
    where the path is too long for a socket.

    Only the holder of the data directory may do this, when no server runs. Raises EmbeddedError.
    """
    folder = directory.root / "socket"
    socket = os.fsencode(folder / f".s.PGSQL.{PORT}")
    # A comma separates hosts in the list that the driver accepts.
    if len(socket) > _LONGEST or b"," in socket:
        folder = Path(tempfile.gettempdir(), directory.name)
    _claim(folder, directory)
    # PostgreSQL would respect the lock of a server that was killed while any process has its process id.
    (folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
    return folder


def _claim(folder: Path, directory: DataDirectory) -> None:
    """Create the directory, or make it private. In a public directory another user may have created it: then
    it is not used."""
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
