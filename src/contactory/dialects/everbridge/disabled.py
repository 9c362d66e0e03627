"""Disabled delivery methods: stored values of contacts stay and can be sent again, new ones are refused."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Final

import msgspec

from contactory.dialects.everbridge.columns import Row
from contactory.dialects.everbridge.items import Contact, Outline
from contactory.dialects.everbridge.names import find_path
from contactory.dialects.everbridge.values import ItemError, many, wrong
from contactory.model.commands import Record
from contactory.model.directory import PATH, Directory, Entry

_DISABLED: Final = "D"


def is_disabled(entry: Entry) -> bool:
    return entry.kind == PATH and entry.details.get("status") == _DISABLED


def uses_disabled(contact: Contact | Outline, directory: Directory) -> bool:
    """Tell whether a contact has a path of a disabled method, so that the stored contact is needed to check
    it."""
    try:
        return any(is_disabled(find_path(path, "", directory)) for path in many(contact.paths))
    except ItemError:
        return False  # The contact is refused for that when it is read.


class Disabled:
    """The disabled methods, and the stored values of some contacts for them."""

    def __init__(self, directory: Directory, records: Iterable[Record]) -> None:
        self._names = {entry.number: entry.name for entry in directory if is_disabled(entry)}
        self._stored = {
            (record.id, path["pathId"], path.get("value"))
            for record in records
            for path in self._of_disabled(record.values["paths"])
        }

    def check(self, target: Hashable, row: Row) -> None:
        """Raise ItemError for a row with a value that the contact did not have before the call."""
        if not self._names or "paths" not in row:
            return
        for path in self._of_disabled(msgspec.json.decode(row["paths"])):
            number, value = path["pathId"], path["value"]
            if (target, number, value) not in self._stored:
                name = self._names[number]
                wrong(
                    "paths",
                    f"gives [{name}] the value [{value}], and [{name}] is disabled: it takes no new ones",
                )

    def _of_disabled(self, paths: Iterable[Any]) -> Iterable[dict[str, Any]]:
        return (path for path in paths if isinstance(path, dict) and path.get("pathId") in self._names)
