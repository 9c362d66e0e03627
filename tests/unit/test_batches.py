"""What the benchmark sends to the ceiling is what it sends to the endpoint."""

from __future__ import annotations

import json

from bench.batches import KEY_COLUMNS, Span, fields, make_batch


def test_both_sides_get_the_same_rows() -> None:
    batch = make_batch([Span(5, 40), Span(1000, 10, 2)])
    rows = json.loads(batch.body)["contacts"]
    assert batch.size == len(rows) == len(batch.records) == 50
    places = {name: place for place, name in enumerate((*KEY_COLUMNS, *fields()))}
    for row, record in zip(rows, batch.records, strict=True):
        assert record[places["source_id"]] == str(row["sourceId"])
        assert record[places["last_name"]] == row.get("lastName", "")
        assert bool(record[places["parent_id"]]) == ("parent" in row)
        attributes = json.loads(record[places["attributes"]][1:])
        assert len(attributes) == len(row.get("attributes", ()))
