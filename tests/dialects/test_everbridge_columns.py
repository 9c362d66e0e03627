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
from contactory.dialects.everbridge.rows import BatchRows
from contactory.dialects.everbridge.targets import WriteOptions
from contactory.dialects.everbridge.write import check_identity
from contactory.model.bulk import RowKeys
from contactory.model.directory import Directory, Entry
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

words = st.sampled_from(["x", "é", 'a"\\', "", "\n\x1f", "\u00a0", 5, "0", None])
names = st.sampled_from(["Ada", "Łę", 'O\'Neil "Jr" \\', "\u00a0Ö", 7, "e\u0301", "卸売", "\t."]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9
).filter(str.strip)
wrong: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        5,
        2**63,
        2**70,
        10**30,
        1.0,
        1.5,
        -0.0,
        1e300,
        [],
        {},
        [1],
        [None],
        ["a"],
        [[]],
    ]
    + ["", " ", "\u3000", "\0", "x\u200b", "\x1c", "12", " 7 ", "true", "None", 'a"b\\/\n\t\x00', "1e3", [{}]]
    + ["a" * size for size in (3, 11, 41, 101, 201, 1001)]
    + ["é" * size for size in (1, 2, 9, 40, 100, 600, 40_000)]
)
flags = st.sampled_from([True, False, "true", "No", "", " YES ", 1, 0, 1.0, None])
ids = st.sampled_from([1, 2, 3, "1", " 2 ", "03", 1.0])
no_ids = st.sampled_from([0, "0", "", None])
shares = st.shared(st.sampled_from([0, 0, 2, 20]), key="share of wrong values")


