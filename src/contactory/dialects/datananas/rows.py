"""The rows of a request, read into columns of the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from contactory.dialects.datananas.fields import READERS
from contactory.dialects.datananas.ids import decode_id
from contactory.dialects.datananas.keys import email_keys, linkedin_keys
from contactory.dialects.datananas.names import CREATED, FIELDS, canonical, normalize, rank
from contactory.model.keys import Keys, Scheme

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
    columns: dict[str, Sequence[Any]]
    owners: Sequence[str | None]
    errors: list[FieldError]
    ids: list[int | None] | None = None

    def keys(self) -> tuple[Keys, Keys]:
        """Return the keys by e-mail and by LinkedIn profile."""
        return (
            Keys([EMAIL], [0] * self.size, email_keys(self.columns["email"]), "email"),
            Keys([LINKEDIN], [0] * self.size, linkedin_keys(self.columns["linkedin"]), "linkedin"),
        )


class _Field(NamedTuple):
    """A field that rows have, the reader of its values, and its keys by rank."""

    name: str
    read: Callable[[Any], Any]
    keys: Sequence[str]


def read_rows(rows: Sequence[Any], *, named: bool = False) -> Rows:
    """Read rows. Empty values and null are left out. Each wrong field of a row has an error. `named`: the URL
    names the contact, so no row needs an id."""
    read: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    layouts: dict[tuple[str, ...], list[_Field]] = {}
    for i, row in enumerate(rows):
        if isinstance(row, Mapping):
            keys = tuple(row)
            layout = layouts.get(keys)
            if layout is None:
                layout = layouts[keys] = _find_fields(keys, named)
            read.append(_read_row(row, i, layout, errors))
        else:
            errors.append(FieldError(i, "", "is not an object"))
            read.append({})
    present = {field.name for layout in layouts.values() for field in layout}
    columns: dict[str, Sequence[Any]] = {
        field: [row.get(name) for row in read] if name in present else [None] * len(read)
        for name, (field, _) in FIELDS.items()
        if name != "owner"
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


def _read_row(
    row: Mapping[str, Any], i: int, layout: Sequence[_Field], errors: list[FieldError]
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, read, keys in layout:
        for key in keys:
            value = row[key] if name != "owner" else _email_of(row[key])
            if not _is_empty(value):
                try:
                    kept[name] = read(value)
                except ValueError as error:
                    errors.append(FieldError(i, name, str(error)))
                break
    return kept


def _find_fields(keys: Sequence[str], named: bool) -> list[_Field]:
    """Find the fields of some keys. Most rows of a call have the same keys, so this is done once for them."""
    fields: dict[str, list[str]] = {}
    was_read = named or _was_read(keys)
    for key in keys:
        name = canonical(key)
        if name is not None and not (was_read and name == "collectedAt" and normalize(key) == CREATED):
            fields.setdefault(name, []).append(key)
    return [_Field(name, READERS[name].read, sorted(of_field, key=rank)) for name, of_field in fields.items()]


def _is_empty(value: Any) -> bool:
    """Tell whether a value is empty; [] is PHP's empty object."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value == [] or value == {}


def _email_of(owner: Any) -> Any:
    """Return the e-mail of an owner, given alone or as an object, as replies have it; 0 is nobody."""
    email = owner.get("email") if isinstance(owner, Mapping) else owner
    return None if email == 0 and email is not False else email


def _was_read(keys: Sequence[str]) -> bool:
    """Tell whether a row was read from this API: its createdAt is then that of the stored contact, and not
    the day on which it was collected."""
    if "_id" in keys or "updatedAt" in keys:
        return True
    return any(canonical(key) == "collectedAt" and normalize(key) != CREATED for key in keys)
