"""Property test of the write: set-based writes have the result of an oracle that writes a row at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactory.columns.column import RowSelection, take
from contactory.core.write import write
from contactory.model.bulk import RowDigests, RowKeys, Rows, WriteOptions
from contactory.model.commands import Search
from contactory.model.fields import CLEARED_DATE, CONTACTS, FieldType, Mode
from contactory.model.keys import Keys, Scheme
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
def batches(draw: st.DrawFn) -> tuple[WriteOptions, Rows]:
    count = draw(st.integers(0, 6))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    fields = draw(st.lists(st.sampled_from(list(VALUES)), unique=True))
    keys = column(st.sampled_from("pqr"))
    problem = Problem(code=Code.BAD_VALUE)
    rows = Rows(
        count=count,
        keys=Keys(SCHEMES, column(st.integers(0, len(SCHEMES) - 1)), keys),
        columns={field: column(st.none() | VALUES[field]) for field in fields},
        refused=dict.fromkeys(draw(st.sets(st.integers(0, count - 1), max_size=1)) if count else (), problem),
    )
    options = WriteOptions(
        kind=CONTACTS,
        modes={field: draw(st.sampled_from(Mode)) for field in fields},
        may_create=draw(st.sampled_from([True, True, True, False])),
    )
    return options, rows


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contactory.core.write.batches.SLICE_ROWS", 2)
    monkeypatch.setattr("contactory.core.write.key_slices._DIGESTS_EVERY", 2)
    monkeypatch.setattr("contactory.core.write.key_slices._LAG", 1)
    monkeypatch.setattr("contactory.core.write.batches.BATCH_ROWS", (1, 2))
    monkeypatch.setattr("contactory.store.database._FEW_BYTES", 100)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(batches(), min_size=1, max_size=4))
def test_set_based_write_equals_one_row_at_a_time(
    database: Database, administration: Administration, sent: list[tuple[WriteOptions, Rows]]
) -> None:
    organization, oracle = administration.create_organization("Property"), Oracle()
    for options, rows in sent:
        # The last time, most rows repeat their record's last write.
        for source in (rows, UnreadRows(options, rows), UnreadRows(options, rows)):
            with database.transaction(organization) as transaction:
                outcomes = write(transaction, options, source)
            assert list(outcomes.statuses) == oracle.write(options, rows)
    with database.transaction(organization) as transaction:
        assert stored(transaction) == sorted(
            (sorted(person.identities), person.values) for person in oracle.people
        )


class UnreadRows:
    """The same rows in slices, read only where they are not repeated."""

    has_attributes = True

    def __init__(self, options: WriteOptions, rows: Rows) -> None:
        assert rows.keys is not None
        given = zip(rows.keys.scheme_of, rows.keys.keys, *rows.columns.values(), strict=True)
        how = (sorted(rows.columns), options.modes)
        self.renews_digests = rows.count % 2 == 0
        self._rows = rows
        self._digests = [
            sha256(repr((values, how, row in rows.refused)).encode()).digest()[:16]
            for row, values in enumerate(given)
        ]

    def scan_keys(self) -> Iterator[tuple[RowKeys, RowDigests]]:
        for start in range(0, max(self._rows.count, 1), 2):
            slice_ = range(start, min(start + 2, self._rows.count))
            yield self._rows.take(slice_), partial(self._digests_of, slice_)

    def digests(self, rows: RowSelection) -> bytes:
        return b"".join(take(self._digests, rows))

    def _digests_of(self, slice_: range, rows: RowSelection) -> bytes:
        return b"".join(take(take(self._digests, slice_), rows))

    def read(self, rows: RowSelection, keys: RowKeys) -> Rows:
        return self._rows.read(rows, keys)


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
