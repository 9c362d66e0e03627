"""Match: rows that are matched all at once have the records that they have one after another."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contactory.columns.column import StringColumn
from contactory.core.write.in_order import InOrder
from contactory.core.write.match import match
from contactory.core.write.scheme_matches import SchemeMatch
from contactory.core.write.targets import Lookup, Targets
from contactory.model.bulk import Rows, WriteOptions
from contactory.model.fields import CONTACTS
from contactory.model.keys import Keys, Scheme
from contactory.store.schemes import StoredKeys

EMAIL, PROFILE = 1, 2
COUNT = 6
records = st.integers(11, 14)


def column(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=COUNT, max_size=COUNT)


stored = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.just(EMAIL)) | st.tuples(st.sampled_from("xyz"), st.just(PROFILE)),
    records,
    max_size=7,
)
rows = st.builds(
    lambda ids, emails, profiles, shown: Rows(
        count=COUNT,
        ids=ids,
        keys=Keys([Scheme("s", "email")], [0] * COUNT, emails, "email"),
        fallback_keys=[Keys([Scheme("s", "profile")], [0] * COUNT, profiles, "linkedin")],
        columns={"email": [email or None for email in emails], "linkedin": shown},
    ),
    st.none() | column(st.none() | records | st.just(0) | st.just(2**70)),
    column(st.sampled_from(["", "", "a", "b", "c", "d", "e", "f"])),
    column(st.sampled_from(["", "", "", "x", "y", "z"])),
    column(st.sampled_from([None, "shown"])),
)
options = st.builds(
    WriteOptions,
    kind=st.just(CONTACTS),
    may_create=st.sampled_from([True, True, False]),
    may_update=st.sampled_from([True, True, False]),
    replace_key=st.booleans(),
)
sets = st.sets(records, max_size=2)


def lookup(owners: dict[tuple[str, int], int], first: set[int], hidden: set[int]) -> Lookup:
    keys = StoredKeys(
        StringColumn.from_values([key for key, _ in owners]),
        np.array([scheme for _, scheme in owners], np.int32),
        np.array([*owners.values()], np.int64),
        np.zeros(0, np.int64),
        np.zeros((0, 2), np.uint64),
    )
    held = {(record, scheme) for (_, scheme), record in owners.items()}
    ids = {11, 12, *hidden}
    return Lookup(
        ids,
        [SchemeMatch((EMAIL,), EMAIL)],
        [[SchemeMatch((PROFILE,), PROFILE)]],
        keys,
        lambda: owners,
        first,
        hidden,
        lambda: held,
    )


@given(options, rows, stored, sets, st.sets(st.integers(0, COUNT - 1), max_size=2), sets)
def test_rows_matched_at_once_are_those_matched_in_order(
    options: WriteOptions,
    rows: Rows,
    owners: dict[tuple[str, int], int],
    hidden: set[int],
    failed: set[int],
    first: set[int],
) -> None:
    # A record that is known by an e-mail address has a first key, as far as a lookup can tell.
    named = {*first, *(record for (_, scheme), record in owners.items() if scheme == EMAIL)}
    found = lookup(owners, named, hidden)
    expected = match(options, rows, found, failed, in_order=True)
    assert shown(match(options, rows, found, failed), rows) == shown(expected, rows)


@given(stored, column(st.sampled_from(["", "a", "b", "c", "d", "e"])))
def test_rows_with_one_key_are_matched_as_in_order(
    owners: dict[tuple[str, int], int], emails: list[str]
) -> None:
    options = WriteOptions(kind=CONTACTS)
    rows = Rows(count=COUNT, keys=Keys([Scheme("s", "email")], [0] * COUNT, emails))
    found = lookup(owners, set(), set())._replace(fallback_matches=())
    targets, matched = match(options, rows, found, ()), InOrder(options, rows, found, ()).match(range(COUNT))
    assert targets.row_ids.tolist() == matched.stored.tolist()
    assert creators(targets) == [
        -1 if stored else creator
        for stored, creator in zip(matched.stored.tolist(), matched.creators.tolist(), strict=True)
    ]


def creators(targets: Targets) -> list[int]:
    """Return the first row for each row's record, -1 for a stored one."""
    firsts = [targets.record_of.tolist().index(record) for record in targets.record_of.tolist()]
    return [first if new else -1 for first, new in zip(firsts, targets.rows_of_new.tolist(), strict=True)]


def shown(targets: Targets, rows: Rows) -> Any:
    changes, row_of = targets.changes, targets.record_of.tolist().index
    assert changes is not None
    own = zip(*(part.tolist() for part in changes.own[:2]), changes.own.keys.strings(), strict=True)
    return (
        targets.row_ids.tolist(),
        creators(targets),
        targets.problems,
        sorted((row_of(record), scheme, key) for record, scheme, key in own),
        sorted((row_of(record), scheme, key) for record, scheme, key in changes.taken),
        sorted(changes.added),
        sorted(changes.dropped),
        sorted(targets.foreign),
        rows.count,
    )
