"""The contacts that rows of a call identify, and their stored values."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

import msgspec

from contactory.dialects.everbridge.items import Contact, Outline
from contactory.dialects.everbridge.values import ItemError, gives_id, key, number
from contactory.model.characters import trim_key
from contactory.model.commands import Chain, Command, Named, Record, Return, Search
from contactory.model.fields import CONTACTS
from contactory.model.keys import Keys, Scheme

SYSTEM: Final = "everbridge"
SCHEME: Final = Scheme(SYSTEM, "externalId")
EXTERNAL_ID_LENGTH: Final = 50
_PAGE: Final = 1000  # contacts that are looked up at once


class WriteOptions(NamedTuple):
    """The options of a write.

    `full`: absent fields are cleared. `by_id`: an `id` identifies the contact, if there is one, and the
    externalId is its new one. `creates`: unknown contacts are created. `changes`: fields are the results of a
    partial update, groups too. `moves`: contacts come from another account as they were stored there, so they
    are not checked against stored values, and a new contact gets the `id` that it has.
    """

    full: bool = True
    by_id: bool = False
    creates: bool = False
    changes: bool = False
    moves: bool = False


def by_external_id(values: Sequence[object]) -> Keys:
    return Keys([SCHEME], [0] * len(values), [trim_key(str(value)) for value in values])


def external_id(contact: Contact | Outline) -> str:
    """Read the externalId, "" where there is none: a cell of blanks is an empty one."""
    written = key(contact.externalId, "externalId", EXTERNAL_ID_LENGTH)
    return written if written.strip() else ""


def given_id(contact: Contact) -> int | None:
    """Return the id of a contact; None if it has none, or an invalid one."""
    try:
        return number(contact.id, "id", 1) if gives_id(contact.id) else None
    except ItemError:
        return None


class Targets:
    """The contacts that rows identify, by id or by externalId."""

    def __init__(
        self, options: WriteOptions, records: Sequence[Record] = (), only: int | None = None
    ) -> None:
        self._options, self.only = options, only
        self._known = {
            identity.key: record.id
            for record in records
            for identity in record.identities
            if identity.system == SYSTEM
        }

    def id_of(self, contact: Contact) -> int | None:
        """Return the id of the contact; None if the row identifies it by its externalId."""
        return given_id(contact) if self.only is None and self._options.by_id else self.only

    def of(self, contact: Contact) -> Hashable:
        id_ = self.id_of(contact)
        if id_ is not None:
            return id_
        try:
            key = external_id(contact)
        except ItemError:
            return ""
        return self._known.get(key, key)


def find_stored(contacts: Sequence[Contact], options: WriteOptions, found: Sequence[Record] = ()) -> Command:
    """Return a command that finds the stored values by which rows are checked. It reads a page at a time and
    keeps only the fields that are needed, since there may be as many contacts as the call has rows."""
    if not contacts:
        return Return(found)
    targets = [Targets(options).of(contact) for contact in contacts[:_PAGE]]
    named = Named(
        ids=[target for target in targets if isinstance(target, int)],
        system=SYSTEM,
        keys=[target for target in targets if isinstance(target, str) and "\0" not in target],
    )
    search = Search(
        kind=CONTACTS, page=1, size=len(targets), named=named, any_part=True, with_identities=True
    )
    return Chain(
        search, lambda page: find_stored(contacts[_PAGE:], options, [*found, *map(_slimmed, page.records)])
    )


def _slimmed(record: Record) -> Record:
    values = {name: record.values[name] for name in ("timezone_id", "paths")}
    return msgspec.structs.replace(record, values=values)
