"""The hot statements go by the index on a fresh database, where no statistics help the planner."""

from __future__ import annotations

import json
from typing import Any

from contactory.core.write import write
from contactory.model.bulk import BulkWrite, Keys, Scheme
from contactory.model.fields import CONTACTS, FieldType
from contactory.store import records
from contactory.store.columns import Column
from contactory.store.database import Database
from contactory.store.queries import QUERIES
from contactory.store.records import Given

COUNT = 2000
COLUMNS = (Column("first_name", FieldType.TEXT),)


def batch(first_name: str) -> BulkWrite:
    keys = [f"K{number}" for number in range(COUNT)]
    return BulkWrite(
        kind=CONTACTS,
        count=COUNT,
        keys=Keys([Scheme("propeller", "ERP", "NL")], [0] * COUNT, keys),
        columns={"first_name": [first_name] * COUNT},
    )


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes(child))]


def test_keys_are_found_in_one_pass_over_the_index(database: Database, organization: int) -> None:
    with database.transaction(organization) as transaction:
        write(transaction, batch("Ada"))
        transaction.settle()
        explain = b"EXPLAIN (ANALYZE, FORMAT json) " + QUERIES["find_keys"].encode()
        values = {
            "organization_id": organization,
            "keys": json.dumps([f"K{number}" for number in range(COUNT)]),
            "scheme_ids": [1],
        }
        plan = transaction.connection.execute(explain, values).fetchone()
    assert plan
    scans = [node for node in nodes(plan[0][0]["Plan"]) if node.get("Relation Name") == "identities_rows"]
    assert [(node["Node Type"], node["Actual Loops"]) for node in scans] == [("Index Scan", 1)]


def test_an_update_meets_each_staged_row_once(database: Database, organization: int) -> None:
    with database.transaction(organization) as transaction:
        created = write(transaction, batch("Ada"))
    with database.transaction(organization) as transaction:
        ids = created.ids
        records.stage(transaction, CONTACTS, Given(COLUMNS, [["Bea"] * COUNT], [None] * COUNT), ids)
        transaction.row("join_by_hash", nested_loops="off")
        statement = records.update_statement(CONTACTS, COLUMNS).decode()
        explain = f"EXPLAIN (ANALYZE, FORMAT json) {statement}".encode()
        plan = transaction.connection.execute(
            explain, {"organization_id": organization, "first": ids[0], "last": ids[-1]}
        ).fetchone()
    assert plan
    found = nodes(plan[0][0]["Plan"])
    assert "Nested Loop" not in {node["Node Type"] for node in found}
    scans = [
        node for node in found if node.get("Relation Name") == "contacts_rows" and "Scan" in node["Node Type"]
    ]
    assert [(node["Node Type"], node["Actual Loops"]) for node in scans] == [("Index Scan", 1)]
