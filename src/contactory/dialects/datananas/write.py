"""The neutral command of rows, the same for one contact and for 10,000."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from contactory.columns.column import BytesColumn
from contactory.dialects.datananas import values
from contactory.dialects.datananas.rows import Rows
from contactory.model import bulk
from contactory.model.bulk import BulkWrite, RowSource
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


class Rules(msgspec.Struct):
    """All that decides what rows do, beside what is stored: the options of the call, and what it means by
    owners. `owner_ids`: by e-mail in lower case; `owner_id`, `collected_at`: of new contacts whose row gives
    none. Rules are stored with jobs, so that the encoded names must not change.
    """

    list_id: int
    moves: bool
    replaces_owner: bool
    owner_ids: dict[str, int]
    owner_id: int
    collected_at: int

    @classmethod
    def of(cls, users: Sequence[User], caller: Caller, options: WriteOptions) -> Rules:
        """Return the rules of a call at this moment. `users`: those that rows name."""
        owner_ids = {user.email.lower(): user.id for user in users}
        return cls(*options, owner_ids, caller.user_id or 0, values.now())


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
    """Make the write. `id_`: the contact of a single row; `errors`: each row with errors fails with its
    first."""
    rules = Rules.of(users, caller, options)
    given = make_rows(rows, rules, find_refused(errors))
    if id_ is not None:
        given.ids = [id_]
    return make_write(given, rules, may_create=id_ is None)


def find_refused(errors: Sequence[RowError]) -> dict[int, Problem]:
    """Return the problem of each row with errors: its first."""
    return {
        error.i: Problem(
            code=Code[error.code], field=error.field, texts=(error.message,) if error.message else ()
        )
        for error in reversed(errors)
    }


def make_rows(rows: Rows, rules: Rules, refused: dict[int, Problem]) -> bulk.Rows:
    """Make the rows of a write.

    Contacts are recognised by e-mail, or by LinkedIn profile if the row or the contact has no e-mail; else
    they are new. Fields that a row leaves out stay.
    """
    columns = {field: column for field, column in rows.columns.items() if _has_any(column)}
    if _has_any(rows.owners):
        columns["owner_id"] = [rules.owner_ids.get(owner) if owner else None for owner in rows.owners]
    if rules.list_id:
        columns["list_id"] = [rules.list_id] * rows.size
    emails, profiles = rows.keys()
    return bulk.Rows(
        count=rows.size,
        ids=rows.ids,
        keys=emails,
        fallback_keys=[profiles],
        columns=columns,
        refused=refused,
    )


def _has_any(column: Sequence[Any]) -> bool:
    return column.has_any() if isinstance(column, BytesColumn) else column.count(None) < len(column)


def make_write(rows: RowSource, rules: Rules, *, may_create: bool = True) -> BulkWrite:
    """Make the write of rows. New contacts belong to the caller if their row names no owner."""
    defaults = {"source": "manual", "work_language": "en", "collected_at": rules.collected_at}
    if rules.owner_id:
        defaults["owner_id"] = rules.owner_id
    return BulkWrite(
        kind=CONTACTS,
        defaults=defaults,
        modes={
            "owner_id": Mode.SET if rules.replaces_owner else Mode.INITIAL,
            "list_id": Mode.SET if rules.moves else Mode.INITIAL,
        },
        may_create=may_create,
        largest={"vars": LARGEST_MAP},
        replace_key=True,
        rows=rows,
    )
