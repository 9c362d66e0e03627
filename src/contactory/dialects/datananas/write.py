"""Rows to the neutral command: the same for one contact and for ten thousand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from contactory.dialects.datananas import values
from contactory.dialects.datananas.rows import Rows
from contactory.model.bulk import BulkWrite
from contactory.model.caller import Caller
from contactory.model.directory import FindUsers, User
from contactory.model.fields import CONTACTS, Mode
from contactory.model.jobs import RowError
from contactory.model.limits import LARGEST_MAP
from contactory.model.problems import Code, Problem


class How(NamedTuple):
    """list_id: that new contacts enter; moves: known ones too. replaces_owner: also of known contacts."""

    list_id: int = 0
    moves: bool = False
    replaces_owner: bool = False


def needed(rows: Rows) -> FindUsers:
    return FindUsers(emails={owner for owner in rows.owners if owner})


def find_errors(rows: Rows, users: Sequence[User]) -> list[RowError]:
    """All that is wrong with the rows as far as it can be told before contacts are looked for, by row."""
    known = {user.email.lower() for user in users}
    errors = [RowError(error.i, Code.BAD_VALUE.name, error.field, error.message) for error in rows.errors]
    errors += [
        RowError(row, Code.REFERENCE_NOT_FOUND.name, "owner")
        for row, owner in enumerate(rows.owners)
        if owner and owner not in known
    ]
    return sorted(errors, key=lambda error: error.i)


def write_rows(
    rows: Rows,
    users: Sequence[User],
    caller: Caller,
    how: How,
    *,
    id_: int | None = None,
    errors: Sequence[RowError] = (),
) -> BulkWrite:
    """Contacts are recognised by e-mail; by LinkedIn profile where the row or the contact has no e-mail; else
    they are new. What a row leaves out stays. New ones belong to the caller where their row names nobody.
    `id_`: the one contact that is meant; `errors`: what is wrong with rows, which then fail for the first."""
    by_email = {user.email.lower(): user.id for user in users}
    owners = [by_email.get(owner) if owner else None for owner in rows.owners]
    refused = {
        error.i: Problem(
            code=Code[error.code], field=error.field, texts=(error.message,) if error.message else ()
        )
        for error in reversed(errors)
    }
    columns: dict[str, Sequence[Any]] = {**rows.columns, "owner_id": owners}
    if how.list_id:
        columns["list_id"] = [how.list_id] * rows.size
    defaults = {"source": "manual", "work_language": "en", "collected_at": values.now()}
    if caller.user_id:
        defaults["owner_id"] = caller.user_id
    emails, profiles = rows.keys()
    return BulkWrite(
        kind=CONTACTS,
        count=rows.size,
        ids=rows.ids if id_ is None else [id_],
        keys=emails,
        fallback_keys=[profiles],
        columns=columns,
        defaults=defaults,
        modes={
            "owner_id": Mode.SET if how.replaces_owner else Mode.INITIAL,
            "list_id": Mode.SET if how.moves else Mode.INITIAL,
        },
        may_create=id_ is None,
        largest={"vars": LARGEST_MAP},
        replace_key=True,
        refused=refused,
    )
