"""PostgreSQL alone: what it takes for the same rows when every byte of the COPY was made beforehand.

Its tables are made like those of the service, with their indexes. Rows of new contacts and their keys are
copied straight into them; rows of known ones are copied to a stage, and found by their keys from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, LiteralString

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from bench.batches import CREATE, UNCHANGED, Batch
from bench.ceiling import listed, table_of
from bench.vendors import VENDORS
from bench.vendors.vendor import Vendor

# What is held is in memory, where a page costs the same wherever it is.
_SETTINGS: Final = "SET random_page_cost = 1.1"
_STAGE: Final = """
CREATE TEMPORARY TABLE staged ON COMMIT DELETE ROWS AS
SELECT ''::text COLLATE "C" AS key, {fields} FROM {records} WITH NO DATA
"""
_UPDATE: Final = """
UPDATE {records} AS record SET {assignments}, updated_at = now()
FROM staged
JOIN {keys} AS known ON known.organization_id = 1 AND known.key = staged.key AND known.scheme_id = 1
WHERE record.organization_id = 1 AND record.id = known.record_id
"""
_COMPARE: Final = """
SELECT count(*), count(*) FILTER (WHERE ({stored}) IS DISTINCT FROM ({given}))
FROM staged
JOIN {keys} AS known ON known.organization_id = 1 AND known.key = staged.key AND known.scheme_id = 1
JOIN {records} AS record ON record.organization_id = 1 AND record.id = known.record_id
"""


def make_tables(connection: psycopg.Connection, vendor: Vendor) -> None:
    records, keys = table_of(vendor, "records"), table_of(vendor, "keys")
    connection.execute(SQL("CREATE TABLE {} (LIKE contacts_rows INCLUDING ALL)").format(records))
    connection.execute(SQL("CREATE TABLE {} (LIKE identities_rows INCLUDING ALL)").format(keys))
    # As that of the service's own table, which LIKE leaves out.
    connection.execute(SQL("ALTER TABLE {} SET (fillfactor = 60)").format(records))


@dataclass(frozen=True)
class Alone:
    url: str
    vendor: str
    name: ClassVar[str] = "alone"

    def open(self) -> AloneSession:
        return AloneSession(self.url, VENDORS[self.vendor])


class AloneSession:
    def __init__(self, url: str, vendor: Vendor) -> None:
        fields = tuple(vendor.fields)
        names = {
            "records": table_of(vendor, "records"),
            "keys": table_of(vendor, "keys"),
            "fields": listed(fields),
            "assignments": _each("{0} = staged.{0}", fields),
            "stored": _each("record.{0}", fields),
            "given": _each("staged.{0}", fields),
        }
        self._new = [
            SQL("COPY {records} (organization_id, id, {fields}) FROM STDIN (FORMAT binary)").format(**names),
            SQL("COPY {keys} (organization_id, record_id, scheme_id, key) FROM STDIN (FORMAT binary)").format(
                **names
            ),
        ]
        self._staged = [SQL("COPY staged (key, {fields}) FROM STDIN (FORMAT binary)").format(**names)]
        self._update = SQL(_UPDATE).format(**names)
        self._compare = SQL(_COMPARE).format(**names)
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(SQL(_STAGE).format(**names))
        self._connection.execute(_SETTINGS)

    def prepare(self) -> None:
        pass

    def send(self, batch: Batch) -> tuple[int, int]:
        """Return how many rows were found or made, and how many of them were written."""
        statements = self._new if batch.scenario == CREATE else self._staged
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for statement, copied in zip(statements, batch.copies, strict=True):
                with cursor.copy(statement) as copy:
                    copy.write(copied)
            if batch.scenario == CREATE:
                return cursor.rowcount, cursor.rowcount
            if batch.scenario == UNCHANGED:
                found, changed = cursor.execute(self._compare, prepare=True).fetchone() or (0, 0)
                return found, changed
            written = cursor.execute(self._update, prepare=True).rowcount
            return written, written

    def check(self, answer: tuple[int, int], batch: Batch) -> None:
        if answer != (batch.size, 0 if batch.scenario == UNCHANGED else batch.size):
            raise ValueError(f"{batch.size} rows sent to PostgreSQL, {answer[0]} found, {answer[1]} written")

    def close(self) -> None:
        self._connection.close()


def _each(pattern: LiteralString, fields: tuple[str, ...]) -> Composed:
    return SQL(", ").join(SQL(pattern).format(Identifier(field)) for field in fields)
