"""The rows that the benchmark sends to the endpoint and to the ceiling."""

from __future__ import annotations

import json

from bench.batches import KEY_COLUMNS, Span, fields, make_batch


def test_endpoint_and_ceiling_get_the_same_rows() -> None:
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
