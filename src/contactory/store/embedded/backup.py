"""The embedded database as files to keep elsewhere: `database.dump` (of pg_dump) and `secret.key`, without
which the personal numbers in it cannot be read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO, Final

import psycopg
from psycopg.conninfo import make_conninfo

from contactory.store.application_role import ensure_application_role
from contactory.store.embedded import commands, encryption_key, running
from contactory.store.embedded.directory import DataDirectory
from contactory.store.embedded.errors import EmbeddedError

DUMP: Final = "database.dump"
KEY: Final = "secret.key"
_DUMPED: Final = ("--format=custom", "--no-unlogged-table-data")


def back_up(data_dir: Path, folder: Path) -> int:
    """Into a new folder, which only its owner can read; answers its bytes. The service may run meanwhile:
    what is kept is the moment at which this began."""
    if folder.exists():
        raise EmbeddedError(f"{folder} exists already: give a folder that can be made.")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    directory = DataDirectory.prepare(data_dir)
    with running(data_dir, exclusive=False) as url, (unfinished / DUMP).open("wb") as dump:
        said = _run(directory, url, "pg_dump", *_DUMPED, stdout=dump)
        os.fsync(dump.fileno())
    if said:
        shutil.rmtree(unfinished)
        raise EmbeddedError(f"The database could not be backed up: {said}")
    (unfinished / KEY).write_bytes(encryption_key(data_dir))
    for file in unfinished.iterdir():
        file.chmod(0o600)
    unfinished.rename(folder)
    return sum(file.stat().st_size for file in folder.iterdir())


def restore(folder: Path, data_dir: Path) -> None:
    """Into a data directory that has no database yet. What fails leaves none there."""
    key = folder / KEY
    if not (folder / DUMP).is_file() or not key.is_file():
        raise EmbeddedError(f"{folder} is not a backup: {DUMP} and {KEY} are expected in it.")
    directory = DataDirectory.prepare(data_dir)
    if directory.cluster.exists():
        raise EmbeddedError(
            f"{directory.root} has a database already: set CONTACTORY_DATA_DIR to a new directory,"
            " or move it away."
        )
    try:
        with running(data_dir, exclusive=True) as url, (folder / DUMP).open("rb") as dump:
            with psycopg.connect(url, autocommit=True) as owner:
                ensure_application_role(owner)
            words = ("--single-transaction", "--exit-on-error", "--no-owner")
            said = _run(directory, url, "pg_restore", *words, stdin=dump)
        if said:
            raise EmbeddedError(f"The backup could not be restored: {said}")
    except BaseException:
        shutil.rmtree(directory.cluster, ignore_errors=True)
        raise
    with directory.open(KEY) as file:
        file.write(key.read_bytes())
        os.fsync(file.fileno())


def _run(
    directory: DataDirectory,
    url: str,
    program: str,
    *words: str,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
) -> str:
    """What went wrong; empty when nothing did."""
    result = commands.run(
        *(program, *words, f"--dbname={make_conninfo(url)}"),
        account=directory.account,
        cwd=directory.root,
        stdin=stdin,
        stdout=stdout,
    )
    return "" if result.succeeded else result.output.strip() or f"{program} failed"
