"""The schema's history: each revision in `versions/` runs the file of its name in `sql/`.

A file of SQL is never changed once it was released. The next change of the schema is the next number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from psycopg import Connection

FOLDER: Final = Path(__file__).parent


def revisions() -> list[str]:
    """All that there are, oldest first; known by their files, without Alembic."""
    return sorted(file.stem for file in (FOLDER / "sql").glob("*.sql"))


def run_file(revision: str) -> None:
    """For a revision that Alembic runs."""
    from alembic import op

    # By the driver itself, to which a percent sign or a colon in the file means nothing.
    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, Connection)  # noqa: S101 (no other driver is used)
    connection.execute((FOLDER / "sql" / f"{revision}.sql").read_bytes())
