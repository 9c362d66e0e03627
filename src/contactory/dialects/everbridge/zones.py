"""Quiet times need a time zone, sent or stored (the vendor's page, "quietTimeFrames").

They are judged where they come in: what was stored before without a zone can be sent back as it was read.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import msgspec

from contactory.dialects.everbridge.columns import Row
from contactory.dialects.everbridge.items import Contact, Outline
from contactory.dialects.everbridge.values import given, many, wrong
from contactory.model.commands import Record

Quiet = frozenset[tuple[int, bytes]]
"""Quiet times, encoded, by the pathId that they are for."""


class _State(NamedTuple):
    zone: str = ""
    quiet: Quiet = frozenset()


def is_doubtful(contact: Contact | Outline) -> bool:
    """Tell whether quiet times come without a zone, so that what is stored is needed to judge them."""
    if given(contact.timezoneId) and contact.timezoneId != "":
        return False
    return any(many(path.quietTimeFrames) for path in many(contact.paths))


class Zones:
    """The zones and quiet times of some contacts, as the rows of a call change them one after another. Others
    are not judged. `change`: a zone that a row takes away must not be needed."""

    def __init__(self, targets: Iterable[Hashable], records: Iterable[Record], *, change: bool) -> None:
        self._states = dict.fromkeys(targets, _State())
        self._states |= {record.id: _of_record(record) for record in records}
        self._change = change

    def judge(self, target: Hashable, row: Row) -> None:
        """Raises ItemError for a row that brings quiet times without a zone."""
        stored = self._states.get(target)
        if stored is None:
            return
        zone = row.get("timezone_id", stored.zone)
        sent: Quiet = frozenset()
        left = stored.quiet
        if "paths" in row:
            paths = msgspec.json.decode(row["paths"])
            sent = _quiet(paths)
            silent = {path["pathId"] for path in paths if "quietTimeFrames" not in path}
            left = sent | {(number, frames) for number, frames in stored.quiet if number in silent}
        removed = self._change and "timezone_id" in row
        if not zone and (sent or (removed and left)) and (stored.zone or not sent <= stored.quiet):
            wrong("timezoneId", "is required where a path has quietTimeFrames")
        self._states[target] = _State(zone, left)


def _of_record(record: Record) -> _State:
    return _State(record.values["timezone_id"], _quiet(record.values["paths"]))


def _quiet(paths: Iterable[dict[str, Any]]) -> Quiet:
    """Encoded in one order of keys, for the database has its own."""
    return frozenset(
        (path["pathId"], msgspec.json.encode(path["quietTimeFrames"], order="deterministic"))
        for path in paths
        if isinstance(path, dict) and path.get("quietTimeFrames")
    )
