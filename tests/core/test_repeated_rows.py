"""Batches of the Everbridge API that repeat rows end as they would if every row was read: the same answers,
the same outcomes and the same contacts, whatever other calls change between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.core.execute import execute
from contactory.dialects.base import Reply, Request, json_encode
from contactory.dialects.everbridge import Everbridge, rows
from contactory.dialects.everbridge.columns import read_rows
from contactory.dialects.propeller.columns import KeyOptions
from contactory.dialects.propeller.decode import decode_bulk
from contactory.dialects.propeller.resources import CONTACT
from contactory.model.bulk import Outcomes, Status
from contactory.model.caller import Actor, Caller
from contactory.model.problems import Refusal
from contactory.store.administration import Administration
from contactory.store.database import Database
from tests.core.one_call.running import ENCRYPTION, examples, run, stored

EMAIL, PHONE = 241901148045316, 241901148045319
FIRST_GROUP, SECOND_GROUP, RECORD_TYPE, STAFF, ATTRIBUTE = 71, 72, 73, 74, 75
NIGHT = [{"name": "Night", "days": [1], "fromHour": 20, "fromMin": 0, "toHour": 6, "toMin": 0}]
PLACE = {"locationName": "Office", "streetAddress": "Main 1", "country": "NL"}
BY_ID: Final = next(bulk for bulk in CONTACT.bulks if bulk.lookup_key == "id")

mail = st.fixed_dictionaries(
    {"pathId": st.just(EMAIL), "value": st.sampled_from(["a@e.org", "b@e.org"])},
    optional={"quietTimeFrames": st.sampled_from([[], NIGHT])},
)
phone = st.fixed_dictionaries(
    {
        "prompt": st.sampled_from(["Mobile", "SMS 1"]),
        "value": st.sampled_from(["0612345678", "0612345679", "1"]),
    },
    optional={"countryCode": st.sampled_from(["NL", "NL", "NL", "BE"])},
)
contact = st.fixed_dictionaries(
    {
        "externalId": st.sampled_from(["a", "b", "c", "d", " a", "é", ""]),
        "firstName": st.sampled_from(["F", "F", "F", ""]),
        "lastName": st.just("L"),
        "recordTypeName": st.sampled_from(["Staff", "Guest"]),
    },
    optional={
        "suffix": st.sampled_from(["Jr.", None]),
        "timezoneId": st.sampled_from(["Asia/Tokyo", "Asia/Tokyo", ""]),
        "groups": st.sampled_from([[FIRST_GROUP], [FIRST_GROUP, SECOND_GROUP], []]),
        "groupsName": st.sampled_from([["Field"], ["Field", "Desk"], ["Nobody"]]),
        "contactAttributes": st.sampled_from([[{"name": "Car", "values": "A"}], [{"orgAttrId": ATTRIBUTE}]]),
        "address": st.sampled_from([[], PLACE, [{**PLACE, "gisLocation": {"lat": 52.5, "lon": 4}}]]),
        "paths": st.lists(st.one_of(mail, phone), max_size=3),
        "vip": st.sampled_from([True, "yes", 5]),
        "unknown": st.just({"kept": False}),
    },
)
batch = st.tuples(
    st.lists(st.integers(0, 5), min_size=1, max_size=6),
    st.sampled_from(
        [
            ("POST", {}),
            ("PUT", {}),
            ("PUT", {"idType": ["externalId"]}),
            ("PUT", {"updateType": ["partial"], "idType": ["externalId"]}),
        ]
    ),
)


class Other(NamedTuple):
    """A call that is no batch. `{a}` in an address is the id of the contact "a"."""

    method: str
    path: str
    body: Any = None
    query: Mapping[str, list[str]] = {}
    values: Mapping[str, str] = {}


_ONE: Final = "/contacts/{organization_id:str}/{contact_id:str}"
_GROUP: Final = "/groups/{organization_id:str}/{entry_id:str}"
_MEMBERS: Final = "/groups/{organization_id:str}/contacts"
_METHOD: Final = "/contactPaths/{organization_id:str}/{entry_id:str}"
_ATTRIBUTE: Final = "/contactAttributes/{organization_id:str}/{entry_id:str}"
_TYPE: Final = "/recordTypes/{organization_id:str}/{entry_id:str}"
_BY_KEY: Final = {"idType": ["externalId"]}
_A: Final = {"contact_id": "a"}
_CAR: Final = {"entry_id": str(ATTRIBUTE)}
_REPLACEMENT: Final = {"externalId": "a", "firstName": "G", "lastName": "L", "recordTypeName": "Staff"}
_F: Final = {"entry_id": str(FIRST_GROUP)}
_OF_FIRST: Final = _BY_KEY | {"groupId": [str(FIRST_GROUP)]}


def _patch(op: str, path: str, value: Any = None) -> Other:
    return Other("PATCH", _ONE, [{"op": op, "path": path, "value": value}], _BY_KEY, _A)


def _attribute(type_: str) -> dict[str, Any]:
    return {"id": ATTRIBUTE, "name": "Car", "dataType": type_, "displayFormat": "F"}


OTHERS: Final = [
    _patch("replace", "/suffix", "Sr."),
    _patch("replace", "/externalId", "d"),
    _patch("replace", "/paths", [{"pathId": EMAIL, "value": "a@e.org", "quietTimeFrames": NIGHT}]),
    _patch("replace", "/timezoneId", "Asia/Tokyo"),
    _patch("replace", "/groups", []),
    _patch("replace", "/groups", [SECOND_GROUP]),
    _patch("replace", "/contactAttributes", []),
    Other("DELETE", _ONE, None, _BY_KEY, _A),
    Other("PUT", _ONE, _REPLACEMENT, _BY_KEY, _A),
    Other("POST", _MEMBERS, ["a", "b"], _OF_FIRST),
    Other("DELETE", _MEMBERS, ["a", "b"], _OF_FIRST),
    Other("POST", f"{_MEMBERS}/sequence", ["b"], _OF_FIRST),
    Other("PUT", _GROUP, {"name": "Desk"}, {}, _F),
    Other("PUT", _GROUP, {"name": "Field"}, {}, _F),
    Other("DELETE", _GROUP, None, {}, _F),
    Other("POST", "/groups/{organization_id:str}", {"id": FIRST_GROUP, "name": "Field"}),
    Other("POST", "/groups/{organization_id:str}", {"id": SECOND_GROUP, "name": "Desk"}),
    Other("DELETE", _TYPE, None, {}, {"entry_id": str(RECORD_TYPE)}),
    Other("POST", "/recordTypes/{organization_id:str}", {"id": RECORD_TYPE, "name": "Guest"}),
    Other("PUT", _ATTRIBUTE, _attribute("NUMBER"), {}, _CAR),
    Other("PUT", _ATTRIBUTE, _attribute("STRING"), {}, _CAR),
    Other("DELETE", _ATTRIBUTE, None, {}, _CAR),
    Other("PUT", _METHOD, {"status": "D"}, {}, {"entry_id": str(EMAIL)}),
    Other("PUT", _METHOD, {"status": "A"}, {}, {"entry_id": str(EMAIL)}),
    Other("PUT", _METHOD, {"prompt": "Mobile"}, {}, {"entry_id": str(PHONE)}),
]  # fmt: skip
PROPELLER: Final = [{"lastName": "P"}, {"firstName": "F", "lastName": "L"}]
"""Rows that another API sends for the contact "a"."""

step = st.one_of(batch, batch, batch, st.sampled_from(OTHERS), st.sampled_from(PROPELLER))


class Organization:
    """The calls of one organization. `repeats`: whether its rows are recognised by their digests."""

    def __init__(self, database: Database, administration: Administration, *, repeats: bool) -> None:
        self.id = administration.create_organization("Repeats")
        self._database = database
        self._repeats = repeats
        self._endpoints = {(one.method, one.path): one for one in Everbridge().endpoints}
        for other in OTHERS[15:17]:
            self.call(other)
        for id_, name in ((RECORD_TYPE, "Guest"), (STAFF, "Staff")):
            self.call(Other("POST", "/recordTypes/{organization_id:str}", {"id": id_, "name": name}))
        self.call(Other("POST", "/contactAttributes/{organization_id:str}", _attribute("STRING")))

    def send(self, contacts: list[Any], method: str, query: dict[str, list[str]]) -> Any:
        return self.call(Other(method, "/contacts/{organization_id:str}/batch", contacts, query))

    def call(self, other: Other) -> Any:
        """Return the reply to a call, and the outcomes of its rows."""
        endpoint = self._endpoints[other.method, other.path]
        caller = Caller(self.id, None, None, frozenset("*"), "manager")
        body = b"" if other.body is None else json_encode(other.body)
        path = {"organization_id": str(self.id), **other.values}
        with _fewest_rows(1 if self._repeats else 10**9):
            try:
                call = endpoint.decode(Request(path, other.query, {}, body, caller=caller))
                result = execute(self._database, ENCRYPTION, Actor(self.id), call.command)
            except Refusal as refusal:
                return refusal.problem
        statuses = result.statuses if isinstance(result, Outcomes) else []
        return _anonymous(call.encode(result)), statuses

    def write_by_propeller(self, fields: dict[str, str]) -> Any:
        ids = [record.id for record in stored(self._database, self.id) if _key_of(record) == "a"]
        if not ids:
            return None
        body = json_encode({"contacts": [{"id": ids[0], **fields}]})
        write, _ = decode_bulk(CONTACT, BY_ID, body, KeyOptions("NL", pair=False), 100)
        return run(self._database, self.id, write).statuses

    def contacts(self) -> Any:
        found = [(_key_of(record), record.values) for record in stored(self._database, self.id)]
        return sorted(found, key=repr)


@contextmanager
def _fewest_rows(fewest: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "FEWEST_ROWS", fewest)
        yield


def _key_of(record: Any) -> str:
    return "".join(one.key for one in record.identities if one.system == "everbridge")


def _anonymous(reply: Reply) -> Any:
    """Leave out what differs between organizations."""
    document = msgspec.json.decode(reply.body)
    hidden = ("id", "baseUri", "instanceUri")
    return reply.status, {name: value for name, value in document.items() if name not in hidden}


@examples
@given(st.lists(contact, min_size=6, max_size=6), st.lists(step, min_size=2, max_size=9))
def test_repeated_rows_end_as_rows_that_are_read(
    database: Database, administration: Administration, contacts: list[Any], steps: list[Any]
) -> None:
    read, known = (Organization(database, administration, repeats=repeats) for repeats in (False, True))
    for one in steps:
        if isinstance(one, Other):
            answers = [organization.call(one) for organization in (read, known)]
        elif isinstance(one, dict):
            answers = [organization.write_by_propeller(one) for organization in (read, known)]
        else:
            numbers, (method, query) = one
            sent = [contacts[number] for number in numbers]
            answers = [organization.send(sent, method, query) for organization in (read, known)]
        assert answers[0] == answers[1], one
        assert read.contacts() == known.contacts(), one


def test_a_repeated_row_is_not_read(
    database: Database, administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = Organization(database, administration, repeats=True)
    people = [
        {
            "externalId": key,
            "firstName": "F",
            "lastName": "L",
            "recordTypeName": "Staff",
            "groups": [FIRST_GROUP],
        }
        for key in "abcd"
    ]
    counted = list[int]()

    def count(found: Any, *given: Any, **named: Any) -> Any:
        counted.append(len(found))
        return read_rows(found, *given, **named)

    monkeypatch.setattr(rows, "read_rows", count)
    for query in ({}, {}, {"idType": ["externalId"]}):
        answer = organization.send(people, "PUT" if query else "POST", query)
        assert answer[0] == (200, {"message": "OK", "code": 100})
    assert sum(counted) == 4
    organization.send([people[0], {**people[1], "suffix": "Jr."}, people[2]], "POST", {})
    assert sum(counted) == 5
    # What changes the directory lets rows be read once more, and then they are known again.
    organization.call(Other("PUT", _GROUP, {"name": "Yard"}, {}, _F))
    for times in (8, 8):
        before = organization.contacts()
        _, statuses = organization.send([people[0], people[2], people[3]], "POST", {})
        assert statuses == [Status.UNCHANGED] * 3 and organization.contacts() == before
        assert sum(counted) == times
    organization.call(Other("DELETE", _MEMBERS, ["a"], _OF_FIRST))
    _, statuses = organization.send([people[0], people[2], people[3]], "POST", {})
    assert statuses == [Status.UPDATED, Status.UNCHANGED, Status.UNCHANGED]
    assert sum(counted) == 9
