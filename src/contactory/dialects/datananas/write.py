"""The neutral command of rows, the same for one contact and for 10,000."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from contactory.dialects.datananas import values
from contactory.dialects.datananas.rows import Rows
from contactory.model import bulk
from contactory.model.bulk import BulkWrite
from contactory.model.caller import Caller
from contactory.model.directory import FindUsers, User
from contactory.model.fields import CONTACTS, Mode
from contactory.model.jobs import RowError
from contactory.model.limits import LARGEST_MAP
from contactory.model.problems import Code, Problem


class WriteOptions(NamedTuple):
    """Options of a call. `list_id`: the list of new contacts; `moves`: existing ones are moved to it too.
    `replaces_owner`: an owner is written to existing contacts too."""

    list_id: int = 0
    moves: bool = False
    replaces_owner: bool = False


def required_lookups(rows: Rows) -> FindUsers:
    """Return the lookup of the owners that rows name."""
    return FindUsers(emails={owner for owner in rows.owners if owner})


def find_errors(rows: Rows, users: Sequence[User]) -> list[RowError]:
    """Return all errors that can be found before contacts are looked up, in the order of rows."""
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
    options: WriteOptions,
    *,
    id_: int | None = None,
    errors: Sequence[RowError] = (),
) -> BulkWrite:
    """Make the write.

    Contacts are recognised by e-mail, or by LinkedIn profile if the row or the contact has no e-mail; else
    they are new. Fields that a row leaves out stay. New contacts belong to the caller if their row names no
    owner. `id_`: the contact of a single row; `errors`: each row with errors fails with its first.
    """
    by_email = {user.email.lower(): user.id for user in users}
    owners = [by_email.get(owner) if owner else None for owner in rows.owners]
    refused = {
        error.i: Problem(
            code=Code[error.code], field=error.field, texts=(error.message,) if error.message else ()
        )
        for error in reversed(errors)
    }
    columns: dict[str, Sequence[Any]] = {**rows.columns, "owner_id": owners}
    if options.list_id:
        columns["list_id"] = [options.list_id] * rows.size
    defaults = {"source": "manual", "work_language": "en", "collected_at": values.now()}
    if caller.user_id:
        defaults["owner_id"] = caller.user_id
    emails, profiles = rows.keys()
    return BulkWrite(
        kind=CONTACTS,
        defaults=defaults,
        modes={
            "owner_id": Mode.SET if options.replaces_owner else Mode.INITIAL,
            "list_id": Mode.SET if options.moves else Mode.INITIAL,
        },
        may_create=id_ is None,
        largest={"vars": LARGEST_MAP},
        replace_key=True,
        rows=bulk.Rows(
            count=rows.size,
            ids=rows.ids if id_ is None else [id_],
            keys=emails,
            fallback_keys=[profiles],
            columns=columns,
            refused=refused,
        ),
    )
