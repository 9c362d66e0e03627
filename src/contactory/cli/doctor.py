"""`contactory doctor`: what is wrong here, in words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import typer

from contactory.cli.options import Json, say

if TYPE_CHECKING:
    from contactory.settings import Settings
    from contactory.store.health import Finding

_LITTLE_ROOM: Final = 2 << 30  # bytes
_MARKS: Final = {"ok": "ok      ", "warning": "warning ", "wrong": "WRONG   "}


def doctor(json: Json = False) -> None:
    """Look at the settings, the machine and the database. Ends with 1 when something is wrong."""
    findings = list(_examine())
    lines = "\n".join(_MARKS[finding.state] + finding.text for finding in findings)
    say(lines, {"findings": [finding._asdict() for finding in findings]}, as_json=json)
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
        said = safe_message(error) if isinstance(error, psycopg.Error) else str(error)
        yield Finding("wrong", f"The database cannot be used: {' '.join(said.split())}")


def _key(settings: Settings, url: str) -> Iterator[Finding]:
    from contactory.access.proof import KeyState, examine_key, find_fault
    from contactory.cli.key import key_of, place_of
    from contactory.store.health import Finding

    state = examine_key(url, key_of(settings), keep=False)
    if fault := find_fault(state, place_of(settings)):
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
        yield _room(settings)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files < 1024:
        yield Finding(
            "warning", f"Only {files} files may be open, so few callers at once: raise `ulimit -n`."
        )


def _room(settings: Settings) -> Finding:
    from contactory.store.health import Finding

    place = next(folder for folder in (settings.data_dir, *settings.data_dir.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    state = "ok" if free > _LITTLE_ROOM else "warning"
    return Finding(state, f"{free / 2**30:.1f} GB are free on the disk of {settings.data_dir}.")
