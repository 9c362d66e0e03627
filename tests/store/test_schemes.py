"""Schemes: each organization has its own scheme ids, and a maximum number of schemes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from contactory.core.write.scheme_matches import SchemeMatches
from contactory.model.fields import COMPANIES, CONTACTS, Kind
from contactory.model.keys import Scheme
from contactory.model.limits import SCHEMES
from contactory.model.problems import Code, Refusal
from contactory.store.database import Database


def number(database: Database, organization: int, *names: str, kind: Kind = CONTACTS) -> list[int]:
    with database.transaction(organization) as transaction:
        wanted = [Scheme("propeller", name, "NL") for name in names]
        return [match.default for match in SchemeMatches(transaction, kind).find(wanted)]


def test_scheme_ids_are_independent_between_organizations(database: Database, organization: int) -> None:
    assert number(database, organization, "A", "B") == [1, 2]
    assert number(database, organization, "B", kind=COMPANIES) == [3]
    assert number(database, organization, "C", "A") == [4, 1]


def test_a_refused_scheme_uses_up_no_id(database: Database, organization: int) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction(organization) as transaction:
        SchemeMatches(transaction, CONTACTS).find(
            [Scheme("propeller", str(name), "NL") for name in range(100)]
        )
        raise ZeroDivisionError
    assert number(database, organization, "A") == [1]


def test_taken_scheme_ids_are_skipped(database: Database, organization: int, url: str) -> None:
    """Ids of an older schema are taken in this way: they were unique in all organizations together."""
    with psycopg.connect(url) as owner:
        owner.execute(
            "INSERT INTO schemes (organization_id, id, kind, system, name, qualifier)"
            " SELECT %s, id, 'contacts', 'propeller', id::text, 'NL'"
            " FROM unnest('{2,3,2147483647}'::int[]) AS id",
            [organization],
        )
    assert number(database, organization, "2", "A", "B", "C") == [2, 1, 4, 5]


def test_concurrent_calls_create_each_scheme_once(database: Database, organization: int) -> None:
    names = [[f"{caller}", "shared", f"{caller % 2} of two"] for caller in range(8)]
    with ThreadPoolExecutor(4) as callers:
        found = list(callers.map(lambda wanted: number(database, organization, *wanted), names))
    assert len({numbers[1] for numbers in found}) == 1
    assert {scheme for numbers in found for scheme in numbers} == set(range(1, 12))


def test_an_organization_has_as_many_schemes_as_the_limit(
    database: Database, organization: int, url: str
) -> None:
    with psycopg.connect(url) as owner:
        owner.execute(
            "INSERT INTO schemes (organization_id, id, kind, system, name, qualifier)"
            " SELECT %s, id, 'contacts', 'propeller', id::text, 'NL' FROM generate_series(1, %s) AS id",
            [organization, SCHEMES - 1],
        )
    with pytest.raises(Refusal):
        number(database, organization, "A", "B")
    assert number(database, organization, "A") == [SCHEMES]
    with pytest.raises(Refusal) as refused:
        number(database, organization, "A", "C")
    assert (refused.value.problem.code, refused.value.problem.key) == (Code.TOO_MANY_SCHEMES, "C")
    assert number(database, organization, "A", "7") == [SCHEMES, 7]


def test_no_sequence_can_run_out(url: str) -> None:
    with psycopg.connect(url) as owner:
        small = owner.execute("SELECT sequencename FROM pg_sequences WHERE max_value < 2::numeric ^ 63 - 1")
        assert small.fetchall() == []
