"""PUT and POST batch: ids and externalIds, renames, and quiet times of paths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.dialects.base import json_encode
from contactory.dialects.everbridge import rows as batches
from contactory.dialects.everbridge.rows import write_batch
from contactory.dialects.everbridge.targets import WriteOptions
from contactory.store.administration import Administration
from contactory.store.database import Database
from tests.core.one_call.running import Row, check_hints, chunked, examples, run, stored, words

PATHS = (241901148045316, 241901148045317)
NIGHT = [{"name": "Night", "days": [1], "fromHour": 20, "fromMin": 0, "toHour": 6, "toMin": 0}]

path = st.fixed_dictionaries(
    {"pathId": st.sampled_from(PATHS), "value": st.sampled_from(["a@e.org", "b@e.org"])},
    optional={"quietTimeFrames": st.sampled_from([[], NIGHT])},
)
# `id`: index of a record that exists from the beginning; 9 is none.
row = st.fixed_dictionaries(
    {"externalId": st.sampled_from(["a", "b", "c", "d", "e"])},
    optional={
        "id": st.sampled_from([0, 1, 2, 9]),
        "suffix": st.sampled_from(["Jr.", "Sr."]),
        "paths": st.lists(path, max_size=3),
        "recordTypeName": st.sampled_from(["Employee", "Employee", "Other"]),
    },
)


class People:
    """Oracle: people that items write."""

    def __init__(self, how: WriteOptions) -> None:
        self.people: list[dict[str, Any]] = [{"externalId": key, "paths": []} for key in "abc"]
        self._how = how
        self._firsts = list(self.people)

    def write(self, row: Row) -> str:
        if row.get("recordTypeName") == "Other":
            return "REFERENCE_NOT_FOUND"
        named = next((one for one in self.people if one["externalId"] == row["externalId"]), None)
        person = named
        if self._how.by_id and "id" in row:
            person = self._firsts[row["id"]] if row["id"] != 9 else None
            if named is not None and named is not person:
                return "ALREADY_EXISTS"
        if person is None and not self._how.creates:
            return "NOT_FOUND"
        became = "updated"
        if person is None:
            person, became = {"paths": []}, "created"
            self.people.append(person)
        person["externalId"] = row["externalId"]
        if self._how.full or "suffix" in row:
            person["suffix"] = row.get("suffix", "")
        if self._how.full or "paths" in row:
            person["paths"] = _kept(person["paths"], row.get("paths", []))
        return became


def _kept(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = []
    for index, path in enumerate(new):
        frames = path.get("quietTimeFrames")
        if frames is None:
            alike = [one for one in old if one["pathId"] == path["pathId"]]
            nth = sum(before["pathId"] == path["pathId"] for before in new[:index])
            same = [one for one in alike if one["value"] == path["value"]] or alike[nth : nth + 1]
            frames = same[0].get("quietTimeFrames") if same else None
        kept.append({**path, "quietTimeFrames": frames or None})
    return kept


@examples
@given(
    st.lists(row, min_size=1, max_size=8),
    st.integers(1, 8),
    st.sampled_from(
        [WriteOptions(full=full, by_id=True) for full in (True, False)] * 2 + [WriteOptions(creates=True)]
    ),
    st.booleans(),
)
def test_items_in_batches_of_any_size_equal_single_items(
    database: Database,
    administration: Administration,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Row],
    size: int,
    how: WriteOptions,
    at_once: bool,
) -> None:
    """`at_once`: whether all items of a batch are read, or only those that are not repeated."""
    monkeypatch.setattr(batches, "FEWEST_ROWS", 100 if at_once else 1)
    people = People(how)
    expected = [people.write(row) for row in rows]
    for each in {len(rows), size}:
        organization = administration.create_organization("Batches")
        firsts = [{"externalId": key} for key in "abc"]
        ids = list(_write(database, organization, firsts, WriteOptions(creates=True), []).ids)
        became: list[str] = []
        for chunk in chunked(rows, each):
            became += words(_write(database, organization, chunk, how, ids))
        assert became == expected, each
        assert _found(database, organization) == sorted(map(_shown, people.people)), each
        check_hints(administration, organization)


def _write(database: Database, organization: int, rows: Any, how: WriteOptions, ids: list[int]) -> Any:
    names = {"firstName": "F", "lastName": "L", "recordTypeName": "Employee", "timezoneId": "Asia/Tokyo"}
    numbered = [
        {**names, **row, **({"id": [*ids, 10**12][min(row["id"], len(ids))]} if "id" in row else {})}
        for row in rows
    ]
    return run(database, organization, write_batch(json_encode(numbered), how, organization, 100))


def _shown(person: dict[str, Any]) -> tuple[str, str, str]:
    paths = [
        (path["pathId"], path["value"], [one["name"] for one in path.get("quietTimeFrames") or ()])
        for path in person["paths"]
    ]
    return person["externalId"], person.get("suffix", ""), repr(paths)


def _found(database: Database, organization: int) -> list[tuple[str, str, str]]:
    people = []
    for record in stored(database, organization):
        (known,) = record.identities
        shown = {"externalId": known.key, "suffix": record.values["suffix"] or ""}
        people.append(_shown({**shown, "paths": record.values["paths"] or []}))
    return sorted(people)
