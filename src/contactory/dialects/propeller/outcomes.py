"""Outcomes to the rows of a bulk reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from contactory.dialects.base import Reply, json_encode
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.problems import say
from contactory.model.bulk import Outcomes, Status


class Row(msgspec.Struct, gc=False):
    action: str
    id: int
    key: int | str  # as it was sent
    lookupKey: str  # noqa: N815
    success: bool = True


class FailedRow(msgspec.Struct):
    action: str
    error: str
    key: int | str
    lookupKey: str  # noqa: N815
    success: bool = False


class RowsReply(msgspec.Struct):
    data: Sequence[Any]
    messages: tuple[str, ...]
    total: int


def encode_outcomes(outcomes: Outcomes, keys: Sequence[int | str], lookup_key: str) -> Reply:
    """A row per contact in input order; the vendor knows create and update, so unchanged is an update."""
    created = Status.CREATED
    rows: list[Any] = [
        Row("create" if status is created else "update", id_, key, lookup_key)
        for status, id_, key in zip(outcomes.statuses, outcomes.ids, keys, strict=True)
    ]
    for row, problem in outcomes.problems.items():
        action = "update" if outcomes.ids[row] else "create"
        rows[row] = FailedRow(action, say(problem), keys[row], lookup_key)
    return Reply(200, json_encode(RowsReply(rows, ("Completed",), len(rows))), HEADERS)
