"""Databases that are created and migrated once and then copied, since that takes a processor two seconds."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from contactory.store import embedded
from contactory.store.migrate import migrate


def migrated(data_dir: Path) -> Path:
    """Make the files of a database with empty tables and without a key."""
    subprocess.run(["/bin/cp", "-a", f"{_first()}/.", data_dir], check=True)
    return data_dir


@cache
def _first() -> Path:
    """Return the database that is copied. It is not forced to disk, which takes longer than most
    transactions of tests: tests kill PostgreSQL, after which the system still has all that was written, and
    not the machine."""
    folder = Path(tempfile.mkdtemp(prefix="contactory-tests-"))
    atexit.register(shutil.rmtree, folder)
    data_dir = folder / "data"
    with embedded.running(data_dir, exclusive=True) as url:
        migrate(url)
    with (data_dir / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("fsync = off\n")
    return data_dir
