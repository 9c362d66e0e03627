"""System user as which the server runs when the service runs as root: PostgreSQL refuses to run as root."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contactory.store.embedded.errors import INSTEAD, EmbeddedError

_NAME: Final = "contactory"
_PASS: Final = 0o1
_READ_AND_PASS: Final = 0o5

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Account:
    """System user, with the changes of permissions that it needs."""

    name: str
    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Make this user the owner of a path."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def let_pass(self, folder: Path) -> None:
        """Let others pass through a folder and its parents where this user could not; they cannot read
        them."""
        for ancestor in reversed([folder, *folder.parents]):
            status = ancestor.stat()
            if not self._may(status, _PASS):
                ancestor.chmod(stat.S_IMODE(status.st_mode) | _PASS)
                _log.warning("Others may now pass through %s (o+x), so that %s can", ancestor, self.name)

    def let_read(self, folder: Path) -> None:
        """Let others read a folder and all in it, if this user could not."""
        if not folder.exists() or self._may(folder.stat(), _READ_AND_PASS):
            return
        # The top folder comes last, so that an interrupted walk is done again.
        for parent, _, names in os.walk(folder, topdown=False):
            for path in (Path(parent, name) for name in [*names, ""]):
                mode = stat.S_IMODE(path.lstat().st_mode)
                if not path.is_symlink():
                    path.chmod(mode | (_READ_AND_PASS if mode & stat.S_IXUSR else _READ_AND_PASS & ~_PASS))
        _log.warning("Others may now read %s (o+rX), so that %s can", folder, self.name)

    def _may(self, status: os.stat_result, wanted: int) -> bool:
        if status.st_uid == self.uid:
            wanted <<= 6
        elif status.st_gid == self.gid:
            wanted <<= 3
        return status.st_mode & wanted == wanted


def server_account(cluster: Path) -> Account | None:
    """Return the user as which the server runs: the owner of an existing cluster, or a system user of our
    own.
    None: the server runs as the current user."""
    if os.geteuid() != 0:
        return None
    return _owner(cluster) or _find(_NAME) or _create(_NAME)


def _owner(path: Path) -> Account | None:
    try:
        entry = pwd.getpwuid(path.lstat().st_uid)
    except (FileNotFoundError, KeyError):
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid) if entry.pw_uid != 0 else None


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create(name: str) -> Account:
    program = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [program, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
        reason = result.stderr.strip()
    except OSError as error:
        reason = str(error)
    # Another process may have created the user first, so the command's success does not count.
    account = _find(name)
    if account is None:
        raise EmbeddedError(
            "The embedded database cannot run as root, and the system user"
            f" {name!r} cannot be made ({' '.join(reason.split())}): run as an ordinary user, or {INSTEAD}."
        )
    return account
