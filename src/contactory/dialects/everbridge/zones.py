"""The check that quiet times have a time zone, sent or stored (the vendor's page, "quietTimeFrames").

Only new quiet times are checked: those that were stored before without a zone can be sent back as they are.
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
"""Pairs of a pathId and its encoded quiet times."""


class _State(NamedTuple):
    zone: str = ""
    quiet: Quiet = frozenset()


def needs_stored_zone(contact: Contact | Outline) -> bool:
    """Tell whether a contact has quiet times without a zone, so that the stored contact is needed to check
    them."""
    if given(contact.timezoneId) and contact.timezoneId != "":
        return False
    return any(many(path.quietTimeFrames) for path in many(contact.paths))


class Zones:
    """The zones and quiet times of some contacts, which the rows of a call change one after another. Other
    contacts are not checked. `change`: a row may not remove a zone that is needed."""

    def __init__(self, targets: Iterable[Hashable], records: Iterable[Record], *, change: bool) -> None:
        self._states = dict.fromkeys(targets, _State())
        self._states |= {record.id: _of_record(record) for record in records}
        self._change = change

    def check(self, target: Hashable, row: Row) -> None:
        """Raise ItemError for a row with new quiet times and no zone."""
        stored = self._states.get(target)
        if stored is None:
            return
        zone = row.get("timezone_id", stored.zone)
        sent: Quiet = frozenset()
        left = stored.quiet
        if "paths" in row:
            paths = msgspec.json.decode(row["paths"])
            sent = _quiet(paths)
            unchanged = {path["pathId"] for path in paths if "quietTimeFrames" not in path}
            left = sent | {(number, frames) for number, frames in stored.quiet if number in unchanged}
        removed = self._change and "timezone_id" in row
        if not zone and (sent or (removed and left)) and (stored.zone or not sent <= stored.quiet):
            wrong("timezoneId", "is required where a path has quietTimeFrames")
        self._states[target] = _State(zone, left)


def _of_record(record: Record) -> _State:
    return _State(record.values["timezone_id"], _quiet(record.values["paths"]))


def _quiet(paths: Iterable[dict[str, Any]]) -> Quiet:
    """Return the quiet times of paths, encoded with sorted keys, since the database orders them in its own
    way."""
    return frozenset(
        (path["pathId"], msgspec.json.encode(path["quietTimeFrames"], order="deterministic"))
        for path in paths
        if isinstance(path, dict) and path.get("quietTimeFrames")
    )
