"""The benchmark's other sides write what the service itself stores of the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import psycopg
import pytest
from bench.alone import Alone
from bench.batches import CREATE, UNCHANGED, UPDATE, make_batch
from bench.ceiling import Ceiling, listed, table_of
from bench.rows import Span
from bench.service import Ours, Service
from bench.sides import Session, Side
from bench.tables import Tables
from bench.vendors import VENDORS
from bench.vendors.vendor import Number, Vendor
from psycopg.sql import SQL, Composed, Identifier

from .client import MakeApi
from .server import Server

SPANS = [Span(5, 150), Span(1000, 50)]
# The moment of the call, which is no column of the rows.
OF_THE_CALL = "collected_at"
OF_EVERY_RECORD = (
    "organization_id",
    "id",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
    "digest",
    "first_key",
)
EMPTY = ["null", "false", "0", '""', r'"\\x"', "[]", "{}"]  # as JSON; the fifth is that of no bytes


@pytest.fixture(scope="module", autouse=True)
def tables(owner: psycopg.Connection) -> Iterator[None]:
    Tables(owner)
    yield
    owner.execute("DROP SCHEMA bench CASCADE")


@pytest.fixture(params=[*VENDORS])
def vendor(request: pytest.FixtureRequest) -> Vendor:
    return VENDORS[request.param]


@pytest.fixture
def service(make_api: MakeApi, server: Server, server_database: str, vendor: Vendor) -> Service:
    api = make_api()
    port = urlsplit(server.url).port
    assert port
    service = Service(port, api.token, api.organization, server_database)
    service.send_all([*vendor.definitions(), *vendor.references()])
    return service


def test_every_side_stores_the_same(vendor: Vendor, service: Service, owner: psycopg.Connection) -> None:
    number = numbers_of(service.organization, owner)
    sides: list[Side] = [
        Ours(service, vendor.name),
        Ceiling(service.database_url, vendor.name),
        Alone(service.database_url, vendor.name),
    ]
    stored = []
    with ExitStack() as stack:
        sessions: list[Session] = [stack.enter_context(closing(side.open())) for side in sides]
        for scenario, revision in ((CREATE, 0), (UPDATE, 1), (UNCHANGED, 1)):
            spans = [span._replace(revision=revision) for span in SPANS]
            batch = make_batch(vendor, scenario, spans, number=number)
            for session in sessions:
                session.prepare()
                session.check(session.send(batch), batch)
            ours = read(owner, vendor, "contacts", "identities", service.organization)
            assert len(ours) == batch.size
            assert read(owner, vendor, *bench_tables(vendor), 1) == ours
            assert read_ceiling(owner, vendor) == ours
            stored.append(ours)
    assert stored[0] != stored[1] == stored[2]
    assert other_fields(owner, vendor, service.organization) == []


def test_wrong_rows_are_not_taken(vendor: Vendor, service: Service) -> None:
    batch = make_batch(vendor, CREATE, [Span(0, 10)])
    rows = vendor.rows(Span(0, 10))
    vendor.spoil(rows[3])
    wrong = batch._replace(body=vendor.body(rows))
    with closing(Ours(service, vendor.name).open()) as session:
        session.prepare()
        answer = session.send(wrong)
        with pytest.raises(ValueError):
            session.check(answer, wrong)


def numbers_of(organization: int, owner: psycopg.Connection) -> Number:
    """The real ids of what rows name, where numbers stand in for them in the benchmark."""
    found = owner.execute(
        "SELECT kind, name, number FROM directory WHERE organization_id = %(organization)s"
        " UNION ALL SELECT 'attribute', name, id FROM attributes WHERE organization_id = %(organization)s"
        " UNION ALL SELECT 'company', key, record_id FROM identities"
        " WHERE organization_id = %(organization)s",
        {"organization": organization},
    ).fetchall()
    numbers = {(kind, name): number for kind, name, number in found}
    return lambda kind, name: int(numbers[kind, name])


def bench_tables(vendor: Vendor) -> tuple[str, str]:
    return f"{vendor.name}_records", f"{vendor.name}_keys"


def read(
    owner: psycopg.Connection, vendor: Vendor, records: str, keys: str, organization: int
) -> list[tuple[object, ...]]:
    """Keys and fields of all contacts, by key."""
    schema = "public" if records == "contacts" else "bench"
    query = SQL(
        "SELECT known.key, {fields} FROM {records} AS record JOIN {keys} AS known"
        " ON known.organization_id = record.organization_id AND known.record_id = record.id"
        " WHERE record.organization_id = {organization} ORDER BY 1"
    ).format(
        fields=fields_of(vendor),
        records=Identifier(schema, records),
        keys=Identifier(schema, keys),
        organization=organization,
    )
    return owner.execute(query).fetchall()


def other_fields(owner: psycopg.Connection, vendor: Vendor, organization: int) -> list[object]:
    """Fields in which a contact has something and which the other sides do not write."""
    found = owner.execute(
        "SELECT DISTINCT field.key FROM contacts, jsonb_each(to_jsonb(contacts)) AS field"
        " WHERE organization_id = %s AND field.key <> ALL(%s)"
        " AND field.value <> ALL(%s::jsonb[])",
        [organization, [*vendor.fields, *OF_EVERY_RECORD], EMPTY],
    )
    return [field for (field,) in found]


def read_ceiling(owner: psycopg.Connection, vendor: Vendor) -> list[tuple[object, ...]]:
    query = SQL('SELECT {key}, {fields} FROM {table} ORDER BY {key} COLLATE "C"').format(
        key=Identifier([*vendor.key][-1]), fields=fields_of(vendor), table=table_of(vendor, "ceiling")
    )
    return owner.execute(query).fetchall()


def fields_of(vendor: Vendor) -> Composed:
    return listed(tuple(field for field in vendor.fields if field != OF_THE_CALL))
