"""Named queries, kept as SQL in the files beside this one: `-- name: find_token` starts each."""

from __future__ import annotations

import re
from importlib import resources
from typing import Final

from psycopg.sql import SQL, Composable, Composed, Identifier

from contactory.model.fields import Kind

_HEADER: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def _load() -> dict[str, str]:
    queries: dict[str, str] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            _, *parts = _HEADER.split(file.read_text("utf-8"))
            queries.update(zip(parts[::2], parts[1::2], strict=True))
    return queries


QUERIES: Final = _load()


def compose(query: str, kind: Kind, **parts: Composable) -> Composed:
    """A query whose {table}, {rows} (its only partition), {stage} and other {parts} are filled in."""
    return SQL(QUERIES[query]).format(
        table=Identifier(kind.name),
        rows=Identifier(f"{kind.name}_rows"),
        stage=Identifier(f"staged_{kind.name}"),
        **parts,
    )
