"""Contacts as they came to columns as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from contactory.dialects.datananas import values
from contactory.dialects.datananas.names import FIELDS, SOURCES, canonical
from contactory.dialects.datananas.profiles import linkedin_key, read_linkedin
from contactory.model.bulk import Keys, Scheme

SYSTEM: Final = "datananas"
EMAIL: Final = Scheme(SYSTEM, "email")
LINKEDIN: Final = Scheme(SYSTEM, "linkedin")


class Error(NamedTuple):
    """What is wrong with a field of a row; rows are counted from 0."""

    i: int
    field: str
    message: str


class Rows(NamedTuple):
    """Columns by field of the store, but for owners, which are e-mails yet; None: leave it as it is."""

    size: int
    columns: dict[str, list[Any]]
    owners: list[str | None]
    errors: list[Error]

    def keys(self) -> tuple[Keys, Keys]:
        """Identities by e-mail and by LinkedIn profile."""
        emails, profiles = self.columns["email"], self.columns["linkedin"]
        return (
            Keys(
                [EMAIL], [0] * self.size, [values.email_key(text) if text else "" for text in emails], "email"
            ),
            Keys(
                [LINKEDIN],
                [0] * self.size,
                [linkedin_key(url) if url else "" for url in profiles],
                "linkedin",
            ),
        )


def read_rows(rows: Sequence[Any]) -> Rows:
    """Empty values and null say nothing. A row that cannot be taken has an error for each wrong field."""
    read: list[dict[str, Any]] = []
    errors: list[Error] = []
    for i, row in enumerate(rows):
        if isinstance(row, Mapping):
            read.append(_read_row(row, i, errors))
        else:
            errors.append(Error(i, "", "is not an object"))
            read.append({})
    columns = {
        field: [row.get(name) for row in read] for name, (field, _) in FIELDS.items() if name != "owner"
    }
    return Rows(len(read), columns, [row.get("owner") for row in read], errors)


def _read_row(row: Mapping[str, Any], i: int, errors: list[Error]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in row.items():
        name = canonical(key)
        if name is None or value is None or value == "":
            continue
        try:
            kept[name] = _read(name, value)
        except ValueError as error:
            errors.append(Error(i, name, str(error)))
    return kept


def _read(name: str, value: Any) -> Any:
    if name == "vars":
        return values.read_vars(value)
    if name == "collectedAt":
        return values.read_moment(value)
    text = values.read_text(value)
    match name:
        case "email":
            return values.read_email(text)
        case "owner":
            return values.email_key(values.read_email(text))
        case "linkedin":
            return read_linkedin(text)
        case "source" if text not in SOURCES:
            raise ValueError(f"is not one of {', '.join(SOURCES)}")
        case "language" if len(text) > values.MAX_LANGUAGE_LENGTH:
            raise ValueError(f"has more than {values.MAX_LANGUAGE_LENGTH} characters")
        case _:
            return text
