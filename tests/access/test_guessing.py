"""The limits on failed logins, which are counted per name and per address for all processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from contactory.access import logins, secrets
from contactory.access.caller import authenticate, grant
from contactory.access.logins import find_user
from contactory.access.secrets import hash_password, hash_secret, new_secret
from contactory.access.throttle import Visitor, login_attempt
from contactory.access.tokens import new_client_id
from contactory.model.caller import ClientSecret, Login
from contactory.model.limits import (
    COUNTED_FAILURES,
    FAILURES,
    FAILURES_OF_ADDRESS,
    FAILURES_OF_NAME,
    LOGIN_PLACE_DAYS,
    LOGINS_OF_NAME,
    LONGEST_LOGIN_NAME,
)
from contactory.model.problems import Code, Refusal
from contactory.store import access, guessing
from contactory.store.administration import Administration
from contactory.store.database import Database

RIGHT = "correct horse"
HOME = Visitor("192.0.2.1")


@pytest.fixture(autouse=True)
def nothing_counted(url: str) -> None:
    logins._checked.clear()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("TRUNCATE login_failures, login_places")


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of hashes that passwords are compared with, by a comparison that takes no time."""
    hashes: list[str] = []

    def is_password(password: str, password_hash: str) -> bool:
        hashes.append(password_hash)
        return password == password_hash

    monkeypatch.setattr(secrets, "is_password", is_password)
    return hashes


@pytest.fixture
def mimi(database: Database, organization: int) -> str:
    add_user(database, organization, email := f"mimi-{organization}@beta.example")
    return email


def add_user(database: Database, organization: int, email: str) -> None:
    with database.transaction(organization) as transaction:
        access.create_user(transaction, email=email, password_hash=RIGHT, role="user")


def attempt(database: Database, name: str, password: str, visitor: Visitor = HOME) -> str:
    """Try a password, and return "right", "wrong" or "wait"."""
    try:
        caller = authenticate(database, Login(name, password), visitor)
    except Refusal as refusal:
        assert refusal.problem.code is Code.TOO_MANY
        assert 0 < int(refusal.problem.value) <= 60
        return "wait"
    logins._checked.clear()  # since another process would not have it
    return "right" if caller else "wrong"


@pytest.mark.usefixtures("compared")
def test_eleventh_attempt_after_ten_failures_from_an_address_is_limited(
    database: Database, mimi: str
) -> None:
    assert [attempt(database, mimi, "no") for _ in range(FAILURES)] == ["wrong"] * FAILURES
    assert attempt(database, mimi, RIGHT) == "wait"
    assert attempt(database, mimi, RIGHT, Visitor("192.0.2.2")) == "right"
    assert attempt(database, "nobody@beta.example", "no") == "wrong"


