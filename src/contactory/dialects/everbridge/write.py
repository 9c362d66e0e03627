"""The neutral command of contacts: one write for a batch, and the same for one contact."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

from contactory.dialects.everbridge.columns import Row, read_rows
from contactory.dialects.everbridge.disabled import Disabled, is_disabled, uses_disabled
from contactory.dialects.everbridge.items import Contact
from contactory.dialects.everbridge.names import needed
from contactory.dialects.everbridge.targets import (
    How,
    Targets,
    by_external_id,
    external_id,
    find_stored,
    given_id,
)
from contactory.dialects.everbridge.values import ItemError, gives_id, number, wrong
from contactory.dialects.everbridge.zones import Zones, is_doubtful
from contactory.model.bulk import BulkWrite
from contactory.model.commands import Chain, Command, Record
from contactory.model.directory import Directory
from contactory.model.fields import CONTACTS, Mode
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code


class Judge(Protocol):
    def judge(self, target: Hashable, row: Row) -> None:
        """Check a row against the stored contact. Raises ItemError."""
        ...


def write_contacts(contacts: Sequence[Contact], how: How) -> Command:
    """Return a command that looks up all names at once, and stored contacts where rows are checked against
    them, and writes the contacts."""
    return Chain(needed(contacts), lambda directory: _judged(contacts, directory, how))


def write_contact(contact: Contact, how: How, record: Record) -> Command:
    """Return a command that writes one existing contact. An `id` in its document is ignored."""
    targets = Targets(how, [record], record.id)
    zones = Zones([record.id], [record], change=how.changes)

    def write(directory: Directory) -> Command:
        return _bulk([contact], directory, how, targets, [zones, Disabled(directory, [record])])

    return Chain(needed([contact]), write)


def _judged(contacts: Sequence[Contact], directory: Directory, how: How) -> Command:
    disables = any(map(is_disabled, directory))
    unzoned = [contact for contact in contacts if is_doubtful(contact)]
    doubtful = unzoned + [contact for contact in contacts if disables and uses_disabled(contact, directory)]

    def write(records: Sequence[Record]) -> Command:
        targets = Targets(how, records)
        zones = Zones(map(targets.of, unzoned), records, change=False)
        return _bulk(contacts, directory, how, targets, [zones, Disabled(directory, records)])

    if how.moves or not doubtful:
        return _bulk(contacts, directory, how, Targets(how), ())
    return Chain(find_stored(doubtful, how), write)


def _bulk(
    contacts: Sequence[Contact],
    directory: Directory,
    how: How,
    targets: Targets,
    judges: Sequence[Judge],
) -> BulkWrite:
    def mark(contact: Contact) -> None:
        _check_identity(contact, how, targets.id_of(contact))
        if how.moves and gives_id(contact.id):
            number(contact.id, "id", 1, LARGEST_GIVEN_ID)

    def judge(contact: Contact, row: Row) -> None:
        for judge_ in judges:
            judge_.judge(targets.of(contact), row)

    columns, refused = read_rows(contacts, directory, full=how.full, mark=mark, judge=judge)
    external_ids = [
        "" if place in refused else external_id(contact) for place, contact in enumerate(contacts)
    ]
    return BulkWrite(
        kind=CONTACTS,
        count=len(contacts),
        key_name="id" if how.by_id else "externalId",
        ids=[targets.id_of(contact) for contact in contacts] if how.by_id else None,
        given_ids=[given_id(contact) for contact in contacts] if how.moves else None,
        keys=by_external_id(external_ids),
        columns=columns,
        modes={"group_ids": Mode.REPLACE} if how.changes else {},
        may_create=how.creates,
        replace_key=True,
        refused=refused,
    )


def _check_identity(contact: Contact, how: How, id_: int | None) -> None:
    given = external_id(contact)
    if not given and id_ is None and not how.creates:
        raise ItemError("Missing Contact Id", Code.NOT_FOUND)
    if not given and how.full:
        wrong("externalId", "is required")
