"""Deleted records are not found, and other records may get their keys."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contactory.core.delete import delete
from contactory.core.read import search
from contactory.core.write import write
from contactory.model.bulk import Outcomes, Rows, Status, WriteOptions
from contactory.model.commands import Delete, Find, Search
from contactory.model.fields import CONTACTS
from contactory.model.keys import Keys, Scheme
from contactory.model.problems import Code, Refusal
from contactory.store.database import Database, Transaction


def keys(*names: str) -> Keys:
    return Keys([Scheme("propeller", "ERP", "NL")], [0] * len(names), names)


def upsert(transaction: Transaction, *names: str) -> Outcomes:
    return write(transaction, WriteOptions(kind=CONTACTS), Rows(count=len(names), keys=keys(*names)))


def held(transaction: Transaction) -> Sequence[int]:
    found = search(transaction, Search(kind=CONTACTS, page=1, size=100), lambda *_: "")
    return [record.id for record in found.records]


def test_a_deleted_record_is_not_found_and_its_key_creates_a_new_one(
    database: Database, organization: int
) -> None:
    with database.transaction(organization) as transaction:
        first, second = upsert(transaction, "1", "2").ids
        done = delete(transaction, Delete(kind=CONTACTS, keys=keys("1", "nobody", "1")))
        assert done.statuses == [Status.DELETED, Status.FAILED, Status.DELETED]
        assert done.problems[1].code is Code.NOT_FOUND
        assert held(transaction) == [second]
        again = upsert(transaction, "1", "2")
        assert again.statuses == [Status.CREATED, Status.UNCHANGED]
        assert first not in again.ids


def test_records_are_deleted_by_id_and_by_find(database: Database, organization: int) -> None:
    with database.transaction(organization) as transaction:
        first, second = upsert(transaction, "1", "2").ids
        assert delete(transaction, Delete(kind=CONTACTS, ids=[first, 10**15])).ids == [first, 0]
        assert delete(transaction, Delete(kind=CONTACTS, ids=[first])).statuses == [Status.FAILED]
        find = Find(kind=CONTACTS, key_name="sourceId", system="propeller", key="2")
        assert delete(transaction, Delete(kind=CONTACTS, find=find)).ids == [second]
        with pytest.raises(Refusal):
            delete(transaction, Delete(kind=CONTACTS, find=find))


def test_a_whole_deletion_with_an_unknown_id_deletes_nothing(database: Database, organization: int) -> None:
    with database.transaction(organization) as transaction:
        ids = upsert(transaction, "1").ids
        with pytest.raises(Refusal):
            delete(transaction, Delete(kind=CONTACTS, ids=[*ids, 10**15], whole=True))
        assert held(transaction) == ids