@pytest.mark.usefixtures("compared")
def test_spellings_of_a_name_are_counted_together(database: Database, mimi: str) -> None:
    """U+0130 is an i in the database's lower(), and two characters in Python's."""
    spelled = [mimi, mimi.upper(), mimi.replace("i", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}")]
    assert [attempt(database, name, RIGHT) for name in spelled] == ["right"] * 3
    for number in range(FAILURES):
        assert attempt(database, spelled[number % 3], "no") == "wrong"
    assert [attempt(database, name, RIGHT) for name in spelled] == ["wait"] * 3


@pytest.mark.usefixtures("compared")
def test_failures_at_all_endpoints_are_counted_together(
    database: Database, organization: int, mimi: str
) -> None:
    for _ in range(FAILURES // 2):
        assert grant(database, Login(mimi, "no"), 60, HOME) is None
        assert find_user(database, organization, Login(mimi.upper(), "no"), HOME) is None
    with pytest.raises(Refusal):
        find_user(database, organization, Login(mimi, RIGHT), HOME)
    assert attempt(database, mimi, RIGHT) == "wait"


@pytest.mark.usefixtures("compared")
def test_right_password_resets_the_failures_of_its_address(database: Database, mimi: str) -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            assert attempt(database, mimi, "no") == "wrong"
        assert attempt(database, mimi, RIGHT) == "right"


@pytest.mark.usefixtures("compared")
def test_failures_from_many_addresses_limit_guesses_and_not_the_user(database: Database, mimi: str) -> None:
    assert attempt(database, mimi, RIGHT) == "right"
    for number in range(FAILURES_OF_NAME):
        assert attempt(database, mimi, "no", Visitor(f"198.51.100.{number}")) == "wrong"
    assert attempt(database, mimi, RIGHT, Visitor("203.0.113.1")) == "wait"
    assert attempt(database, mimi, RIGHT) == "right"
    assert [attempt(database, mimi, "no") for _ in range(FAILURES + 1)] == ["wrong"] * FAILURES + ["wait"]


@pytest.mark.usefixtures("compared")
def test_failures_with_many_names_limit_an_address_and_not_its_users(database: Database, mimi: str) -> None:
    assert attempt(database, mimi, RIGHT) == "right"
    for number in range(FAILURES_OF_ADDRESS):
        assert attempt(database, f"{number}@beta.example", "123456") == "wrong"
    assert attempt(database, "another@beta.example", "123456") == "wait"
    assert attempt(database, "another@beta.example", "123456", Visitor("192.0.2.2")) == "wrong"
    assert attempt(database, mimi, RIGHT) == "right"


@pytest.mark.usefixtures("compared")
def test_ipv6_addresses_are_counted_by_network_and_mapped_ipv4_as_ipv4(database: Database, mimi: str) -> None:
    for number in range(FAILURES):
        assert attempt(database, mimi, "no", Visitor(f"2001:db8:0:1::{number:x}")) == "wrong"
        assert attempt(database, mimi, "no", Visitor("::ffff:192.0.2.9")) == "wrong"
    assert attempt(database, mimi, RIGHT, Visitor("2001:db8:0:1:ffff::%eth0")) == "wait"
    assert attempt(database, mimi, RIGHT, Visitor("192.0.2.9")) == "wait"
    assert attempt(database, mimi, RIGHT, Visitor("2001:db8:0:2::1")) == "right"


def test_too_long_name_is_refused_without_a_query(
    database: Database, organization: int, compared: list[str]
) -> None:
    longest = "x" * (LONGEST_LOGIN_NAME - 2) + "@x"
    add_user(database, organization, longest)
    assert attempt(database, longest, RIGHT) == "right"
    del compared[:]
    assert attempt(database, longest + "x", RIGHT) == "wrong"
    assert attempt(database, "x" * 10_000_000, RIGHT) == "wrong"
    assert compared == []


def test_unknown_name_compares_as_many_passwords_as_a_known_one(
    database: Database, organization: int, mimi: str, compared: list[str]
) -> None:
    for name in (mimi, "nobody@beta.example"):
        for way in (
            lambda login: authenticate(database, login, HOME),
            lambda login: grant(database, login, 60, HOME),
            lambda login: find_user(database, organization, login, HOME),
        ):
            del compared[:]
            assert way(Login(name, "no")) is None
            assert len(compared) == 1, name


def test_number_of_users_compared_per_name_is_bounded(
    database: Database, administration: Administration, mimi: str, compared: list[str]
) -> None:
    for _ in range(LOGINS_OF_NAME + 1):
        last = administration.create_organization("Another")
        add_user(database, last, mimi)
    assert authenticate(database, Login(mimi, "no"), HOME) is None
    assert len(compared) == LOGINS_OF_NAME
    found = authenticate(database, Login(mimi, RIGHT, last), HOME)  # the requested organization comes first
    assert found and found.organization_id == last


def test_hash_for_unknown_names_costs_as_much_as_a_real_one() -> None:
    """Compare the hashes' parameters; no password is right for the one of unknown names."""
    stored = hash_password("x")
    nobodys = secrets._NOBODYS_HASH
    assert [len(part) for part in nobodys.split("$")] == [len(part) for part in stored.split("$")]
    assert nobodys.split("$")[:4] == stored.split("$")[:4]
    assert secrets.find_right("x", []) is None and secrets.find_right("x", [nobodys, stored]) == 1


def test_right_secret_works_while_wrong_ones_are_limited(database: Database, organization: int) -> None:
    client_id, secret = new_client_id(organization), new_secret()
    with database.transaction(organization) as transaction:
        access.create_client(transaction, client_id=client_id, name="Sync", secret_hash=hash_secret(secret))
    for shown in (ClientSecret(client_id, "no"), ClientSecret(new_client_id(organization), secret)):
        for _ in range(FAILURES):
            assert grant(database, shown, 60, HOME) is None
        with pytest.raises(Refusal) as refused:
            grant(database, shown, 60, HOME)
        assert refused.value.problem.code is Code.TOO_MANY
    assert grant(database, ClientSecret(client_id, secret), 60, HOME)


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection]:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        yield connection


def count(owner: psycopg.Connection, table: str) -> int:
    return int(owner.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()[0][0])


@pytest.mark.usefixtures("compared")
def test_failures_expire_after_a_minute_and_are_then_removed(
    database: Database, mimi: str, owner: psycopg.Connection
) -> None:
    for _ in range(FAILURES):
        attempt(database, mimi, "no")
    assert count(owner, "login_failures") == 3
    owner.execute("UPDATE login_failures SET ends_at = ends_at - interval '1 minute'")
    assert attempt(database, mimi, RIGHT, Visitor("192.0.2.2")) == "right"
    assert attempt(database, "other@beta.example", "no", Visitor("192.0.2.2")) == "wrong"
    assert count(owner, "login_failures") == 3
    assert attempt(database, mimi, "no") == "wrong"


@pytest.mark.usefixtures("compared")
def test_known_addresses_expire_after_a_season(
    database: Database, mimi: str, owner: psycopg.Connection
) -> None:
    assert attempt(database, mimi, RIGHT) == "right"
    owner.execute("UPDATE login_places SET seen_at = seen_at - make_interval(days => %s)", [LOGIN_PLACE_DAYS])
    assert attempt(database, mimi, RIGHT, Visitor("192.0.2.2")) == "right"
    assert count(owner, "login_places") == 1


def test_number_of_counts_is_bounded(database: Database, owner: psycopg.Connection) -> None:
    """Check the assumed size of a row as well, and that existing counts go on while new ones are refused."""
    owner.execute(
        "INSERT INTO login_failures SELECT decode(md5(n::text), 'hex'), 1, now() + interval '1 minute'"
        " FROM generate_series(1, 1000) AS n"
    )
    assert owner.execute("SELECT pg_relation_size('login_failures')").fetchall()[0][0] >= 1000 * 60
    known, new = bytes.fromhex("c4ca4238a0b923820dcc509a6f75849b"), bytes(16)
    with database.transaction(0) as transaction:
        guessing.add_failure(transaction, [known, new], most=1000)
        assert guessing.find_failures(transaction, [known, new]).counts == [2, 0]
        guessing.add_failure(transaction, [known, new], most=1001)
        assert guessing.find_failures(transaction, [known, new]).counts == [3, 1]
    assert COUNTED_FAILURES >= 1000


def test_counts_contain_no_name_and_no_address() -> None:
    """Check that trying all addresses does not reveal them either without the key."""
    keyed = [login_attempt(Visitor("192.0.2.1", key), "a@b.c").keys for key in (b"", b"k" * 64, b"l" * 64)]
    digests = {key for keys in keyed for key in keys}
    assert len(digests) == 9 and {len(key) for key in digests} == {16}
