"""Migration of keys that were stored by earlier rules."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from contactory.dialects.datananas.profiles import linkedin_key
from contactory.store.migrations import FOLDER

SCRIPT = (FOLDER / "sql" / "0017_identities.sql").read_bytes()
ADA = "https://www.linkedin.com/in/ada-byron"

ADDRESSES = [
    ADA,
    "HTTP://fr.LinkedIn.com:443/in/Ada-Byron/?trk=x#top",
    "https://m.linkedin.com/mwlite/in/ada-byron/de",
    "https://www.linkedin.com/in/%C3%89lodie",
    "https://www.linkedin.com/in/E%CC%81LODIE/",
    "https://www.linkedin.com/in/bad%FFcode",
    "https://www.linkedin.com/in/ACoAAB1cdEfGhIjKlMnOpQrStUvWxYz01234567",
    "https://www.linkedin.com/in/" + "x" * 600,
    "https://www.linkedin.com/in/" + "x" * 600 + "y",
    "https://www.linkedin.com/in/",
    "https://www.linkedin.com/in/me/",
    "https://www.linkedin.com/pub/ada/1/2b3/4c5/de",
    "https://www.linkedin.com/pub/ada/1/2b3",
    "https://www.linkedin.com/pub/ada/en-us",
    "https://www.linkedin.com/pub/dir/ada/byron",
    "https://www.linkedin.com/sales/lead/ACwAAAbcDefGhiJklMno123,NAME_SEARCH,x1",
    "https://www.linkedin.com/sales/people/ACwAAAbcDefGhiJklMno123",
    "https://www.linkedin.com/company/acme",
    "https://www.linkedin.com",
    "https://linkedin.com.example.org/in/ada",
    "https://notlinkedin.com/in/ada",
    "https://acme.example/in/ada",
]


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection]:
    """Connect as the owner of the database; roll back afterwards."""
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def old_key(address: str) -> str:
    host, _, path = address.partition("//")[2].partition("/")
    return f"{host.lower().removeprefix('www.')}/{path}".split("?")[0].rstrip("/")[:500]


def add_contact(
    owner: psycopg.Connection, organization: int, *keys: tuple[str, str, str], linkedin: str = ""
) -> int:
    """Insert a contact with keys, as (system, scheme, key)."""
    row = owner.execute(
        "INSERT INTO contacts_rows (organization_id, id, linkedin, first_key, identity_keys)"
        " VALUES (%s, nextval('record_ids'), %s, %s, %s) RETURNING id",
        [organization, linkedin, keys[0][2] if keys else "", [key for _, _, key in keys[1:]]],
    ).fetchone()
    assert row is not None
    for system, scheme, key in keys:
        owner.execute(
            "INSERT INTO schemes (organization_id, id, kind, system, name, qualifier)"
            " SELECT %s, 1 + count(*), 'contacts', %s, %s, '' FROM schemes WHERE organization_id = %s"
            " ON CONFLICT DO NOTHING",
            [organization, system, scheme, organization],
        )
        owner.execute(
            "INSERT INTO identities_rows (organization_id, record_id, scheme_id, key)"
            " SELECT organization_id, %s, id, %s FROM schemes"
            " WHERE (organization_id, system, name) = (%s, %s, %s) ON CONFLICT DO NOTHING",
            [row[0], key, organization, system, scheme],
        )
    return int(row[0])


def identities(owner: psycopg.Connection, organization: int) -> dict[int, list[str]]:
    """Return the keys of each contact, after a check that the contact has them, too."""
    found = owner.execute(
        "SELECT id, array_remove(first_key || identity_keys, ''),"
        " ARRAY(SELECT key FROM identities_rows AS known"
        " WHERE (known.organization_id, known.record_id) = (contacts_rows.organization_id, id) ORDER BY key)"
        " FROM contacts_rows WHERE organization_id = %s",
        [organization],
    ).fetchall()
    assert all(sorted(noted) == keys for _, noted, keys in found)
    return {id_: keys for id_, _, keys in found}


def test_migrated_profile_keys_are_those_of_the_current_rules(
    owner: psycopg.Connection, organization: int
) -> None:
    wanted: dict[int, list[str]] = {}
    taken = set[str]()
    for address in ADDRESSES:
        key = linkedin_key(address)
        contact = add_contact(
            owner, organization, ("datananas", "linkedin", old_key(address)), linkedin=address
        )
        wanted[contact] = [key] if key and key not in taken else []
        taken.add(key)
    owner.execute(SCRIPT)
    assert identities(owner, organization) == wanted


def test_migrated_keys_are_trimmed_and_the_oldest_record_keeps_a_duplicate(
    owner: psycopg.Connection, organization: int
) -> None:
    mail = ("datananas", "email")
    first = add_contact(
        owner, organization, (*mail, "\ufeffada@e.org"), ("everbridge", "externalId", " 5\t\u200b")
    )
    second = add_contact(owner, organization, (*mail, "ada@e.org"), ("propeller", "ERP", "a b"))
    third = add_contact(owner, organization, (*mail, "e\u0301@e.org"))
    owner.execute(
        "INSERT INTO directory (organization_id, kind, name) VALUES (%(org)s, 'list', 'Expo\u200b'),"
        " (%(org)s, 'list', 'Fair\u200b'), (%(org)s, 'list', 'Fair')",
        {"org": organization},
    )
    owner.execute(SCRIPT)
    assert identities(owner, organization) == {
        first: [" 5", "ada@e.org"],
        second: ["a b"],
        third: ["\u00e9@e.org"],
    }
    names = owner.execute(
        "SELECT name FROM directory WHERE organization_id = %s AND kind = 'list'", [organization]
    )
    assert sorted(names) == [("Expo",), ("Fair",), ("Fair\u200b",)]
