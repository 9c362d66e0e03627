"""Property test of the write: set-based writes have the result of an oracle that writes a row at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactory.columns.column import RowSelection, take
from contactory.core.write import write
from contactory.model.bulk import BulkWrite, Keys, Scheme
from contactory.model.commands import Search
from contactory.model.fields import CLEARED_DATE, CONTACTS, FieldType, Mode
from contactory.model.problems import Code, Problem
from contactory.store import reading
from contactory.store.administration import Administration
from contactory.store.database import Database, Transaction
from tests.core.oracle import Identity, Oracle

SCHEMES = [
    Scheme("propeller", source, language, "NL") for source in ("A", "B") for language in (None, "NL", "EN")
]
EPOCH = 730120  # ordinal of 2000-01-01

words = st.sampled_from(["", "x", "y", "Ω"])
documents = st.dictionaries(
    st.sampled_from("12"), st.sampled_from([None, "", "v", {"a": None}]), max_size=2
).map(msgspec.json.encode)
prices = st.sampled_from([b"{}", b'{"shopId":1}', b'{"shopId":null}'])
paths = st.lists(
    st.fixed_dictionaries(
        {"pathId": st.sampled_from([1, 2]), "value": st.sampled_from("ab")},
        optional={"quietTimeFrames": st.sampled_from([None, [{"name": "Night"}], [{"name": "Noon"}]])},
    ),
    max_size=3,
).map(msgspec.json.encode)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "first_name": words,
    "last_name": words,
    "suffix": words,
    "vars": documents,
    "date_of_birth": st.sampled_from([CLEARED_DATE, 0, -20000]),
    "parent_id": st.sampled_from([0, 7, 8]),
    "attributes": documents,
    "pricing": prices,
    "vip": st.booleans(),
    "group_ids": st.sets(st.integers(1, 3)).map(lambda ids: tuple(sorted(ids))),
    "topic_ids": st.sampled_from([b"[]", b"[1]", b"[1,2]"]),
    "paths": paths,
}


@st.composite
def batches(draw: st.DrawFn) -> BulkWrite:
    count = draw(st.integers(0, 6))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    fields = draw(st.lists(st.sampled_from(list(VALUES)), unique=True))
    keys = column(st.sampled_from("pqr"))
    problem = Problem(code=Code.BAD_VALUE)
    return BulkWrite(
        kind=CONTACTS,
        count=count,
        keys=Keys(SCHEMES, column(st.integers(0, len(SCHEMES) - 1)), keys),
        columns={field: column(st.none() | VALUES[field]) for field in fields},
        modes={field: draw(st.sampled_from(Mode)) for field in fields},
        may_create=draw(st.sampled_from([True, True, True, False])),
        refused=dict.fromkeys(draw(st.sets(st.integers(0, count - 1), max_size=1)) if count else (), problem),
    )


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactory.core.apply.SLICE_ROWS", 2)
    monkeypatch.setattr("contactory.core.key_lookup._DIGESTS_EVERY", 2)
    monkeypatch.setattr("contactory.core.key_lookup._LAG", 1)
    monkeypatch.setattr("contactory.core.batches.NEW_ROWS", (2,))
    monkeypatch.setattr("contactory.core.batches.STORED_ROWS", (1, 2))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(batches(), min_size=1, max_size=4))
def test_set_based_write_equals_one_row_at_a_time(
    database: Database, administration: Administration, sent: list[BulkWrite]
) -> None:
    organization, oracle = administration.create_organization("Property"), Oracle()
    for bulk in sent:
        # The last time, most rows repeat their record's last write.
        for form in (bulk, unread(bulk), unread(bulk)):
            with database.transaction(organization) as transaction:
                outcomes = write(transaction, form)
            assert list(outcomes.statuses) == oracle.write(bulk)
    with database.transaction(organization) as transaction:
        assert stored(transaction) == sorted(
            (sorted(person.identities), person.values) for person in oracle.people
        )


def unread(bulk: BulkWrite) -> BulkWrite:
    """Return the same write with unread rows, which are read only where they are not repeated."""
    assert bulk.keys is not None
    rows_given = zip(bulk.keys.scheme_of, bulk.keys.keys, *bulk.columns.values(), strict=True)
    options = (sorted(bulk.columns), bulk.modes)
    digests = [
        sha256(repr((values, options, row in bulk.refused)).encode()).digest()[:16]
        for row, values in enumerate(rows_given)
    ]

    class Rows:
        has_attributes = True
        renews_digests = bulk.count % 2 == 0

        def scan_keys(self) -> Iterator[tuple[BulkWrite, Callable[[RowSelection], bytes]]]:
            for start in range(0, max(bulk.count, 1), 2):
                rows = range(start, min(start + 2, bulk.count))
                slice_ = msgspec.structs.replace(bulk.take(rows), columns={}, refused={})
                yield slice_, partial(self._digests_of, rows)

        def digests(self, rows: RowSelection) -> bytes:
            return b"".join(take(digests, rows))

        def _digests_of(self, slice_: range, rows: RowSelection) -> bytes:
            return b"".join(take(take(digests, slice_), rows))

        def read(self, rows: RowSelection, names: BulkWrite) -> BulkWrite:
            return msgspec.structs.replace(
                names,
                columns={field: take(values, rows) for field, values in bulk.columns.items()},
                refused={index: bulk.refused[row] for index, row in enumerate(rows) if row in bulk.refused},
                modes=bulk.modes,
            )

    return msgspec.structs.replace(bulk, count=0, columns={}, refused={}, unread=Rows())


def stored(transaction: Transaction) -> list[tuple[list[Identity], dict[str, Any]]]:
    records, _ = reading.search_records(transaction, Search(kind=CONTACTS, page=1, size=100))
    identities = reading.read_identities(transaction, CONTACTS, [record.id for record in records])
    return sorted(
        (
            sorted((known.scheme, known.qualifier, known.key) for known in identities[record.id]),
            {name: comparable(type_, record.values[name]) for name, type_ in CONTACTS.fields.items()},
        )
        for record in records
    )


def comparable(type_: FieldType, value: Any) -> Any:
    """Return a value that was read in the form in which it was given."""
    if type_ is FieldType.DATE:
        return CLEARED_DATE if value is None else value.toordinal() - EPOCH
    if type_ in (FieldType.JSON, FieldType.MAP):
        return msgspec.json.encode(dict(sorted(value.items())))
    if type_ in (FieldType.LIST, FieldType.PATHS):
        return msgspec.json.encode(value, order="deterministic")
    return tuple(value) if type_ is FieldType.IDS else value
