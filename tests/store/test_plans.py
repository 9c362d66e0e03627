"""Plans: the hot statements use an index even on a new database, where the planner has no statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from contactory.core.write import write
from contactory.core.write.digests import as_column, no_digests
from contactory.model.bulk import BulkWrite, Outcomes, Rows
from contactory.model.fields import CONTACTS, FieldType
from contactory.model.keys import Keys, Scheme
from contactory.store import records
from contactory.store.binary import TextArray
from contactory.store.columns import Column
from contactory.store.database import Database, Transaction
from contactory.store.migrate import migrate
from contactory.store.queries import QUERIES
from contactory.store.records import RowValues
from contactory.store.schemes import find_keys

COUNT = 2000
COLUMNS = (Column("first_name", FieldType.TEXT),)


def batch(first_name: str, count: int = COUNT) -> BulkWrite:
    keys = [f"K{number}" for number in range(count)]
    return BulkWrite(
        kind=CONTACTS,
        rows=Rows(
            count=count,
            keys=Keys([Scheme("propeller", "ERP", "NL")], [0] * count, keys),
            columns={"first_name": [first_name] * count},
        ),
    )


def put(transaction: Transaction, bulk: BulkWrite) -> Outcomes:
    return write(transaction, bulk, bulk.rows)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes(child))]


def test_keys_are_found_in_one_pass_over_the_index(database: Database, organization: int) -> None:
    with database.transaction(organization) as transaction:
        put(transaction, batch("Ada"))
        transaction.drain()
        explain = b"EXPLAIN (ANALYZE, FORMAT json) " + QUERIES["find_keys"].encode()
        values = {
            "organization_id": organization,
            "keys": TextArray.of([f"K{number}" for number in range(COUNT)]),
            "scheme_ids": [1],
        }
        plan = transaction.connection.execute(explain, values).fetchone()
    assert plan
    scans = [node for node in nodes(plan[0][0]["Plan"]) if node.get("Relation Name") == "identities_rows"]
    assert [(node["Node Type"], node["Actual Loops"]) for node in scans] == [("Index Scan", 1)]


@pytest.fixture
def fresh(url: str) -> Iterator[str]:
    """Yield the URL of a database in which nothing has been written yet."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE fresh")
        migrate(make_conninfo(url, dbname="fresh"))
        yield make_conninfo(url, dbname="fresh")
        owner.execute("DROP DATABASE fresh WITH (FORCE)")


def test_a_plan_made_for_a_few_contacts_has_no_sequential_scan_later(fresh: str) -> None:
    database = Database(fresh, size=1)
    database.open()
    with database.transaction(1) as transaction:
        put(transaction, batch("Ada", count=20))
    with psycopg.connect(fresh, autocommit=True) as owner:
        owner.execute("ANALYZE contacts_rows, identities_rows")
    scans = b"SELECT sum(seq_scan) FROM pg_stat_xact_user_tables WHERE relname LIKE '%%_rows'"
    with database.transaction(1) as transaction:
        records.lock_organization(transaction, exclusive=False)
        # After some executions, the driver prepares the statement, and PostgreSQL keeps its plan.
        for number in range(25):
            find_keys(transaction, CONTACTS, [f"K{number}"], [1], digests=True)()
        found = transaction.row(scans)
    database.close()
    assert found == (0,)


def test_an_update_scans_each_staged_row_once(database: Database, organization: int) -> None:
    with database.transaction(organization) as transaction:
        created = put(transaction, batch("Ada"))
    with database.transaction(organization) as transaction:
        ids = np.array(created.ids)
        records.stage(
            transaction, CONTACTS, RowValues(COLUMNS, [["Bea"] * COUNT], as_column(no_digests(COUNT))), ids
        )
        transaction.row("join_by_hash", nested_loops="off")
        statement = records.update_statement(CONTACTS, COLUMNS).decode()
        explain = f"EXPLAIN (ANALYZE, FORMAT json) {statement}".encode()
        plan = transaction.connection.execute(
            explain,
            {"organization_id": organization, "author_id": 0, "first": int(ids[0]), "last": int(ids[-1])},
        ).fetchone()
    assert plan
    found = nodes(plan[0][0]["Plan"])
    assert "Nested Loop" not in {node["Node Type"] for node in found}
    scans = [
        node for node in found if node.get("Relation Name") == "contacts_rows" and "Scan" in node["Node Type"]
    ]
    assert [(node["Node Type"], node["Actual Loops"]) for node in scans] == [("Index Scan", 1)]
