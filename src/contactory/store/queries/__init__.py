"""Named queries, from the SQL files in this folder: a line such as `-- name: find_token` begins each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from psycopg.sql import SQL, Composable, Identifier

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


def compose(query: str, kind: Kind, **parts: Composable) -> bytes:
    """Return a query with {table}, {rows} (its only partition), {stage} and other {parts} filled in. It is
    encoded, because the driver composes anything else again for each use."""
    return _fill(query, kind, parts) if parts else _compose(query, kind)


@cache
def _compose(query: str, kind: Kind) -> bytes:
    return _fill(query, kind, {})


def _fill(query: str, kind: Kind, parts: Mapping[str, Composable]) -> bytes:
    names = {"table": kind.name, "rows": f"{kind.name}_rows", "stage": f"staged_{kind.name}"}
    tables = {part: Identifier(name) for part, name in names.items()}
    return SQL(QUERIES[query]).format(**tables, **parts).as_bytes()
