"""Common code of the tests of one call: number of examples, chunks of rows, and stored records."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, settings

from contactory.core.execute import Encryption, execute
from contactory.model.bulk import Outcomes, Status
from contactory.model.caller import Actor
from contactory.model.commands import Command, Record, Search
from contactory.model.fields import CONTACTS
from contactory.store.administration import Administration
from contactory.store.database import Database

Row = dict[str, Any]
ENCRYPTION = Encryption(None, lambda _, sealed: sealed.decode())

examples = settings(
    max_examples=int(os.environ.get("CONTACTORY_EXAMPLES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def chunked(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def run(database: Database, organization: int, command: Command, contacts_of: int | None = None) -> Outcomes:
    """Execute a command. `contacts_of`: a user to whose contacts it is limited."""
    actor = Actor(organization, contacts_of is None, contacts_of, contacts_of)
    outcomes: Outcomes = execute(database, ENCRYPTION, actor, command, supports_owners=True)
    return outcomes


def words(outcomes: Outcomes) -> list[str]:
    """Return the outcome of each row: created, updated, or the code of its problem."""
    names = {Status.CREATED: "created", Status.UPDATED: "updated", Status.UNCHANGED: "updated"}
    return [
        outcomes.problems[row].code.name if row in outcomes.problems else names[status]
        for row, status in enumerate(outcomes.statuses)
    ]


def stored(database: Database, organization: int) -> list[Record]:
    search = Search(kind=CONTACTS, page=1, size=100, with_identities=True)
    records: list[Record] = execute(database, ENCRYPTION, Actor(organization), search).records
    return records


def check_hints(administration: Administration, organization: int) -> None:
    """Check that every record has exactly the keys at which its identities are found."""
    with administration.organization(organization) as (transaction, _):
        noted = transaction.rows(
            b"SELECT id, array_remove(first_key || identity_keys, '') FROM contacts"
            b" WHERE organization_id = %(organization_id)s AND deleted_at IS NULL"
        )
        found = transaction.rows(
            b"SELECT record_id, key FROM identities WHERE organization_id = %(organization_id)s"
        )
    keys: dict[int, set[str]] = {}
    for record, key in found:
        keys.setdefault(record, set()).add(key)
    assert {id_: sorted(hints) for id_, hints in noted} == {
        id_: sorted(keys.get(id_, ())) for id_, _ in noted
    }
