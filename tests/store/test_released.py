"""What was released of the schema's history is never changed: databases have it as it was.

`released.sha256` has a checksum of each file. The lead adds those of new migrations when they are merged, and
from then on they stay as they are: `cd src/contactory/store/migrations/sql && sha256sum *.sql`, written to
that file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from contactory.store.migrations import FOLDER, revisions


def released() -> dict[str, str]:
    lines = Path(__file__).with_name("released.sha256").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def test_no_file_that_was_released_has_changed() -> None:
    found = {file.name: sha256(file.read_bytes()).hexdigest() for file in (FOLDER / "sql").glob("*.sql")}
    assert {name: found.get(name) for name in released()} == released()


def test_everything_up_to_the_last_of_them_is_released() -> None:
    names = [f"{revision}.sql" for revision in revisions()]
    last = max(map(names.index, released()))
    assert {*names[: last + 1]} <= released().keys()
