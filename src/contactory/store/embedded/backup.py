"""Backup of the embedded database: `database.dump` (of pg_dump) and `secret.key`, without which the personal
numbers in it cannot be read."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import psycopg
from psycopg.conninfo import make_conninfo

from contactory.store.application_role import ensure_application_role
from contactory.store.embedded import commands, encryption_key, running
from contactory.store.embedded.cluster import Cluster
from contactory.store.embedded.directory import DataDirectory
from contactory.store.embedded.errors import EmbeddedError

DUMP: Final = "database.dump"
KEY: Final = "secret.key"
_ROWS: Final = re.compile(r"^(?:DETAIL|CONTEXT):", re.MULTILINE)
_DUMPED: Final = ("--format=custom", "--no-unlogged-table-data")


def back_up(data_dir: Path, folder: Path) -> int:
    """Back up into a new folder, which only its owner can read; return its size in bytes. The service may run
    meanwhile: the backup has the state at which it began. Raises EmbeddedError."""
    if folder.exists():
        raise EmbeddedError(f"{folder} exists already: give a folder that can be made.")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    directory = DataDirectory.prepare(data_dir)
    with running(data_dir, exclusive=False) as url, (unfinished / DUMP).open("wb") as dump:
        error = _run(directory, url, "pg_dump", *_DUMPED, stdout=dump)
        os.fsync(dump.fileno())
    if error:
        shutil.rmtree(unfinished)
        raise EmbeddedError(f"The database could not be backed up: {error}")
    (unfinished / KEY).write_bytes(encryption_key(data_dir))
    for file in unfinished.iterdir():
        file.chmod(0o600)
    unfinished.rename(folder)
    return sum(file.stat().st_size for file in folder.iterdir())


def restore(folder: Path, data_dir: Path) -> None:
    """Restore a backup into a data directory that has no database and no other key. Raises EmbeddedError.

    A restore that fails leaves nothing; one that is killed leaves a mark, and the directory cannot be used
    until the restore has been run again.
    """
    if not (folder / DUMP).is_file() or not (folder / KEY).is_file():
        raise EmbeddedError(f"{folder} is not a backup: {DUMP} and {KEY} are expected in it.")
    undo, directory = ExitStack(), DataDirectory.prepare(data_dir)
    prepare = partial(_prepare, undo, (folder / KEY).read_bytes())
    try:
        with running(data_dir, exclusive=True, prepare=prepare) as url, (folder / DUMP).open("rb") as dump:
            with psycopg.connect(url, autocommit=True) as owner:
                ensure_application_role(owner)
            words = ("--single-transaction", "--exit-on-error", "--no-owner")
            error = _run(directory, url, "pg_restore", *words, stdin=dump)
        if error:
            raise EmbeddedError(f"The backup could not be restored: {error}")
    except BaseException:
        undo.close()
        raise
    directory.unmark_half_restored()


def _prepare(undo: ExitStack, key: bytes, directory: DataDirectory, cluster: Cluster) -> None:
    """Prepare a data directory for a restore: remove what an earlier attempt has left, and write the key,
    without which the numbers in the database could not be read. `undo`: gets the callbacks that remove all of
    it."""
    if directory.is_half_restored:
        cluster.stop()
        shutil.rmtree(directory.cluster, ignore_errors=True)
    elif directory.cluster.exists():
        raise EmbeddedError(
            f"{directory.root} has a database already: set CONTACTORY_DATA_DIR to a new directory,"
            " or move it away."
        )
    file = directory.root / KEY
    there = file.read_bytes() if file.exists() else b""
    if there and there != key:
        raise EmbeddedError(
            f"{file} is the key of other data, which cannot be read without it: move it away with them, or"
            " set CONTACTORY_DATA_DIR to a new directory."
        )
    directory.mark_half_restored()
    undo.callback(directory.unmark_half_restored)
    if not there:
        undo.callback(file.unlink, missing_ok=True)
        directory.write_whole(KEY, key)
    undo.callback(shutil.rmtree, directory.cluster, ignore_errors=True)


def _run(
    directory: DataDirectory,
    url: str,
    program: str,
    *words: str,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
) -> str:
    """Run a program and return its error, without the rows in it; empty when it succeeded."""
    result = commands.run(
        *(program, *words, f"--dbname={make_conninfo(url)}"),
        account=directory.account,
        cwd=directory.root,
        stdin=stdin,
        stdout=stdout,
    )
    return "" if result.succeeded else _ROWS.split(result.output)[0].strip() or f"{program} failed"
