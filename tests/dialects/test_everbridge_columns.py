"""Rows of an Everbridge batch: read by columns they are what the exact reader reads, row by row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contactory.dialects.base import UNREADABLE
from contactory.dialects.everbridge import rows as batches
from contactory.dialects.everbridge.columns import read_rows
from contactory.dialects.everbridge.items import Contact, contacts
from contactory.dialects.everbridge.rows import Rows
from contactory.dialects.everbridge.targets import WriteOptions
from contactory.dialects.everbridge.write import check_identity
from contactory.model.bulk import BulkWrite
from contactory.model.directory import Directory, Entry
from contactory.model.fields import CONTACTS
from contactory.model.problems import Refusal

OPTIONS: Final = (WriteOptions(creates=True), WriteOptions(full=False), WriteOptions(by_id=True))
TYPES: Final = ("EMAIL", "PLAINTEXTEMAIL", "SMS", "PHONE", "PAGER")


def entry(kind: str, number: int, name: str, **details: Any) -> Entry:
    return Entry(kind=kind, number=number, name=name, details=details)


DIRECTORY: Final = Directory(
    [
        *(entry("record_type", number, name) for number, name in enumerate(("Employee", "Ünit"), 1)),
        *(entry("group", number, name) for number, name in enumerate(("Staff", "Night shift", "7"), 1)),
        *(entry("path", number, type_, pathType=type_) for number, type_ in enumerate(TYPES, 1)),
        entry("attribute", 1, "Locker", dataType="STRING", displayFormat="F"),
        entry("attribute", 2, "Size", dataType="STRING", displayFormat="S", definedValues=["S", "M", "5"]),
        entry("attribute", 3, "Born", dataType="DATE", displayFormat="F"),
        entry("attribute", 4, "Skills", dataType="STRING", displayFormat="M"),
        entry("attribute", 5, "Weight", dataType="NUMBER", displayFormat="F"),
        entry("attribute", 6, "Fit", dataType="BOOLEAN", displayFormat="L", definedValues=["true"]),
    ]
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4) | st.sampled_from(
    [
        "",
        " ",
        "\u00a0",
        "\u3000x",
        "é",
        "e\u0301",
        'a"b\\/\n\t',
        "\0",
        "x\u200b",
        "\x1c",
        "a" * 41,
        "é" * 60,
        "a" * 101,
        "a" * 1001,
        "é" * 600,
        "true",
        "0",
        "12",
        " 7 ",
        "None",
    ]
)
odd = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, -1, 5, 2**63, 2**70, 10**30, 1.0, 1.5, -0.0, 1e300])
    | st.sampled_from([[], {}, [1], [None], ["a"], [[]], [{}], {"a": 1}])
    | texts
)
flags = st.sampled_from([True, False, "true", "No", "", " YES ", 1, 0, 1.0, None, "maybe", 2])


def ids(*names: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([1, 2, 3, "1", " 2 ", "03", 1.0, 0, "0", "", None, 99, "x", *names])


def members(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Generate objects with some members, of which a few have values of any type, and unknown members."""
    some = {name: st.one_of(*[value] * 9, odd) for name, value in values.items()}
    return st.fixed_dictionaries({}, optional={**some, "unknown": odd})


