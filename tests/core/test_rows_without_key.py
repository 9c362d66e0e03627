"""Rows without a key create a record each, also beside rows with keys."""

from __future__ import annotations

from contactory.core.execute import Encryption, execute
from contactory.model.bulk import BulkWrite, Outcomes, Rows
from contactory.model.caller import Actor
from contactory.model.fields import CONTACTS
from contactory.model.keys import Keys, Scheme
from contactory.store.database import Database


def test_rows_without_a_key_are_not_folded_into_one_record(database: Database, organization: int) -> None:
    keys = Keys([Scheme("everbridge", "externalId")], [0] * 5, ["", "a", "", "a", ""])
    rows = Rows(count=5, keys=keys, columns={"first_name": ["Ada", "Bo", "Cem", "Dana", "Eve"]})
    bulk = BulkWrite(kind=CONTACTS, rows=rows)
    outcomes = execute(database, Encryption(None, lambda _, __: None), Actor(organization), bulk)
    assert isinstance(outcomes, Outcomes) and not outcomes.problems
    assert len({*outcomes.ids}) == 4 and outcomes.ids[1] == outcomes.ids[3]
    assert [status.value for status in outcomes.statuses] == [
        "created",
        "created",
        "created",
        "updated",
        "created",
    ]
