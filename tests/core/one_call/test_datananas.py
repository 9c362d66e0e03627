"""POST /contacts/bulk: e-mails, profiles, owners, defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contactory.dialects.datananas.rows import read_rows
from contactory.dialects.datananas.write import WriteOptions, find_errors, write_rows
from contactory.model.bulk import BulkWrite, Outcomes
from contactory.model.caller import Caller
from contactory.model.directory import User
from contactory.store.administration import Administration
from contactory.store.database import Database
from tests.core.one_call.running import Row, check_hints, chunked, examples, run, stored, words

ME = "me@example.com"
MANAGER = Caller(1, 1, None, frozenset("*"), "manager")
USERS = [User(1, "me@example.com", "user"), User(2, "other@example.com", "user")]
PROFILES = {
    "x": ["https://www.linkedin.com/in/x", "http://fr.linkedin.com/in/X/?trk=1"],
    "y": ["https://linkedin.com/in/y"],
    "": ["https://linkedin.com/company/x"],
}
KEY_OF = {url: profile for profile, urls in PROFILES.items() for url in urls}

row = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["a@e.org", "A@E.org", "b@e.org", "c@e.org", "", "nobody"]),
        "linkedin": st.sampled_from([*KEY_OF, ""]),
        "firstName": st.sampled_from(["", "P", "Q"]),
        "owner": st.sampled_from(["me@example.com", "other@example.com", "unknown@example.com"]),
        "source": st.sampled_from(["crm", "api"]),
    },
)


class People:
    """Oracle: people that rows write, besides those that exist before."""

    def __init__(self, people: list[dict[str, Any]], *, everything: bool, replaces: bool) -> None:
        self.people = people
        self._everything = everything
        self._replaces = replaces

    def write(self, row: Row) -> tuple[str, bool]:
        """Write a row; return its outcome, and whether it has a warning."""
        given = {field: value for field, value in row.items() if value}
        if given.get("email") == "nobody":
            return "BAD_VALUE", False
        if given.get("owner", ME).startswith("unknown"):
            return "REFERENCE_NOT_FOUND", False
        if not self._everything and given.get("owner", ME) != ME:
            return "NOT_OWNED", False
        profile = KEY_OF.get(given.get("linkedin", ""), "")
        person, holder = self._find(given.get("email", ""), profile)
        if person and self._is_hidden(person):
            return "NOT_OWNED", False
        warned = bool(holder and holder is not person)
        if warned:
            del given["linkedin"]
        if person is None:
            self.people.append({"owner": ME, "source": "manual", **given})
            return "created", warned
        if not self._replaces:
            given.pop("owner", None)
        person |= given
        return "updated", warned

    def _find(self, email: str, profile: str) -> tuple[Any, Any]:
        """Find the person that a row refers to, and the one who has the profile."""
        of_mail = [one for one in self.people if email and one.get("email", "").lower() == email.lower()]
        holders = [one for one in self.people if profile and KEY_OF.get(one.get("linkedin", "")) == profile]
        holder = holders[0] if holders else None
        if of_mail:
            return of_mail[0], holder
        if holder and (not email or not (holder.get("email") or self._is_hidden(holder))):
            return holder, holder
        return None, holder

    def _is_hidden(self, person: dict[str, Any]) -> bool:
        """Tell whether a contact belongs to another user and is hidden."""
        return not self._everything and person["owner"] not in ("", ME)


@examples
@given(
    st.lists(row, max_size=3),
    st.lists(row, min_size=1, max_size=9),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
)
def test_rows_in_chunks_of_any_size_equal_single_rows(
    database: Database,
    administration: Administration,
    before: list[Row],
    rows: list[Row],
    size: int,
    everything: bool,
    replaces: bool,
) -> None:
    before = [row | {"owner": "other@example.com"} for row in before]
    others = People([], everything=True, replaces=True)
    for row in before:
        others.write(row)
    people = People(others.people, everything=everything, replaces=replaces)
    expected = [people.write(row) for row in rows]
    for each in {len(rows), size}:
        organization = administration.create_organization("Chunks")
        run(database, organization, _write(before, replaces=True))
        became: list[tuple[str, bool]] = []
        for chunk in chunked(rows, each):
            write = _write(chunk, replaces=replaces)
            became += _became(run(database, organization, write, None if everything else 1))
        assert became == expected, each
        assert _found(database, organization) == sorted(map(_shown, people.people)), each
        check_hints(administration, organization)


def _write(given: Sequence[Row], *, replaces: bool) -> BulkWrite:
    rows = read_rows(given)
    options = WriteOptions(replaces_owner=replaces)
    return write_rows(rows, USERS, MANAGER, options, errors=find_errors(rows, USERS))


def _became(outcomes: Outcomes) -> list[tuple[str, bool]]:
    return [(word, row in outcomes.warnings) for row, word in enumerate(words(outcomes))]


def _shown(person: dict[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    keys = [person.get("email", "").lower(), KEY_OF.get(person.get("linkedin", ""), "")]
    fields = ("email", "linkedin", "firstName", "owner", "source")
    return keys, [person.get(field, "") for field in fields]


def _found(database: Database, organization: int) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Find the stored contacts, with their identities and fields."""
    mails = {0: "", **{user.id: user.email for user in USERS}}
    people = []
    for record in stored(database, organization):
        values, known = record.values, {one.scheme: one.key for one in record.identities}
        assert len(known) == len(record.identities)
        keys = [known.get("email", ""), known.get("linkedin", "").removeprefix("linkedin.com/in/")]
        shown = [values[field] or "" for field in ("email", "linkedin", "first_name")]
        people.append((keys, [*shown, mails[values["owner_id"]], values["source"]]))
    return sorted(people)
