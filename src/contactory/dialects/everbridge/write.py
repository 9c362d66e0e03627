"""Contacts to the neutral command: one write for a batch, and the same for one contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from contactory.dialects.everbridge.columns import EXTERNAL_ID_LENGTH, read_rows
from contactory.dialects.everbridge.items import Contact
from contactory.dialects.everbridge.names import needed
from contactory.dialects.everbridge.values import ItemError, given, key, number, wrong
from contactory.model.bulk import BulkWrite, Keys, Scheme
from contactory.model.characters import trim_key
from contactory.model.commands import Chain, Command
from contactory.model.directory import Directory
from contactory.model.fields import CONTACTS, Mode
from contactory.model.problems import Code

SYSTEM: Final = "everbridge"
SCHEME: Final = Scheme(SYSTEM, "externalId")


class How(NamedTuple):
    """full: what is not given is emptied. by_id: an `id` says which contact, where there is one, and the
    externalId is then its new one. creates: what is not known is new."""

    full: bool = True
    by_id: bool = False
    creates: bool = False
    replaces_groups: bool = False


def write_contacts(contacts: Sequence[Contact], how: How, ids: Sequence[int | None] | None = None) -> Command:
    """`ids`: which contacts are meant, where that is not in themselves. Every name is looked up at once."""
    return Chain(needed(contacts), lambda directory: _bulk(contacts, directory, how, ids))


def by_external_id(values: Sequence[object]) -> Keys:
    return Keys([SCHEME], [0] * len(values), [trim_key(str(value)) for value in values])


def _bulk(
    contacts: Sequence[Contact], directory: Directory, how: How, ids: Sequence[int | None] | None
) -> BulkWrite:
    def mark(contact: Contact) -> None:
        _check_identity(contact, how, named=ids is not None)

    columns, refused = read_rows(contacts, directory, full=how.full, mark=mark)
    if ids is None and how.by_id:
        ids = [None if place in refused else _id(contact) for place, contact in enumerate(contacts)]
    external_ids = [
        "" if place in refused else key(contact.externalId, "externalId")
        for place, contact in enumerate(contacts)
    ]
    return BulkWrite(
        kind=CONTACTS,
        count=len(contacts),
        key_name="id" if how.by_id else "externalId",
        ids=ids,
        keys=by_external_id(external_ids),
        columns=columns,
        modes={"group_ids": Mode.REPLACE} if how.replaces_groups else {},
        may_create=how.creates,
        renames=True,
        refused=refused,
    )


def _check_identity(contact: Contact, how: How, *, named: bool) -> None:
    external_id = key(contact.externalId, "externalId", EXTERNAL_ID_LENGTH)
    by_id = named or (how.by_id and given(contact.id))
    if by_id and not named:
        number(contact.id, "id", 1)
    if not external_id and not by_id and not how.creates:
        raise ItemError("Missing Contact Id", Code.NOT_FOUND)
    if not external_id and how.full:
        wrong("externalId", "is required")


def _id(contact: Contact) -> int | None:
    return number(contact.id, "id") if given(contact.id) else None
