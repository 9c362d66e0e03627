"""The JSON of contacts, lists and users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from contactory.dialects.datananas.ids import encode_id
from contactory.dialects.datananas.names import TEXTS
from contactory.model.commands import Record
from contactory.model.directory import Entry, User


def encode_contact(
    record: Record,
    owners: Mapping[int, User],
    lists: Mapping[int, Entry] | None = None,
    *,
    whole: bool = False,
) -> dict[str, Any]:
    """Encode a contact; an empty field is null.

    `lists`: the list is shown as an object; one that is missing here, since it is another user's, with its id
    only. `whole`: the owner is shown as an object.
    """
    values = record.values
    list_id, owner = values["list_id"], owners.get(values["owner_id"])
    shown: dict[str, Any] = {"_id": encode_id(record.id), "list": encode_id(list_id)}
    if lists is not None and list_id:
        shown["list"] = encode_list(lists[list_id]) if list_id in lists else {"_id": encode_id(list_id)}
    shown |= {name: values[field] or None for name, field in TEXTS.items()}
    shown |= {
        "owner": encode_owner(owner, whole=whole),
        "vars": values["vars"],
        "collectedAt": encode_moment(values["collected_at"], whole=True),
        "createdAt": encode_moment(record.created_at),
        "updatedAt": encode_moment(record.updated_at),
    }
    return shown


def encode_list(entry: Entry) -> dict[str, Any]:
    return {
        "_id": encode_id(entry.number),
        "name": entry.name,
        "createdAt": encode_moment(entry.created_at),
    }


def encode_owner(user: User | None, *, whole: bool) -> Any:
    """Encode the owner as an e-mail, or as an object if `whole`."""
    return encode_user(user) if user and whole else user and user.email


def encode_user(user: User) -> dict[str, Any]:
    return {
        "_id": encode_id(user.id),
        "email": user.email or None,
        "firstName": user.first_name or None,
        "lastName": user.last_name or None,
        "role": user.role,
    }


def encode_moment(moment: datetime | None, *, whole: bool = False) -> str | None:
    """Encode a moment in milliseconds. `whole`: in microseconds if it has some, as values have that were
    stored before moments were rounded."""
    if moment is None:
        return None
    exact = whole and moment.microsecond % 1000
    timespec = "microseconds" if exact else "milliseconds"
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
