"""Revisions of the schema: each one in `versions/` runs the file of its name in `sql/`.

A file of SQL never changes once it is released. The next change of the schema gets the next number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from psycopg import Connection

FOLDER: Final = Path(__file__).parent


def revisions() -> list[str]:
    """Return all revisions, oldest first, by their files and without Alembic."""
    return sorted(file.stem for file in (FOLDER / "sql").glob("*.sql"))


def run_file(revision: str) -> None:
    """Run the SQL of a revision that Alembic runs."""
    from alembic import op

    # The driver itself runs the file, since a percent sign or a colon is special to SQLAlchemy.
    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, Connection)  # noqa: S101 (no other driver is used)
    connection.execute((FOLDER / "sql" / f"{revision}.sql").read_bytes())