def many(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(items, max_size=3) | items | st.none()


phones = st.sampled_from(
    [
        "+31 6 12345678",
        "06-12345678",
        "0031612345678",
        "(202) 555-0101",
        "+1 202 555 0101",
        "+882 16 1234567",
        "612345678",
        "\uff0b31612345678",
        "+3161234567\u0668",
        "12",
        "+",
        "a+31 20 6241111",
        "1" * 40,
        "+44",
    ]
)
emails = st.sampled_from(
    [
        "a@b.nl",
        " a@b.nl ",
        "A.b@c-d.example.org\u00a0",
        "a b@c.nl",
        "a@b",
        "é@é.nl",
        "a\u200b@b.nl",
        "a" * 330,
    ]
)
frame = members(
    name=texts,
    days=many(st.integers(0, 8)),
    **dict.fromkeys(("fromHour", "fromMin", "toHour", "toMin"), st.sampled_from([0, 5, "7", 23, 59, 60])),
)
path = members(
    pathId=st.sampled_from([1, 2, 3, 4, 5]) | ids(),
    prompt=st.sampled_from([*TYPES, " SMS ", "sms"]),
    value=st.one_of(emails, phones, texts),
    countryCode=st.sampled_from(["NL", "nl ", "US", "", "XX", "001", None]) | texts,
    phoneExt=texts | st.integers(),
    waitTime=st.sampled_from([0, 60, "60", 2.0, "", None, -1]),
    pathEnable=flags,
    skipValidation=flags,
    quietTimeFrames=st.one_of(st.none(), st.just([]), many(frame)),
)
location = members(
    lat=st.floats(-91, 91) | st.integers(-91, 91) | st.sampled_from(["52.1", None, 90]),
    lon=st.floats(-181, 181) | st.integers(-181, 181) | st.sampled_from(["4", 4.0]),
)
address = members(
    **dict.fromkeys(
        ("suite", "city", "source", "locationSource", "assetExternalId", "iata", "arriveDate"), texts
    ),
    locationName=st.sampled_from(["Office", "Home", 5, "5"]) | texts,
    streetAddress=st.sampled_from(["Dorpsstraat 1", 'The "Nr" 5\\', 7]) | texts,
    country=st.sampled_from(["NL", "us", "US", "CA", "ÄÖ", "ﬁ"]) | texts,
    state=st.sampled_from(["CA", "Texas", "Québec", "ON"]) | texts,
    postalCode=st.sampled_from(["90210", "90210-1234", "1011 AB", 90210, "9"]) | texts,
    locationId=ids(),
    locationSourceId=ids(),
    gisLocation=location | st.sampled_from([[], None, [[]], [{"lat": 1, "lon": 1}]]),
)
attribute = members(
    orgAttrId=st.integers(0, 7) | ids(),
    name=st.sampled_from(["Locker", "Size", " Born ", "Skills", "Weight", "Fit", "None"]),
    values=many(
        st.sampled_from(["S", "M", 5, "2020-01-01", "2020-02-30", 1.5, 5.0, True, False, "true", "1e3"])
        | texts
    ),
)
contact = members(
    **dict.fromkeys(("firstName", "lastName"), st.just("Ada") | texts | st.integers()),
    **dict.fromkeys(("middleInitial", "suffix", "country", "businessName", "ssoUserId"), texts),
    **dict.fromkeys(("vip", "expatriate", "uploadProcessing"), flags),
    id=st.sampled_from([0, "", "0", None]),
    timezoneId=st.sampled_from(["Europe/Amsterdam", "Asia/Tokyo", "", None, "Nowhere"]),
    individualAccountId=ids("12345678901"),
    recordTypeId=ids(),
    recordTypeName=st.sampled_from(["Employee", " Ünit ", "Nobody", "", None]),
    groups=many(ids()),
    groupsName=many(st.sampled_from(["Staff", " Night shift", 7, "Nobody", ""])),
    topics=many(ids()),
    contactAttributes=many(attribute),
    address=many(address),
    paths=many(path),
)
repeats = ['"vip":{},', '"vip":true,', '"first\\u004eame":"Eve",', '"x":[],']
valid: Final = {
    "firstName": "Ada",
    "lastName": "Łę",
    "recordTypeName": "Employee",
    "timezoneId": "Europe/Amsterdam",
}
external_ids = st.sampled_from(["A-1", "B 2", "Ç3", 7, "\u200bx\u200b", "é" * 30, "a\u200bb", " ", "a" * 51])


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Generate batches in several ways to write them: with escapes or not, with a member twice or not."""
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        row = (valid if draw(st.integers(0, 3)) else {}) | draw(contact)
        written = json.dumps(
            {"externalId": draw(external_ids), **row},
            ensure_ascii=draw(st.booleans()),
            separators=draw(st.sampled_from([(",", ":"), (" , ", "\n: ")])),
        )
        if draw(st.integers(0, 9)) == 0:
            repeated = draw(
                st.sampled_from(['"vip":{},', '"vip":true,', '"first\\u004eame":"Eve",', '"x":[],'])
            )
            written = "{" + repeated + written[1:]
        rows.append(written)
    return f" [{' ,'.join(rows)} ] ".encode()


@settings(max_examples=300, deadline=None)
@example(b'[{"externalId":"A","timezoneId":"","paths":[{"value":"","waitTime":1e999}]}]', OPTIONS[1])
@given(bodies(), st.sampled_from(OPTIONS))
def test_columns_are_those_of_the_exact_reader(body: bytes, options: WriteOptions) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "FEWEST_ROWS", 1)
        patch.setattr(batches, "FEWEST_COLUMNAR", 1)
        rows = Rows.of(body, options, 1)
        if rows is None:
            return
        rows.write(DIRECTORY)
        try:
            expected, refused = read_exactly(body, options)
        except UNREADABLE:
            with pytest.raises(Refusal):
                rows.read(range(rows.count), BulkWrite(kind=CONTACTS, count=rows.count))
            return
        read = rows.read(range(rows.count), BulkWrite(kind=CONTACTS, count=rows.count))
    assert read.refused == refused
    assert given_of(read.columns) == given_of(expected)


def read_exactly(body: bytes, options: WriteOptions) -> Any:
    def mark(contact: Contact) -> None:
        check_identity(contact, options, None)

    found = [contacts.one.decode(row) for row in msgspec.json.decode(body, type=list[msgspec.Raw])]
    return read_rows(found, DIRECTORY, full=options.full, mark=mark, check=lambda *_: None)


def given_of(columns: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return the columns that have any values."""
    return {
        field: [*values] for field, values in columns.items() if any(value is not None for value in values)
    }