@st.composite
def members(draw: st.DrawFn, /, **values: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Generate objects with some members, of which in some batches a share, in percent, has wrong values."""
    share = draw(shares)
    found = {name: draw(value) for name, value in values.items() if draw(st.integers(0, 3))}
    for name in found:
        if share and draw(st.integers(0, 99)) < share:
            found[name] = draw(wrong)
    return found | draw(st.sampled_from([{}, {"unknown": [{"pathId": []}]}]))


def many(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(items, max_size=3), st.lists(items, max_size=3), items, st.none())


phone = st.sampled_from(
    [
        "+31 6 12345678",
        "\uff0b31 612345679",
        "+3161234567\u0668",
        "+1 202 555 0101",
        "+882 16 12345678",
        "+47 2",
        "+44 20 7946 0958",
        "06-12345678",
        "0031612345678",
        "612345678",
        "1" * 40,
        "+",
    ]
)
email = st.sampled_from(
    ["a@b.nl", " a@b.nl\t", "A.b@c-d.example.org", "é@é.nl", "\u200ba@b.nl", "x\u00a0@b.nl", "a@b", "", None]
)
times = dict.fromkeys(("fromHour", "fromMin", "toHour", "toMin"), st.sampled_from([0, 5, "7", 23]))
frame = st.fixed_dictionaries({"name": words, "days": many(st.integers(1, 7)), **times})
common: dict[str, st.SearchStrategy[Any]] = {
    "waitTime": st.sampled_from([0, 60, "60", 2.0, None]),
    "pathEnable": flags,
    "quietTimeFrames": st.one_of(st.none(), st.just([]), many(frame)),
    "phoneExt": words,
}
skips = st.sampled_from([False, None, "no", True])
path = st.one_of(
    members(pathId=st.sampled_from([1, "2"]), value=email, skipValidation=skips, countryCode=words, **common),
    members(
        prompt=st.sampled_from(["SMS", " PHONE "]),
        value=phone,
        skipValidation=skips,
        countryCode=st.sampled_from(["NL", "nl ", "US", "", None]),
        **common,
    ),
    members(pathId=st.just(5) | st.just("5"), value=names | words, prompt=words, **common),
)
location = st.fixed_dictionaries(
    {"lat": st.floats(-90, 90) | st.integers(-90, 90), "lon": st.floats(-181, 180) | st.just("4")}
)
address = st.builds(
    lambda required, rest: required | rest,
    st.fixed_dictionaries(
        {
            "locationName": names,
            "streetAddress": names,
            "country": st.sampled_from(["NL", "us", "US", "CA", "ÄÖ"]),
        }
    ),
    members(
        **dict.fromkeys(("suite", "city", "source", "locationSource", "iata", "arriveDate"), words),
        state=st.sampled_from(["CA", "Québec", "", "ON"]),
        postalCode=st.sampled_from(["90210", "90210-1234", "1011 AB", 90210, ""]),
        locationId=ids | no_ids,
        locationSourceId=ids,
        gisLocation=location | st.sampled_from([[], None, {}]),
    ),
)
attribute = st.one_of(
    members(
        name=st.sampled_from(["Locker", " Skills "]), values=many(words | st.sampled_from([1.5, 5.0, True]))
    ),
    members(orgAttrId=st.sampled_from([1, "4", 4.0]), values=names),
    members(name=st.just("Size"), values=st.sampled_from(["S", ["M"], 5, ["S", "5"]])),
    members(name=st.just("Born"), values=st.sampled_from(["2020-02-29", ["2020-02-28"], "2021-02-29"])),
    members(name=st.just("Weight"), orgAttrId=no_ids, values=st.sampled_from([7, "1e3", [0.1], "x"])),
    members(orgAttrId=st.just(6), name=words, values=st.sampled_from([True, "true", ["true"]])),
)
contact = members(
    firstName=names,
    lastName=names,
    businessName=words,
    suffix=words,
    middleInitial=st.sampled_from(["x", "é", "", "e\u0301", 5, None]),
    ssoUserId=st.sampled_from(["ada", "Ada L", "\u200bé", 7, None, "e\u0301" * 600]),
    **dict.fromkeys(("vip", "expatriate", "uploadProcessing"), flags),
    id=no_ids,
    timezoneId=st.sampled_from(["Europe/Amsterdam", "Asia/Tokyo"]),
    individualAccountId=ids | no_ids,
    recordTypeId=ids.filter(lambda value: str(value)[-1] in "12") | no_ids,
    groups=many(ids | no_ids),
    groupsName=many(st.sampled_from(["Staff", " Night shift", 7])),
    topics=many(ids),
    contactAttributes=many(attribute),
    address=many(address),
    paths=many(path),
)
valid: Final = {
    "firstName": "Ada",
    "lastName": "Łę",
    "recordTypeName": "Employee",
    "timezoneId": "Europe/Amsterdam",
}
external_ids = st.sampled_from(["A-1", "B 2", "Ç3", 7, "\u200bx\u200b", "é" * 30, "A", "B", "C", "D"])
prefixes = st.sampled_from([""] * 20 + ['"vip":{},', '"vip":true,', '"first\\u004eame":"Eve",', '"x":[],'])


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Generate batches in several ways to write them: with escapes or not, with a member twice or not."""
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        row = {"externalId": draw(external_ids), **valid, **draw(contact)}
        written = json.dumps(
            row,
            ensure_ascii=draw(st.booleans()),
            separators=draw(st.sampled_from([(",", ":"), (" , ", "\n: ")])),
        )
        rows.append("{" + draw(prefixes) + written[1:])
    return f" [{' ,'.join(rows)} ] ".encode()


@settings(max_examples=300, deadline=None)
@example(b'[{"externalId":"A","timezoneId":"","paths":[{"value":"","waitTime":1e999}]}]', OPTIONS[1])
@given(bodies(), st.sampled_from(OPTIONS))
def test_columns_are_those_of_the_exact_reader(body: bytes, options: WriteOptions) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "FEWEST_ROWS", 1)
        patch.setattr(batches, "FEWEST_COLUMNAR", 1)
        rows = BatchRows.of(body, options, 1)
        if rows is None:
            return
        rows.write(DIRECTORY)
        try:
            expected, refused = read_exactly(body, options)
        except UNREADABLE:
            with pytest.raises(Refusal):
                rows.read(range(rows.count), RowKeys(count=rows.count))
            return
        read = rows.read(range(rows.count), RowKeys(count=rows.count))
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
