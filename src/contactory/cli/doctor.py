"""`contactory doctor`: a check of the settings, the machine and the database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import typer

from contactory.cli.options import Json, print_result

if TYPE_CHECKING:
    from contactory.settings import Settings
    from contactory.store.health import Finding

_LITTLE_SPACE: Final = 2 << 30  # bytes
_MARKS: Final = {"ok": "ok      ", "warning": "warning ", "wrong": "WRONG   "}


def doctor(json: Json = False) -> None:
    """Check the settings, the machine and the database. Exits with 1 if anything is wrong."""
    findings = list(_examine())
    lines = "\n".join(_MARKS[finding.state] + finding.text for finding in findings)
    print_result(lines, {"findings": [finding._asdict() for finding in findings]}, as_json=json)
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


def _examine() -> Iterator[Finding]:
    import psycopg

    from contactory.cli.database import open_server
    from contactory.settings import Settings, SettingsError
    from contactory.store.embedded import EmbeddedError
    from contactory.store.errors import safe_message
    from contactory.store.health import Finding, examine

    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        yield Finding("wrong", f"{error}.")
        return
    yield from _machine(settings)
    try:
        with open_server(settings, exclusive=False) as url:
            yield from examine(url)
            yield from _key(settings, url)
    except (EmbeddedError, psycopg.Error) as error:
        text = safe_message(error) if isinstance(error, psycopg.Error) else str(error)
        yield Finding("wrong", f"The database cannot be used: {' '.join(text.split())}")


def _key(settings: Settings, url: str) -> Iterator[Finding]:
    from contactory.access.proof import KeyState, examine_key, find_fault
    from contactory.cli.key import key_of, key_source
    from contactory.store.health import Finding

    state = examine_key(url, key_of(settings), keep=False)
    if fault := find_fault(state, key_source(settings)):
        yield Finding("wrong", fault)
    elif state is KeyState.FITS:
        yield Finding("ok", "The secret key is that of the personal numbers in the database.")


def _machine(settings: Settings) -> Iterator[Finding]:
    import resource

    from contactory.store.health import Finding

    if settings.database_url:
        yield Finding("ok", "The database is the one in CONTACTORY_DATABASE_URL.")
        if settings.secret_key is None:
            yield Finding(
                "warning", "CONTACTORY_SECRET_KEY is not set: contacts with an ssn will be refused."
            )
    else:
        yield Finding("ok", f"The database is the embedded one in {settings.data_dir}.")
        yield _space(settings)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files < 1024:
        yield Finding(
            "warning", f"Only {files} files may be open, which allows few callers: raise `ulimit -n`."
        )


def _space(settings: Settings) -> Finding:
    from contactory.store.health import Finding

    folder = next(each for each in (settings.data_dir, *settings.data_dir.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    state = "ok" if free > _LITTLE_SPACE else "warning"
    return Finding(state, f"{free / 2**30:.1f} GB are free on the disk of {settings.data_dir}.")
