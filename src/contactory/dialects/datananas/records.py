"""Stored contacts as they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from contactory.dialects.datananas.ids import encode_id
from contactory.dialects.datananas.names import TEXTS
from contactory.model.commands import Record


def encode_contact(record: Record, owners: Mapping[int, str]) -> dict[str, Any]:
    """`owners`: the e-mails of users, by id. What a contact does not have is null."""
    values = record.values
    shown: dict[str, Any] = {"_id": encode_id(record.id), "list": encode_id(values["list_id"])}
    shown |= {name: values[field] or None for name, field in TEXTS.items()}
    shown |= {
        "owner": owners.get(values["owner_id"]),
        "vars": values["vars"],
        "collectedAt": encode_moment(values["collected_at"]),
        "createdAt": encode_moment(record.created_at),
        "updatedAt": encode_moment(record.updated_at),
    }
    return shown


def encode_moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
