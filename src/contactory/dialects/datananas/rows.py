"""The rows of a request, read into columns of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from contactory.dialects.datananas import values
from contactory.dialects.datananas.ids import decode_id
from contactory.dialects.datananas.names import CREATED, FIELDS, SOURCES, canonical, normalize, rank
from contactory.dialects.datananas.profiles import linkedin_key, read_linkedin
from contactory.model.bulk import Keys, Scheme

SYSTEM: Final = "datananas"
EMAIL: Final = Scheme(SYSTEM, "email")
LINKEDIN: Final = Scheme(SYSTEM, "linkedin")


class FieldError(NamedTuple):
    """An error in a field of row `i`, counted from 0."""

    i: int
    field: str
    message: str


class Rows(NamedTuple):
    """Columns by field of the store, in which None leaves a value as it is.

    `owners`: e-mails, not looked up yet. `ids`: contacts of rows that have no other key, since clients read
    them from this API; None if there are no such rows.
    """

    size: int
    columns: dict[str, list[Any]]
    owners: list[str | None]
    errors: list[FieldError]
    ids: list[int | None] | None = None

    def keys(self) -> tuple[Keys, Keys]:
        """Return the keys by e-mail and by LinkedIn profile."""
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


def read_rows(rows: Sequence[Any], *, named: bool = False) -> Rows:
    """Read rows. Empty values and null are left out. Each wrong field of a row has an error. `named`: the URL
    names the contact, so no row needs an id."""
    read: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    for i, row in enumerate(rows):
        if isinstance(row, Mapping):
            read.append(_read_row(row, i, errors, named))
        else:
            errors.append(FieldError(i, "", "is not an object"))
            read.append({})
    columns = {
        field: [row.get(name) for row in read] for name, (field, _) in FIELDS.items() if name != "owner"
    }
    ids = None if named else [_id(row, kept) for row, kept in zip(rows, read, strict=True)]
    owners = [row.get("owner") for row in read]
    return Rows(len(read), columns, owners, errors, ids if ids and any(ids) else None)


def _id(row: Any, kept: Mapping[str, Any]) -> int | None:
    """Return the id of a row that was read from this API and has neither an e-mail nor a profile."""
    if "email" in kept or "linkedin" in kept or not isinstance(row, Mapping):
        return None
    id_ = row.get("_id")
    return decode_id(id_) if isinstance(id_, str) else None


def _read_row(row: Mapping[str, Any], i: int, errors: list[FieldError], named: bool) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, key in _keys(row, named).items():
        try:
            kept[name] = _read(name, row[key])
        except ValueError as error:
            errors.append(FieldError(i, name, str(error)))
    return kept


def _keys(row: Mapping[str, Any], named: bool) -> dict[str, str]:
    """Return the key of the row for each field: of several with a value, the first by rank."""
    keys: dict[str, str] = {}
    for key, value in row.items():
        name = canonical(key)
        if name is None or _is_empty(_email_of(value) if name == "owner" else value):
            continue
        if name not in keys or rank(key) < rank(keys[name]):
            keys[name] = key
    if normalize(keys.get("collectedAt", "")) == CREATED and (named or _was_read(row)):
        del keys["collectedAt"]
    return keys


def _is_empty(value: Any) -> bool:
    """Tell whether a value is empty; [] is PHP's empty object."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value == [] or value == {}


def _email_of(owner: Any) -> Any:
    """Return the e-mail of an owner, given alone or as an object, as replies have it; 0 is nobody."""
    email = owner.get("email") if isinstance(owner, Mapping) else owner
    return None if email == 0 and email is not False else email


def _was_read(row: Mapping[str, Any]) -> bool:
    """Tell whether a row was read from this API: its createdAt is then that of the stored contact, and not
    the day on which it was collected."""
    if "_id" in row or "updatedAt" in row:
        return True
    return any(canonical(key) == "collectedAt" and normalize(key) != CREATED for key in row)


def _read(name: str, value: Any) -> Any:
    if name == "vars":
        return values.read_vars(value)
    if name == "owner":
        value = _email_of(value)
    if name == "collectedAt":
        return values.to_shown(values.read_moment(value))
    text = values.read_text(value)
    match name:
        case "email":
            return values.read_email(text)
        case "owner":
            return values.email_key(values.read_email(text))
        case "linkedin":
            return read_linkedin(text)
        case "source":
            return _known_source(text)
        case "language" if len(text) > values.MAX_LANGUAGE_LENGTH:
            raise ValueError(f"has more than {values.MAX_LANGUAGE_LENGTH} characters")
        case _:
            return text


def _known_source(text: str) -> str:
    """Return a known source in its one spelling, since a quota depends on it, and any other as it was sent,
    since the vendor's page does not list them."""
    word = text.strip().lower()
    return word if word in SOURCES else text
