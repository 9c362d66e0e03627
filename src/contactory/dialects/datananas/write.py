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
from contactory.model.limits import LARGEST_MAP
from contactory.model.problems import Code, Problem


class How(NamedTuple):
    """list_id: that new contacts enter; moves: known ones too. replaces_owner: also of known contacts."""

    list_id: int = 0
    moves: bool = False
    replaces_owner: bool = False


def needed(rows: Rows) -> FindUsers:
    return FindUsers(emails={owner for owner in rows.owners if owner})


def write_rows(
    rows: Rows, users: Sequence[User], caller: Caller, how: How, ids: Sequence[int | None] | None = None
) -> BulkWrite:
    """Contacts are recognised by e-mail; by LinkedIn profile where the row or the contact has no e-mail; else
    they are new. What a row leaves out stays. New ones belong to the caller where their row names nobody."""
    by_email = {user.email.lower(): user.id for user in users}
    owners = [by_email.get(owner, 0) if owner else None for owner in rows.owners]
    unknown = Problem(code=Code.REFERENCE_NOT_FOUND, kind="owner", field="owner")
    refused = {row: unknown for row, owner in enumerate(owners) if owner == 0}
    for error in reversed(rows.errors):  # The first of a row's errors is what it fails for.
        refused[error.i] = Problem(code=Code.BAD_VALUE, field=error.field, texts=(error.message,))
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
        ids=ids,
        keys=emails,
        alternates=[profiles],
        columns=columns,
        defaults=defaults,
        modes={
            "owner_id": Mode.SET if how.replaces_owner else Mode.INITIAL,
            "list_id": Mode.SET if how.moves else Mode.INITIAL,
        },
        may_create=ids is None,
        largest={"vars": LARGEST_MAP},
        renames=True,
        refused=refused,
    )
