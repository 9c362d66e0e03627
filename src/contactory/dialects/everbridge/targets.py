"""Which contacts the rows of a call mean, and what is stored of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

import msgspec

from contactory.dialects.everbridge.items import Contact, Outline
from contactory.dialects.everbridge.values import ItemError, gives_id, key, number
from contactory.model.bulk import Keys, Scheme
from contactory.model.characters import trim_key
from contactory.model.commands import Answer, Chain, Command, Named, Record, Search
from contactory.model.fields import CONTACTS

SYSTEM: Final = "everbridge"
SCHEME: Final = Scheme(SYSTEM, "externalId")
EXTERNAL_ID_LENGTH: Final = 50
_PAGE: Final = 1000  # contacts that are looked up at once


class How(NamedTuple):
    """full: what is not given is emptied. by_id: an `id` says which contact, where there is one, and the
    externalId is then its new one. creates: what is not known is new. changes: what is given is what a
    partial update has made of the contact, its groups too."""

    full: bool = True
    by_id: bool = False
    creates: bool = False
    changes: bool = False


def by_external_id(values: Sequence[object]) -> Keys:
    return Keys([SCHEME], [0] * len(values), [trim_key(str(value)) for value in values])


def external_id(contact: Contact | Outline) -> str:
    """Read the externalId, "" where there is none: a cell of blanks is an empty one."""
    written = key(contact.externalId, "externalId", EXTERNAL_ID_LENGTH)
    return written if written.strip() else ""


class Targets:
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
        """None where the row has no id, or what cannot be one."""
        if self.only is not None or not self._how.by_id:
            return self.only
        try:
            return number(contact.id, "id", 1) if gives_id(contact.id) else None
        except ItemError:
            return None

    def of(self, contact: Contact) -> Hashable:
        id_ = self.id_of(contact)
        if id_ is not None:
            return id_
        try:
            key = external_id(contact)
        except ItemError:
            return ""
        return self._known.get(key, key)


def find_stored(contacts: Sequence[Contact], how: How, found: Sequence[Record] = ()) -> Command:
    """What is stored of contacts, as far as rows are judged by it: a page at a time, and no more of each than
    is needed, since there may be as many as a call has rows."""
    if not contacts:
        return Answer(found)
    targets = [Targets(how).of(contact) for contact in contacts[:_PAGE]]
    named = Named(
        ids=[target for target in targets if isinstance(target, int)],
        system=SYSTEM,
        keys=[target for target in targets if isinstance(target, str) and "\0" not in target],
    )
    search = Search(
        kind=CONTACTS, page=1, size=len(targets), named=named, any_part=True, with_identities=True
    )
    return Chain(
        search, lambda page: find_stored(contacts[_PAGE:], how, [*found, *map(_slimmed, page.records)])
    )


def _slimmed(record: Record) -> Record:
    values = {name: record.values[name] for name in ("timezone_id", "paths")}
    return msgspec.structs.replace(record, values=values)
