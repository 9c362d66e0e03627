"""Data directory: its files, and their owner."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from contactory.store.embedded.account import Account, server_account
from contactory.store.embedded.errors import EmbeddedError, explained

_KEY_BYTES: Final = 32
_HALF_RESTORED: Final = "restore.unfinished"


@dataclass(frozen=True)
class DataDirectory:
    root: Path
    account: Account | None  # owner of the server and its files, if not the current user

    @property
    def cluster(self) -> Path:
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def name(self) -> str:
        """Return a name that is unique to this directory, for its server and for its files elsewhere."""
        return f"contactory-{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]}"

    @classmethod
    def prepare(cls, root: Path) -> DataDirectory:
        """Create the directory where it does not exist, and set its permissions."""
        root = root.resolve()
        root.mkdir(parents=True, exist_ok=True)
        directory = cls(root, server_account(root / "postgres"))
        if directory.account:
            # A directory with other files in it keeps its owner.
            if not any(root.iterdir()):
                root.chmod(0o700)
                directory.account.give(root)
            directory.account.let_pass(root)
        return directory

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading and writing; it is created if missing. Others cannot read it, and links are
        not followed."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        file = open(os.open(self.root / name, flags, 0o600), "r+b", buffering=0)  # noqa: SIM115, PTH123
        if self.account:
            os.fchown(file.fileno(), self.account.uid, self.account.gid)
        return file

    @property
    def is_half_restored(self) -> bool:
        return (self.root / _HALF_RESTORED).exists()

    def mark_half_restored(self) -> None:
        self.open(_HALF_RESTORED).close()
        self.sync()

    def unmark_half_restored(self) -> None:
        (self.root / _HALF_RESTORED).unlink(missing_ok=True)
        self.sync()

    def write_whole(self, name: str, content: bytes) -> None:
        """Write a new file atomically and durably."""
        unfinished = f"{name}.unfinished"
        with self.open(unfinished) as file:
            file.truncate()
            file.write(content)
            os.fsync(file.fileno())
        (self.root / unfinished).rename(self.root / name)
        self.sync()

    def sync(self) -> None:
        """Make changes of the directory durable."""
        folder = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def new_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700)
        if self.account:
            self.account.give(path)


def encryption_key(data_dir: Path) -> bytes:
    """Return the key of this data directory: 32 random bytes, created at the first call. Raises
    EmbeddedError."""
    with explained(data_dir):
        directory = DataDirectory.prepare(data_dir)
        with directory.open("secret.key") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            key = file.read() or _write_key(file, directory)
    if len(key) != _KEY_BYTES:
        raise EmbeddedError(
            f"{directory.root / 'secret.key'} holds {len(key)} bytes, expected {_KEY_BYTES}:"
            " put back a copy of it."
        )
    return key


def _write_key(file: BinaryIO, directory: DataDirectory) -> bytes:
    """Write a new key, and make it durable before it is used: values encrypted with it cannot be read
    without."""
    key = secrets.token_bytes(_KEY_BYTES)
    file.write(key)
    os.fsync(file.fileno())
    directory.sync()
    return key
