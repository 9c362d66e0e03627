"""Endpoints bulk/sourceId, in both versions, and bulk/id."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contactory.dialects.base import json_encode
from contactory.dialects.propeller.columns import KeyOptions
from contactory.dialects.propeller.decode import decode_bulk
from contactory.dialects.propeller.resources import CONTACT
from contactory.store.administration import Administration
from contactory.store.database import Database
from tests.core.one_call.running import Row, check_hints, chunked, examples, run, stored, words

BY_SOURCE_ID, BY_ID = (
    next(bulk for bulk in CONTACT.bulks if bulk.lookup_key == key) for key in ("sourceId", "id")
)

fields = {
    "firstName": st.sampled_from(["", "P", "Q"]),
    "lastName": st.sampled_from(["", "R"]),
    "dateOfBirth": st.sampled_from(["2000-01-01", "2000-01-01", "soon"]),
}
source_row = st.fixed_dictionaries(
    {"source": st.sampled_from(["A", "B"]), "sourceId": st.sampled_from(["p", "q"])},
    optional={**fields, "language": st.sampled_from(["NL", "EN"])},
)
# `id`: index of a record that exists from the beginning; 8 and 9 are none, 7 is the id 0.
id_row = st.fixed_dictionaries(
    {"id": st.sampled_from([0, 1, 7, 8, 9])},
    optional={**fields, "sourceId": st.sampled_from(["p", "q", "r"])},
)

Name = tuple[str, str, str]


class People:
    """Oracle: people that rows write."""

    def __init__(self) -> None:
        self.people: list[dict[str, Any]] = []

    def write_by_source_id(self, row: Row, *, pair: bool) -> str:
        if row.get("dateOfBirth") == "soon":
            return "BAD_VALUE"
        language = row.get("language", "")
        default = (row["source"], language or "NL", row["sourceId"])
        is_open = pair or not language
        hits = [one for one in self.people if any(_fits(name, default, is_open) for name in one["names"])]
        if len(hits) > 1:
            hits = [one for one in hits if default in one["names"]]
            if not hits:
                return "SEVERAL_FOUND"
        return self._write(hits[0] if hits else None, {default}, row)

    def write_by_id(self, row: Row, created: dict[int, Any]) -> str:
        """Write a row by id. `created`: people that this call created, by the unknown id that was given."""
        if row.get("dateOfBirth") == "soon":
            return "BAD_VALUE"
        id_, person = row["id"], None
        person = self.people[id_] if id_ < 2 else created.get(id_)
        names = {("A", "NL", row["sourceId"])} if "sourceId" in row else set()
        if any(one is not person and names & one["names"] for one in self.people):
            return "ALREADY_EXISTS"
        became = self._write(person, names, row)
        if id_ > 7:
            created.setdefault(id_, self.people[-1])
        return became

    def _write(self, person: dict[str, Any] | None, names: set[Name], row: Row) -> str:
        given: Row = {field: row[field] for field in ("firstName", "lastName") if field in row}
        if person is None:
            self.people.append({"names": set(names), **given})
            return "created"
        person["names"] |= names if "id" in row else set()
        person |= given
        return "updated"


def _fits(name: Name, default: Name, is_open: bool) -> bool:
    return (name[0], name[2]) == (default[0], default[2]) and (is_open or name[1] == default[1])


@examples
@given(st.lists(source_row, min_size=1, max_size=8), st.integers(1, 8), st.booleans())
def test_rows_by_source_id_in_chunks_of_any_size_equal_single_rows(
    database: Database, administration: Administration, rows: list[Row], size: int, pair: bool
) -> None:
    people = People()
    expected = [people.write_by_source_id(row, pair=pair) for row in rows]
    for each in {len(rows), size}:
        organization = administration.create_organization("Rows")
        became: list[str] = []
        for chunk in chunked(rows, each):
            became += _write(database, organization, chunk, BY_SOURCE_ID, pair=pair)
        assert became == expected, each
        assert _found(database, organization) == sorted(map(_shown, people.people)), each
        check_hints(administration, organization)


@examples
@given(st.lists(id_row, min_size=1, max_size=8), st.integers(1, 8))
def test_rows_by_id_in_chunks_of_any_size_equal_single_rows(
    database: Database, administration: Administration, rows: list[Row], size: int
) -> None:
    for each in {len(rows), size}:
        people, organization = People(), administration.create_organization("Rows")
        firsts = [{"source": "A", "sourceId": key} for key in "pq"]
        for row in firsts:
            people.write_by_source_id(row, pair=False)
        _write(database, organization, firsts, BY_SOURCE_ID)
        ids = sorted(record.id for record in stored(database, organization))
        for chunk in chunked(rows, each):
            created: dict[int, Any] = {}
            expected = [people.write_by_id(row, created) for row in chunk]
            sent = [_as_sent(row, ids) for row in chunk]
            assert _write(database, organization, sent, BY_ID) == expected, each
        assert _found(database, organization) == sorted(map(_shown, people.people)), each
        check_hints(administration, organization)


def _as_sent(row: Row, ids: list[int]) -> Row:
    source = {"source": "A"} if "sourceId" in row else {}
    return {**row, **source, "id": {0: ids[0], 1: ids[1], 7: 0, 8: 10**12, 9: 10**13}[row["id"]]}


def _write(database: Database, organization: int, rows: Any, bulk: Any, *, pair: bool = False) -> list[str]:
    body = json_encode({"contacts": list(rows)})
    write, _ = decode_bulk(CONTACT, bulk, body, KeyOptions("NL", pair=pair), 100)
    return words(run(database, organization, write))


def _shown(person: dict[str, Any]) -> tuple[list[Name], str, str]:
    return sorted(person["names"]), person.get("firstName", ""), person.get("lastName", "")


def _found(database: Database, organization: int) -> list[tuple[list[Name], str, str]]:
    return sorted(
        _shown(
            {
                "names": {(one.scheme, one.qualifier, one.key) for one in record.identities},
                "firstName": record.values["first_name"],
                "lastName": record.values["last_name"],
            }
        )
        for record in stored(database, organization)
    )
