"""The neutral command of contacts: one write for a batch, and the same for one contact."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol

from contactory.dialects.everbridge.columns import Row, read_rows
from contactory.dialects.everbridge.disabled import Disabled, is_disabled, uses_disabled
from contactory.dialects.everbridge.items import Contact
from contactory.dialects.everbridge.names import required_lookups
from contactory.dialects.everbridge.targets import (
    Targets,
    WriteOptions,
    by_external_id,
    external_id,
    find_stored,
    given_id,
)
from contactory.dialects.everbridge.values import ItemError, gives_id, number, wrong
from contactory.dialects.everbridge.zones import Zones, needs_stored_zone
from contactory.model.bulk import BulkWrite, Rows
from contactory.model.commands import Chain, Command, Record
from contactory.model.directory import Directory
from contactory.model.fields import CONTACTS, Mode
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code


class RowCheck(Protocol):
    def check(self, target: Hashable, row: Row) -> None:
        """Check a row against the stored contact. Raises ItemError."""
        ...


def write_contacts(contacts: Sequence[Contact], options: WriteOptions) -> Command:
    """Return a command that looks up all names at once, and stored contacts where rows are checked against
    them, and writes the contacts."""
    return Chain(required_lookups(contacts), lambda directory: _write_checked(contacts, directory, options))


def write_contact(contact: Contact, options: WriteOptions, record: Record) -> Command:
    """Return a command that writes one existing contact. An `id` in its document is ignored."""
    targets = Targets(options, [record], record.id)
    zones = Zones([record.id], [record], change=options.changes)

    def write(directory: Directory) -> Command:
        return _bulk([contact], directory, options, targets, [zones, Disabled(directory, [record])])

    return Chain(required_lookups([contact]), write)


def _write_checked(contacts: Sequence[Contact], directory: Directory, options: WriteOptions) -> Command:
    disables = any(map(is_disabled, directory))
    unzoned = [contact for contact in contacts if needs_stored_zone(contact)]
    unchecked = unzoned + [contact for contact in contacts if disables and uses_disabled(contact, directory)]

    def write(records: Sequence[Record]) -> Command:
        targets = Targets(options, records)
        zones = Zones(map(targets.of, unzoned), records, change=False)
        return _bulk(contacts, directory, options, targets, [zones, Disabled(directory, records)])

    if options.moves or not unchecked:
        return _bulk(contacts, directory, options, Targets(options), ())
    return Chain(find_stored(unchecked, options), write)


def _bulk(
    contacts: Sequence[Contact],
    directory: Directory,
    options: WriteOptions,
    targets: Targets,
    checkers: Sequence[RowCheck],
) -> BulkWrite:
    def mark(contact: Contact) -> None:
        check_identity(contact, options, targets.id_of(contact))
        if options.moves and gives_id(contact.id):
            number(contact.id, "id", 1, LARGEST_GIVEN_ID)

    def check(contact: Contact, row: Row) -> None:
        for checker in checkers:
            checker.check(targets.of(contact), row)

    columns, refused = read_rows(contacts, directory, full=options.full, mark=mark, check=check)
    external_ids = [
        "" if place in refused else external_id(contact) for place, contact in enumerate(contacts)
    ]
    return BulkWrite(
        kind=CONTACTS,
        key_name="id" if options.by_id else "externalId",
        modes={"group_ids": Mode.REPLACE} if options.changes else {},
        may_create=options.creates,
        replace_key=True,
        rows=Rows(
            count=len(contacts),
            ids=[targets.id_of(contact) for contact in contacts] if options.by_id else None,
            given_ids=[given_id(contact) for contact in contacts] if options.moves else None,
            keys=by_external_id(external_ids),
            columns=columns,
            refused=refused,
        ),
    )


def check_identity(contact: Contact, options: WriteOptions, id_: int | None) -> None:
    """Raises ItemError for a contact that gives too little to be known by."""
    given = external_id(contact)
    if not given and id_ is None and not options.creates:
        raise ItemError("Missing Contact Id", Code.NOT_FOUND)
    if not given and options.full:
        wrong("externalId", "is required")
