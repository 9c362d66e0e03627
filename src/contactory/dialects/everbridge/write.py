"""Contacts to the neutral command: one write for a batch, and the same for one contact."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from contactory.dialects.everbridge.columns import EXTERNAL_ID_LENGTH, Row, read_rows
from contactory.dialects.everbridge.items import Contact
from contactory.dialects.everbridge.names import needed
from contactory.dialects.everbridge.values import ItemError, gives_id, key, number, wrong
from contactory.dialects.everbridge.zones import Zones, is_doubtful
from contactory.model.bulk import BulkWrite, Keys, Scheme
from contactory.model.characters import trim_key
from contactory.model.commands import Chain, Command, Named, Record, Search
from contactory.model.directory import Directory
from contactory.model.fields import CONTACTS, Mode
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code

SYSTEM: Final = "everbridge"
SCHEME: Final = Scheme(SYSTEM, "externalId")


class How(NamedTuple):
    """full: what is not given is emptied. by_id: an `id` says which contact, where there is one, and the
    externalId is then its new one. creates: what is not known is new. changes: what is given is what a
    partial update has made of the contact, its groups too. numbered: an `id` beside the externalId is the one
    that a new contact gets."""

    full: bool = True
    by_id: bool = False
    creates: bool = False
    changes: bool = False
    numbered: bool = False


def write_contacts(contacts: Sequence[Contact], how: How) -> Command:
    """Every name is looked up at once, and so is what is stored of contacts where that decides."""
    doubtful = [contact for contact in contacts if is_doubtful(contact)]

    def write(records: Sequence[Record]) -> Command:
        targets = _Targets(how, records)
        zones = Zones(map(targets.of, doubtful), records, change=False) if doubtful else None
        return Chain(needed(contacts), lambda directory: _bulk(contacts, directory, how, targets, zones))

    if not doubtful:
        return write(())
    return Chain(_stored(doubtful, how), lambda page: write(page.records))


def write_contact(contact: Contact, how: How, record: Record) -> Command:
    """The write of one that is known; the `id` in it counts for nothing."""
    targets = _Targets(how, [record], record.id)
    zones = Zones([record.id], [record], change=how.changes)
    return Chain(needed([contact]), lambda directory: _bulk([contact], directory, how, targets, zones))


def by_external_id(values: Sequence[object]) -> Keys:
    return Keys([SCHEME], [0] * len(values), [trim_key(str(value)) for value in values])


def external_id(contact: Contact) -> str:
    """Read the externalId, "" where there is none: a cell of blanks is an empty one."""
    written = key(contact.externalId, "externalId", EXTERNAL_ID_LENGTH)
    return written if written.strip() else ""


class _Targets:
    """The contacts that rows mean, by id or by externalId."""

    def __init__(self, how: How, records: Sequence[Record] = (), only: int | None = None) -> None:
        self._how, self.only = how, only
        self._known = {
            identity.key: record.id
            for record in records
            for identity in record.identities
            if identity.system == SYSTEM
        }

    def id_of(self, contact: Contact) -> int | None:
        """None where the row names its contact by the key."""
        return _given_id(contact) if self.only is None and self._how.by_id else self.only

    def of(self, contact: Contact) -> Hashable:
        id_ = self.id_of(contact)
        if id_ is not None:
            return id_
        try:
            key = external_id(contact)
        except ItemError:
            return ""
        return self._known.get(key, key)


def _stored(contacts: Sequence[Contact], how: How) -> Search:
    targets = [_Targets(how).of(contact) for contact in contacts]
    named = Named(
        ids=[target for target in targets if isinstance(target, int)],
        system=SYSTEM,
        keys=[target for target in targets if isinstance(target, str) and "\0" not in target],
    )
    return Search(kind=CONTACTS, page=1, size=len(contacts), named=named, any_part=True, with_identities=True)


def _bulk(
    contacts: Sequence[Contact], directory: Directory, how: How, targets: _Targets, zones: Zones | None
) -> BulkWrite:
    def mark(contact: Contact) -> None:
        _check_identity(contact, how, targets.id_of(contact))
        if how.numbered and gives_id(contact.id):
            number(contact.id, "id", 1, LARGEST_GIVEN_ID)

    def judge(contact: Contact, row: Row) -> None:
        if zones is not None:
            zones.judge(targets.of(contact), row)

    columns, refused = read_rows(contacts, directory, full=how.full, mark=mark, judge=judge)
    external_ids = [
        "" if place in refused else external_id(contact) for place, contact in enumerate(contacts)
    ]
    return BulkWrite(
        kind=CONTACTS,
        count=len(contacts),
        key_name="id" if how.by_id else "externalId",
        ids=[targets.id_of(contact) for contact in contacts] if how.by_id else None,
        given_ids=[_given_id(contact) for contact in contacts] if how.numbered else None,
        keys=by_external_id(external_ids),
        columns=columns,
        modes={"group_ids": Mode.REPLACE} if how.changes else {},
        may_create=how.creates,
        renames=True,
        refused=refused,
    )


def _given_id(contact: Contact) -> int | None:
    """None where there is none, or what cannot be one, of which the contact is told when it is marked."""
    try:
        return number(contact.id, "id", 1) if gives_id(contact.id) else None
    except ItemError:
        return None


def _check_identity(contact: Contact, how: How, id_: int | None) -> None:
    given = external_id(contact)
    if not given and id_ is None and not how.creates:
        raise ItemError("Missing Contact Id", Code.NOT_FOUND)
    if not given and how.full:
        wrong("externalId", "is required")
