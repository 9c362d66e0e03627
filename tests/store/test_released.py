"""Released migrations never change, since databases have run them.

`released.sha256` has a checksum of each file. Those of new migrations are added when they are merged: `cd
src/contactory/store/migrations/sql && sha256sum *.sql`, written to that file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from contactory.store.migrations import FOLDER, revisions


def released() -> dict[str, str]:
    lines = Path(__file__).with_name("released.sha256").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def test_no_released_file_has_changed() -> None:
    found = {file.name: sha256(file.read_bytes()).hexdigest() for file in (FOLDER / "sql").glob("*.sql")}
    assert {name: found.get(name) for name in released()} == released()


def test_every_file_before_the_last_released_one_is_released() -> None:
    names = [f"{revision}.sql" for revision in revisions()]
    last = max(map(names.index, released()))
    assert {*names[: last + 1]} <= released().keys()
