"""Oracle of the write: one row at a time, on plain dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from contactory.core.write.merge import merge
from contactory.model.bulk import Rows, Status, WriteOptions
from contactory.model.fields import CONTACTS, EMPTY, FieldType, Mode
from contactory.model.keys import Scheme

Identity = tuple[str, str, str]  # scheme name, qualifier, key


@dataclass
class Person:
    values: dict[str, Any] = field(default_factory=dict)
    identities: set[Identity] = field(default_factory=set)


class Oracle:
    def __init__(self) -> None:
        self.people: list[Person] = []

    def write(self, options: WriteOptions, rows: Rows) -> list[Status]:
        before = {id(person): dict(person.values) for person in self.people}
        targets = [self._write_row(options, rows, row) for row in range(rows.count)]
        seen: set[int] = set()
        statuses = []
        for person in targets:
            if person is None:
                statuses.append(Status.FAILED)
            elif id(person) not in before:
                statuses.append(Status.UPDATED if id(person) in seen else Status.CREATED)
                seen.add(id(person))
            else:
                changed = person.values != before[id(person)]
                statuses.append(Status.UPDATED if changed else Status.UNCHANGED)
        return statuses

    def _write_row(self, options: WriteOptions, rows: Rows, row: int) -> Person | None:
        assert rows.keys
        if row in rows.refused:
            return None
        scheme, key = rows.keys.schemes[rows.keys.scheme_of[row]], rows.keys.keys[row]
        hits = [person for person in self.people if _is_known_by(person, scheme, key)]
        default = scheme.name, scheme.qualifier or scheme.default_qualifier, key
        if len(hits) > 1:
            hits = [person for person in hits if default in person.identities]
            if not hits:
                return None
        if hits:
            self._update(hits[0], options, rows, row)
            return hits[0]
        if not options.may_create:
            return None
        person = Person(identities={default})
        self.people.append(person)
        for name, type_ in CONTACTS.fields.items():
            given = rows.columns.get(name, [None] * rows.count)[row]
            person.values[name] = _stored(type_, merge(type_, Mode.SET, EMPTY[type_], given))
        return person

    def _update(self, person: Person, options: WriteOptions, rows: Rows, row: int) -> None:
        for name, column in rows.columns.items():
            type_ = CONTACTS.fields[name]
            mode = options.modes.get(name, Mode.SET)
            person.values[name] = _stored(type_, merge(type_, mode, person.values[name], column[row]))


def _is_known_by(person: Person, scheme: Scheme, key: str) -> bool:
    return any(
        (name, given) == (scheme.name, key) and scheme.qualifier in (None, qualifier)
        for name, qualifier, given in person.identities
    )


def _stored(type_: FieldType, value: Any) -> Any:
    """Return a value as it is stored: a map has no key whose value is null."""
    if type_ is FieldType.MAP:
        kept = {key: item for key, item in msgspec.json.decode(value).items() if item is not None}
        return msgspec.json.encode(dict(sorted(kept.items())))
    if type_ is FieldType.PATHS:
        paths = [
            {key: item for key, item in path.items() if item is not None}
            for path in msgspec.json.decode(value)
        ]
        return msgspec.json.encode(paths, order="deterministic")
    return value
