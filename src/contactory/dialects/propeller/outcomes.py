"""The reply to a bulk call."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from contactory.columns.column import BytesColumn, concat_rows
from contactory.dialects.base import Reply, json_encode
from contactory.dialects.propeller.headers import HEADERS
from contactory.dialects.propeller.problems import to_message
from contactory.model.bulk import Outcomes, Status


class FailedRow(msgspec.Struct):
    action: str
    error: str
    key: msgspec.Raw
    lookupKey: str  # noqa: N815
    success: bool = False


_CREATE: Final = b"create"
_ACTIONS: Final = np.frombuffer(_CREATE + b"update", np.uint8)


def encode_outcomes(outcomes: Outcomes, keys: BytesColumn[bytes], lookup_key: str) -> Reply:
    """Encode a row for each outcome in input order, with its key as it was sent. The vendor has create and
    update only, so an unchanged record is an update."""
    count = len(outcomes.ids)
    created = Status.CREATED
    are_created = np.array([status is created for status in outcomes.statuses], bool)
    starts = np.where(are_created, np.int32(0), np.int32(len(_CREATE)))
    actions = BytesColumn[bytes](_ACTIONS, starts, np.full(count, len(_CREATE), np.int32))
    ids = BytesColumn[bytes].from_separated(json_encode(outcomes.ids)[1:-1], count, b",")
    end = b',"lookupKey":%s,"success":true}' % json_encode(lookup_key)
    rows = concat_rows([b'{"action":"', b'","id":', b',"key":', end], [actions, ids, keys])
    if outcomes.problems:
        failed = [
            FailedRow(
                "update" if outcomes.ids[row] else "create",
                to_message(problem),
                msgspec.Raw(keys[row] or b""),
                lookup_key,
            )
            for row, problem in outcomes.problems.items()
        ]
        rows = rows.replace_rows([*outcomes.problems], BytesColumn.from_values([*map(json_encode, failed)]))
    body = b'{"data":[%s],"messages":["Completed"],"total":%d}' % (rows.join(b","), count)
    return Reply(200, body, HEADERS)
