"""Contacts that were read can be written back by every call: nothing changes, and nothing is written.

CONTACTORY_EXAMPLES sets how many batches of contacts are tried.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from zoneinfo import available_timezones

import phonenumbers
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contactory.model.characters import find_invisible

from .client import EMAIL, PHONE, Api, Contact, person

EXAMPLES: Final = int(os.environ.get("CONTACTORY_EXAMPLES", "6"))
SMS, FAX, RECIP, BUSINESS = 241901148045324, 241901148045322, 241901148045325, 241901148045321
NOWHERE: Final = ["+870773111632", "+80012345678", "+80812345678", "+881612345678", "+883510012345678"]
GROUPS: Final = ("red", "blue", "Grün & Gelb")
STATES: Final = {
    "US": ["MA", "Massachusetts", "AP", "U.S. Virgin Islands"],
    "CA": ["QC", "Québec"],
    "NL": ["", "x"],
}

# Invisible characters are refused in keys (test_identities.py).
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12).filter(
    lambda text: not find_invisible(text)
)
names = texts.filter(str.strip)
flags = st.booleans() | st.sampled_from(["true", "false", 0, 1])
whole = st.integers(1, 2**53) | st.integers(1, 99).map(str) | st.integers(1, 99).map(float)


def example_numbers() -> list[tuple[str, str]]:
    """Yield national numbers of every country and kind, with the country."""
    kinds = phonenumbers.PhoneNumberType.values()
    found = [
        (phonenumbers.national_significant_number(number), country)
        for country in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in kinds
        if (number := phonenumbers.example_number_for_type(country, kind))
    ]
    return sorted(set(found))


class Phone(NamedTuple):
    value: str
    country: str


@st.composite
def phones(draw: st.DrawFn) -> Phone:
    """Generate numbers as people write them: national, international, of another country with the same
    calling code, of no country."""
    number, country = draw(st.sampled_from(example_numbers()))
    code = phonenumbers.country_code_for_region(country)
    neighbour = draw(st.sampled_from(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]))
    before = draw(st.sampled_from(["", "(", "tel:", "\u202a"]))
    return draw(
        st.sampled_from(
            [
                Phone(number, country),
                Phone(f"{before}+{code} {number}", ""),
                Phone(f"{before}+{code}-{number}", neighbour),
                Phone(f"{before}{draw(st.sampled_from(NOWHERE))}", draw(st.sampled_from(["", "US"]))),
            ]
        )
    )


frames = st.lists(
    st.fixed_dictionaries(
        {
            "name": names,
            "days": st.lists(st.integers(1, 7), min_size=1, max_size=7),
            "fromHour": st.integers(0, 23),
            "fromMin": st.integers(0, 59),
            "toHour": st.integers(0, 23),
            "toMin": st.integers(0, 59).map(str),
        }
    ),
    max_size=3,
    unique_by=lambda frame: frame["name"],
)


@st.composite
def paths(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["email", "phone", "anything", "unchecked", "empty"]))
    path: dict[str, Any]
    if kind == "email":
        path = {
            "pathId": EMAIL,
            "value": draw(st.sampled_from(["a@example.com", "b@example.com", " ü@example.org "])),
        }
    elif kind == "anything":
        path = {"prompt": "Mobile Member App", "value": draw(names), "countryCode": draw(texts)}
    elif kind == "empty":
        path = {
            "pathId": draw(st.sampled_from([PHONE, EMAIL])),
            "value": draw(st.sampled_from(["", "  ", None])),
        }
    else:
        number = draw(phones())
        path = {"pathId": draw(st.sampled_from([PHONE, SMS, FAX, BUSINESS])), "value": number.value}
        path |= {"countryCode": number.country} if number.country else {}
        if kind == "unchecked":
            value = draw(st.text("0123456789+- ", max_size=8)) + "7"
            path |= {"value": value, "skipValidation": draw(st.sampled_from([True, "true"]))}
    optional = {
        "phoneExt": texts,
        "waitTime": st.integers(0, 999),
        "pathEnable": flags,
        "quietTimeFrames": frames | st.none(),
    }
    return path | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def addresses(draw: st.DrawFn) -> dict[str, Any]:
    country = draw(st.sampled_from(sorted(STATES)))
    degrees = st.floats(-90, 90) | st.integers(-90, 90) | st.sampled_from(["42.494813", "-7"])
    optional = {
        "suite": st.sampled_from(["Fourth Floor", "12", 12]),
        "city": names,
        "postalCode": st.sampled_from(["01803", "018031234", "01803-1234"]),
        "gisLocation": st.fixed_dictionaries({"lat": degrees, "lon": degrees}) | st.sampled_from([[], {}]),
        "locationId": st.integers(0, 2**53),
        "iata": texts,
        "arriveDate": st.just("2023-02-15T12:38:52.914Z"),
    }
    needed = {
        "locationName": names,
        "streetAddress": names,
        "country": st.sampled_from([country, country.lower()]),
        "state": st.sampled_from(STATES[country]),
    }
    return draw(st.fixed_dictionaries(needed, optional=optional))


attributes = st.fixed_dictionaries(
    {},
    optional={
        "text": st.lists(texts, min_size=1, max_size=1),
        "several": st.lists(st.sampled_from(["a", "b", "c"]), max_size=3),
        "number": st.sampled_from([["3"], [3], [3.0], [-1.5], ["1e5"]]),
        "date": st.just(["2024-02-29"]),
        "flag": st.sampled_from([[True], ["false"]]),
    },
)


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    optional: dict[str, st.SearchStrategy[Any]] = {
        "middleInitial": st.sampled_from(["R", "É", "E\u0301", ""]),
        "suffix": texts.map(lambda text: text[:10]),
        "country": st.sampled_from(["US", "nl", ""]),
        "businessName": texts,
        "timezoneId": st.sampled_from(sorted(available_timezones())),
        "preferredLanguage": texts,
        "language": texts,
        "ssoUserId": texts,
        "securityPIN": texts,
        "individualAccountId": whole | st.sampled_from([0, "", "007"]),
        "vip": flags,
        "expatriate": flags,
        "uploadProcessing": flags,
        "topics": st.lists(whole, max_size=3),
        "groupsName": st.lists(st.sampled_from(GROUPS), max_size=3),
        "groups": st.just([]),
        "address": st.lists(addresses(), max_size=3, unique_by=lambda address: address["locationName"]),
        "paths": st.lists(paths(), max_size=5),
    }
    contact: dict[str, Any] = draw(
        st.fixed_dictionaries({"firstName": names, "lastName": names}, optional=optional)
    )
    if any(path.get("quietTimeFrames") for path in contact.get("paths", [])):
        contact.setdefault("timezoneId", "Asia/Calcutta")
    values = draw(attributes)
    contact["contactAttributes"] = [{"name": name, "values": given} for name, given in values.items()]
    return person("1", **contact)


@pytest.fixture
def seeded(api: Api) -> Api:
    """Seed an organization with groups and attributes of every type."""
    for name in GROUPS:
        api.create("groups", name=name)
    types = {"text": "STRING", "number": "NUMBER", "date": "DATE", "flag": "BOOLEAN"}
    for name, type_ in types.items():
        api.create("contactAttributes", name=name, dataType=type_, displayFormat="F")
    several = {"dataType": "STRING", "displayFormat": "S", "definedValues": ["a", "b", "c"]}
    api.create("contactAttributes", name="several", **several)
    return api


Ways = Iterator[tuple[str, str, Any, dict[str, str]]]


def ways_back(shown: list[Contact]) -> Ways:
    """Return every call that accepts contacts as they were read."""
    batch, by_name = "/contacts/{org}/batch", {"idType": "externalId"}
    yield "POST", batch, shown, {}
    yield "PUT", batch, shown, {}
    yield "PUT", batch, [*shown, *shown], by_name
    yield "PUT", batch, shown, {"updateType": "partial"}
    yield "PUT", batch, shown[0], {"updateType": "partial"} | by_name
    for contact in shown:
        yield from single_ways_back(contact)


def single_ways_back(contact: Contact) -> Ways:
    one = f"/contacts/{{org}}/{contact['id']}"
    operations = [{"op": "replace", "path": f"/{name}", "value": value} for name, value in contact.items()]
    yield "PUT", one, contact, {}
    yield "PUT", f"/contacts/{{org}}/{contact['externalId']}", contact, {"idType": "externalId"}
    yield "POST", "/contacts/{org}", contact, {}
    yield "PATCH", one, operations, {}
    yield "PATCH", one, operations[-1], {}


def without_zone(contact: dict[str, Any]) -> Contact:
    """Return a replacement that clears the zone and leaves the quiet times as they are."""
    paths = [
        {key: value for key, value in path.items() if key != "quietTimeFrames"}
        for path in contact.get("paths", [])
    ]
    return contact | {"timezoneId": "", "paths": paths}


def test_contact_that_was_read_can_be_written_back(seeded: Api, owner: psycopg.Connection) -> None:
    api = seeded

    def versions() -> Any:
        """Return the versions of rows in the database, which change with every write."""
        query = "SELECT id, xmin::text, updated_at FROM contacts WHERE organization_id = %s ORDER BY id"
        return owner.execute(query, [api.organization]).fetchall()

    @given(st.lists(contacts(), min_size=1, max_size=5), st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[phase for phase in Phase if phase is not Phase.explain],
    )
    def check(sent: list[Contact], loses_zones: bool) -> None:
        named = [contact | {"externalId": str(number)} for number, contact in enumerate(sent)]
        api.store(*named)
        if loses_zones:
            api.put(*map(without_zone, named))
        shown, before = api.page(), versions()
        assert len(shown) == len(sent)
        for method, path, body, query in ways_back(shown):
            answer = api.call(method, path, json=body, params=query)
            assert (answer.status_code, answer.json().get("code", 100)) == (200, 100), (
                method,
                query,
                answer.text,
            )
            assert api.page() == shown, (method, query)
            assert versions() == before, (method, query)
        api.ask("DELETE", "/contacts/{org}/batch", [contact["id"] for contact in shown])

    check()
