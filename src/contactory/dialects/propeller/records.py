"""The JSON of records."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, date, datetime
from typing import Any

from contactory.dialects.propeller.resources import COMPANY, CONTACT, SYSTEM, Resource
from contactory.dialects.propeller.values import MONTHS
from contactory.model.commands import Record


def encode_record(
    resource: Resource, record: Record, version: str, expands: Container[str] = ()
) -> dict[str, Any]:
    """Encode a record: "" for an empty field; `sources` and `parent` if they are in `expands`. A secret that
    cannot be decrypted is left out, so that it stays when the record is sent back."""
    values = record.values
    plain = {key: values[field] for key, field in {**resource.texts, **resource.numbers}.items()}
    shown = {key: value for key, value in plain.items() if value is not None}
    shown |= {
        "id": record.id,
        "language": values["language"],
        "dateCreated": _moment(record.created_at),
        "dateModified": _moment(record.updated_at),
    }
    if values["pricing"]:
        shown["pricing"] = values["pricing"]
    if resource is not CONTACT and values["addresses"]:
        shown["addresses"] = values["addresses"]
    shown |= _company_only(record) if resource is COMPANY else _person_only(record, version)
    if "sources" in expands:
        shown["sources"] = [
            {"source": identity.scheme, "sourceId": identity.key}
            for identity in record.identities
            if identity.system == SYSTEM
        ]
    if "parent" in expands and record.parent:
        shown["parent"] = encode_record(COMPANY, record.parent, version, ("sources",))
    return dict(sorted(shown.items()))


def encode_date(day: date | None, version: str) -> str:
    """Encode a date: v1 uses the format of its platform (Lucee), v2 ISO 8601."""
    if day is None:
        return ""
    if version == "v2":
        return day.isoformat()
    return f"{MONTHS[day.month - 1]}, {day.day:02} {day.year:04} 00:00:00 +0000"


def _person_only(record: Record, version: str) -> dict[str, Any]:
    values = record.values
    names = (values["first_name"], values["middle_name"], values["last_name"])
    return {
        "dateOfBirth": encode_date(values["date_of_birth"], version),
        "fax": "",
        "gender": values["gender"] or "U",
        "login": values["login"],
        "name": " ".join(filter(None, names)),
    }


def _company_only(record: Record) -> dict[str, Any]:
    return {"company": record.values["name"]}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
