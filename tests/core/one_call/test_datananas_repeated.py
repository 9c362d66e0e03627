"""Jobs of Datananas: rows that repeat earlier ones do what they do without digests."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contactory.dialects.datananas.job_rows import compress, encode_job, open_job
from contactory.dialects.datananas.rows import read_rows
from contactory.dialects.datananas.write import (
    Rules,
    WriteOptions,
    find_errors,
    find_refused,
    make_rows,
    make_write,
)
from contactory.model.bulk import BulkWrite, Outcomes
from contactory.model.directory import User
from contactory.store.administration import Administration
from contactory.store.database import Database
from tests.core.one_call.running import Row, examples, run, stored, words
from tests.core.one_call.test_datananas import MANAGER, USERS

row = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["a@e.org", "A@E.org", "b@e.org", "", "nobody"]),
        "linkedin": st.sampled_from(["https://linkedin.com/in/xxx", "https://www.linkedin.com/in/xxx/", ""]),
        "firstName": st.sampled_from(["P", "Q"]),
        "owner": st.sampled_from([*(user.email for user in USERS), "unknown@example.com"]),
        "vars": st.sampled_from([{"a": 1}, {"a": 2}, {"b": 1.50}]),
    },
)
options = st.builds(WriteOptions, st.just(0), st.booleans(), st.booleans())
calls = st.lists(st.tuples(st.sampled_from(range(3)), options), min_size=2, max_size=5)


@examples
@given(st.lists(st.lists(row, min_size=1, max_size=4), min_size=3, max_size=3), calls)
def test_repeated_rows_do_what_they_do_without_digests(
    database: Database,
    administration: Administration,
    batches: list[list[Row]],
    calls: list[tuple[int, WriteOptions]],
) -> None:
    jobs, plain = administration.create_organization("Jobs"), administration.create_organization("Plain")
    for number, options in calls:
        rows = batches[number]
        rules = Rules.of(USERS, MANAGER, options)
        refused = find_refused(find_errors(read_rows(rows), USERS))
        content = encode_job(compress(json.dumps({"contacts": rows}).encode())(), rules)
        opened = open_job(content)
        assert opened is not None
        became = run(database, jobs, opened.chunk(0, len(rows), refused))
        expected = run(database, plain, make_write(make_rows(read_rows(rows), rules, refused), rules))
        assert (words(became), became.warnings) == (words(expected), expected.warnings)
        assert _found(database, jobs) == _found(database, plain)


def _found(database: Database, organization: int) -> list[Any]:
    fields = ("email", "linkedin", "first_name", "vars", "owner_id")
    shown = [
        ([record.values[field] for field in fields], sorted(one.key for one in record.identities))
        for record in stored(database, organization)
    ]
    return sorted(shown, key=str)


def _chunk(rows: list[Row], rules: Rules, last: int | None = None) -> BulkWrite:
    opened = open_job(encode_job(compress(json.dumps({"contacts": rows}).encode())(), rules))
    assert opened is not None
    return opened.chunk(0, len(rows) if last is None else last, {})


def test_digests_cover_what_decides_about_a_stored_contact() -> None:
    rows: list[Row] = [{"email": "a@e.org", "owner": USERS[0].email}, {"_id": f"{7:024x}"}]

    def digests(options: WriteOptions, users: list[User] = USERS, moment: int = 1) -> bytes:
        rules = Rules.of(users, MANAGER, options)
        rules.collected_at = moment
        return _chunk(rows, rules).rows.digests(range(2))

    usual = digests(WriteOptions())
    assert usual[:16] != bytes(16) and usual[16:] == bytes(16)
    other_ids = [User(9, USERS[0].email, "user")]
    assert digests(WriteOptions(list_id=5), other_ids, 2) == usual
    moving, replacing = WriteOptions(5, moves=True), WriteOptions(replaces_owner=True)
    different = [
        digests(moving),
        digests(moving._replace(list_id=6)),
        digests(replacing),
        digests(replacing, other_ids),
    ]
    assert len({usual, *different}) == 5


def test_a_job_of_another_format_cannot_be_opened() -> None:
    assert open_job(b"") is None
    content = encode_job(b"not compressed", Rules.of(USERS, MANAGER, WriteOptions()))
    assert open_job(content) is None


def test_repeated_rows_change_nothing(database: Database, organization: int) -> None:
    rows: list[Row] = [{"email": f"{n}@e.org", "vars": {"a": n}} for n in range(100)]
    write = _chunk(rows, Rules.of(USERS, MANAGER, WriteOptions()))
    first: Outcomes = run(database, organization, write)
    again: Outcomes = run(database, organization, write)
    assert {status.value for status in first.statuses} == {"created"}
    assert {status.value for status in again.statuses} == {"unchanged"}
    assert again.ids == first.ids
