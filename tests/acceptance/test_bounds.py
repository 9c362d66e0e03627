"""Every bound of a body, a record and a field: a value at the bound is accepted, and one past it is refused
with its path, the number and the limit."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from contactory.model.limits import (
    DEEPEST,
    LARGEST_DOCUMENT,
    LARGEST_MAP,
    LONGEST_EMAIL,
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ADDRESSES,
    MOST_ATTRIBUTE_ITEMS,
    MOST_ATTRIBUTES,
    MOST_FRAMES,
    MOST_ITEMS,
    MOST_KEYS,
    MOST_NAMES,
    MOST_OPERATIONS,
    MOST_PATHS,
    MOST_PHONE_DIGITS,
    MOST_SOURCES,
)

from .client import BULK, Api, MakeApi, row
from .datananas.client import Api as Datananas
from .everbridge.client import EMAIL, PHONE, person
from .everbridge.client import Api as Everbridge
from .server import Server


@pytest.fixture
def strict(make_api: MakeApi, strict_server: Server) -> Api:
    """Make a client of the server that takes at most 100 rows a call."""
    return make_api(on=strict_server)


# Rows


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/contacts/{org}/batch"),
        ("POST", "/contacts/{org}/batch"),
        ("DELETE", "/contacts/{org}/batch"),
        ("POST", "/groups/{org}/contacts?groupId=1"),
        ("DELETE", "/groups/{org}/contacts?groupId=1"),
        ("POST", "/groups/{org}/contacts/sequence?groupId=1"),
    ],
)
def test_number_of_contacts_in_an_everbridge_array_follows_the_setting(
    strict: Api, http: httpx.Client, strict_server: Server, method: str, path: str
) -> None:
    api = Everbridge(http, strict_server.url, strict.organization, strict.token)
    named = method != "DELETE" and "groups" not in path

    def send(count: int) -> httpx.Response:
        items: list[Any] = [person(str(number)) if named else number + 1 for number in range(count)]
        return api.call(method, path, json=items)

    assert send(100).status_code != 413
    refused = send(101)
    assert refused.status_code == 413
    assert refused.json()["message"] == "Payload too large, the limit is 100 contacts, and there are 101"


def test_datananas_accepts_ten_thousand_contacts_and_refuses_one_more(datananas: Datananas) -> None:
    refused = datananas.ask("POST", "/contacts/bulk", {"contacts": [{}] * 10_001}, 400)
    assert refused["errors"][0]["message"].endswith("10000 contacts: there are 10001")


@pytest.mark.parametrize("items", ["1", "{}", "[]", '{"a":[]}', "null", '""'])
@pytest.mark.parametrize("method", ["propeller", "everbridge", "datananas"])
def test_body_of_many_tiny_rows_is_refused_without_using_memory(
    api: Api,
    everbridge: Everbridge,
    datananas: Datananas,
    server: Server,
    method: str,
    items: str,
) -> None:
    rows = "[" + ",".join([items] * 1_000_000) + "]"
    named = f'{{"contacts":{rows}}}'
    before = most_memory(server)
    if method == "propeller":
        assert api.error(413, "POST", BULK, content=named) == [
            "Payload too large, the limit is 50000 rows, and there are 1000000"
        ]
    elif method == "everbridge":
        refused = everbridge.call("POST", "/contacts/{org}/batch", content=rows)
        assert refused.status_code == 413
        assert "limit is 50000 contacts, and there are 1000000" in refused.json()["message"]
    else:
        answer = datananas.call("POST", "/contacts/bulk", content=named)
        assert answer.status_code == 400
        assert "there are 1000000" in answer.json()["errors"][0]["message"]
    # The body itself, in a few copies; one Python object for each value would be ten times that.
    assert most_memory(server) - before < 12 * len(named) / 2**20 + 20


def most_memory(server: Server) -> float:
    """Return the sum of the peak memory of the server's processes, in MB."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    peaks = 0
    for pid in children:
        status = Path(f"/proc/{pid}/status").read_text()
        if "postgres" not in status.splitlines()[0]:
            peaks += int(status.partition("VmHWM:")[2].split()[0])
    return peaks / 1024


@pytest.mark.parametrize("count", [MOST_KEYS, MOST_KEYS + 1, 400_000])
def test_number_of_unknown_keys_in_a_row_is_bounded(
    api: Api, everbridge: Everbridge, datananas: Datananas, count: int
) -> None:
    odd = {f"k{number}": 1 for number in range(count - 2)}
    said = api.error(10007, "POST", BULK, json={"contacts": [row(1), row(2, **odd)]})
    if count == MOST_KEYS:
        assert len(said) == 100
        assert all("is not permitted" in text for text in said)
        assert everbridge.call("POST", "/contacts/{org}/batch", json=[odd]).status_code == 400
        datananas.ask("POST", "/contacts/bulk", {"contacts": [odd]})
        return
    reason = f"has an object of {count} keys, more than {MOST_KEYS}"
    assert said == [f"#/contacts/1: {reason}"]
    odd |= {"a": 1, "b": 2}
    refused = everbridge.ask("POST", "/contacts/{org}/batch", [{}, odd], 400)
    assert refused["message"] == f"The [2] {reason}."
    errors = datananas.ask("POST", "/contacts/bulk", {"contacts": [{}, odd]}, 400)["errors"]
    assert errors == [{"i": 1, "field": "", "message": reason}]


@pytest.mark.parametrize("extra", [0, 1])
def test_depth_of_nesting_is_bounded(
    api: Api, everbridge: Everbridge, datananas: Datananas, extra: int
) -> None:
    """Check depths that the reader of a single value would accept, too."""
    api.post("/attributes", {"class": "contact", "name": "LIST", "type": "list"}, 201)

    def nested(above: int) -> Any:
        value: Any = 1
        for _ in range(DEEPEST - above + extra):
            value = [value]
        return value

    given = [{"class": "contact", "name": "LIST", "type": "list", "value": nested(5)}]
    priced = {"products": [{"id": 1, "pricing": {"x": nested(7)}}]}
    called = {"vars": {"x": nested(4)}, "email": "x@example.org"}
    if not extra:
        api.store(row(1, attributes=given), row(2, pricing=priced))
        datananas.ask("POST", "/contacts/bulk", {"contacts": [called]})
        assert api.count() >= 2
        return
    reason = f"is nested deeper than {DEEPEST} levels"
    assert api.refused(row(1), row(2, attributes=given)) == [f"#/contacts/1: {reason}"]
    assert api.refused(row(1), row(2, pricing=priced)) == [f"#/contacts/1: {reason}"]
    assert datananas.ask("POST", "/contacts/bulk", {"contacts": [called]}, 400)["errors"][0]["i"] == 0
    refused = everbridge.ask("POST", "/contacts/{org}/batch", [{"x": nested(2)}], 400)
    assert refused["message"] == f"The [1] {reason}."


def test_length_of_arrays_is_bounded(api: Api, everbridge: Everbridge) -> None:
    reason = f"has an array of {MOST_ITEMS + 1} items, more than {MOST_ITEMS}"
    for ids in ([1] * MOST_ITEMS, [1] * (MOST_ITEMS + 1)):
        priced = {"products": [{"id": 1}] * len(ids)}
        found = api.call("POST", "/contacts/search", json={"debtorIds": [str(id_) for id_ in ids]})
        queried = everbridge.call("POST", "/contacts/{org}/query", json={"contactIds": ids})
        defined = api.call("POST", "/attributes/bulk/name", json=[{}] * len(ids))
        if len(ids) == MOST_ITEMS:
            assert (found.status_code, queried.status_code) == (200, 200)
            api.store(row(1, pricing=priced))
            assert "required key" in defined.text
            continue
        assert api.refused(row(1), row(2, pricing=priced)) == [f"#/contacts/1: {reason}"]
        assert found.json()["error"]["messages"] == [f"#: {reason}"]
        assert queried.json()["message"] == f"The payload {reason}."
        assert defined.json()["error"]["messages"] == [f"#: {reason}"]


# Fields of the Propeller API


def test_too_long_text_fails_its_row(api: Api) -> None:
    def sent(**fields: Any) -> Any:
        return api.send(row(1, **fields))[0]

    for key, limit in {"lastName": LONGEST_NAME, "debtorId": LONGEST_NAME, "ssn": LONGEST_NAME}.items():
        assert sent(**{key: "é" * limit})["success"]
        assert sent(**{key: "é" * (limit + 1)})["error"] == (
            f"Field [{key}] has {limit + 1} characters, more than {limit}"
        )
    local = f"fe80::1%{'a' * (LONGEST_EMAIL - 12)}"
    assert sent(email=f"a@[{local}]")["success"]
    assert "more than 320" in sent(email=f"a@[{local}aa]")["error"]
    assert not sent(lastName="x" * 10_000_000)["success"]
    company: dict[str, Any] = {"source": "CRM", "sourceId": 1, "notes": "n" * LONGEST_TEXT}
    (stored,) = api.store_companies(company)
    company["notes"] += "n"
    (refused,) = api.post("/companies/bulk/sourceId", {"companies": [company]})["data"]
    assert refused["error"] == f"Field [notes] has {LONGEST_TEXT + 1} characters, more than {LONGEST_TEXT}"
    assert api.error(10017, "PATCH", f"/companies/id/{stored}", json={"notes": company["notes"]}) == [
        refused["error"]
    ]


def test_length_of_sources_and_keys_is_bounded(api: Api) -> None:
    long = "".join(chr(0x20000 + secrets.randbelow(40_000)) for _ in range(5000))
    assert api.store(row(long[:LONGEST_KEY], source=long[-LONGEST_KEY:]))
    for fields in ({"source": long}, {"sourceId": long}, {"sourceId": long[: LONGEST_KEY + 1]}):
        good, bad = api.send(row(1), {**row(2), **fields})
        assert good["success"]
        assert bad["error"].startswith("Invalid value [")
        assert bad["error"].endswith(f"for field [{next(iter(fields))}]")
    assert api.count() == 2


def test_attribute_values_of_a_row_are_bounded(api: Api) -> None:
    api.post("/attributes", {"class": "contact", "name": "A", "type": "text"}, 201)

    def value(text: Any) -> dict[str, Any]:
        return {"class": "contact", "name": "A", "type": "text", "value": text}

    def sent(values: Any) -> Any:
        return api.send(row(1, attributes=values), row(2))

    assert sent([value("v")] * MOST_ATTRIBUTES)[0]["success"]
    refused, other = sent([value("v")] * (MOST_ATTRIBUTES + 1))
    assert other["success"]
    assert refused["error"] == "Field [attributes] has 1001 values, more than 1000"
    assert sent([value("v" * (LONGEST_TEXT - 2))])[0]["success"]
    for long in ("v" * (LONGEST_TEXT - 1), [1] * 40_000):
        assert f"more than {LONGEST_TEXT}" in sent([value(long)])[0]["error"]
    assert "Field [attributes] has" in sent([value("v" * 60_000)] * 9)[0]["error"]
    said = api.error(10007, "POST", "/contacts/sourceId/1/attributes", json=[value("v")] * 1001)
    assert said == ["#: has an array of 1001 items, more than 1000"]


def test_number_of_sources_and_attributes_in_a_call_is_bounded(api: Api, everbridge: Everbridge) -> None:
    assert len(api.store(*(row(1, source=str(number)) for number in range(MOST_SOURCES)))) == MOST_SOURCES
    said = api.refused(*(row(1, source=str(number)) for number in range(MOST_SOURCES + 1)))
    assert said == ["#: the rows name more than 1000 sources"]

    def naming(count: int) -> list[dict[str, Any]]:
        values = [{"class": "contact", "name": str(n), "type": "text", "value": "v"} for n in range(count)]
        return [row(place, attributes=values[place::20]) for place in range(20)]

    assert {reply["success"] for reply in api.send(*naming(MOST_NAMES))} == {False}
    assert api.refused(*naming(MOST_NAMES + 1)) == ["#: the rows name 10001 attributes, more than 10000"]
    for count, code in ((MOST_NAMES - 1, "is not a group"), (MOST_NAMES, "names more than 10000 groups")):
        groups = [str(number) for number in range(count)]
        refused = everbridge.ask("POST", "/contacts/{org}/batch", [person("1", groupsName=groups)], 400)
        assert code in refused["message"]


@pytest.mark.parametrize("size", [1000, 300_000])
def test_error_message_repeats_a_bounded_part_of_a_value(
    api: Api, everbridge: Everbridge, datananas: Datananas, size: int
) -> None:
    """Check errors about keys, values and names."""
    long = "é" * size
    answers = [
        *(api.call("POST", BULK, json={"contacts": rows, **top}) for rows, top in (
            ([row(1, gender=long)], {}), ([row(1, email=long)], {}), ([row(1, **{long: 1})], {}),
            ([row(1, dateOfBirth=long)], {}), ([row(1, parent={"sourceId": long})], {}),
            ([row(1)], {"directives": [long]}), ([row(1)], {"directives": {long: True}}),
            ([row(1)], {long: 1}),
            ([row(1, attributes=[{"class": "contact", "name": long, "type": "t", "value": "v"}])], {}),
        )),
        api.call("POST", "/contacts/search", json={"dateCreated": {"from": long[:30_000]}}),
        *(everbridge.call("POST", "/contacts/{org}/batch", json=[person("1", **fields)]) for fields in (
            {"groupsName": [long]}, {"recordTypeName": long}, {"vip": long}, {"timezoneId": long},
            {"contactAttributes": [{"name": long}]}, {"paths": [{"prompt": long, "value": "x"}]},
        )),
        everbridge.call("POST", "/groups/{org}/contacts?groupId=1&idType=externalId", json=[long]),
        *(datananas.call("POST", "/contacts/bulk", json={"contacts": [fields]}) for fields in (
            {"source": long}, {"email": long}, {"collectedAt": long}, {"vars": long},
        )),
        datananas.call("POST", "/contacts/bulk", json={"contacts": [{}], "list": {"_id": long}}),
        datananas.call("POST", "/contacts/bulk", json={"contacts": [{}], "list": {"name": long}}),
    ]  # fmt: skip
    for answer in answers:
        assert answer.status_code < 500
        assert 'success":true' not in answer.text.replace(" ", "")
        assert len(answer.content) < 3000, (answer.request.url, answer.text[:200])


def test_length_of_attribute_names_is_bounded(api: Api) -> None:
    long = "".join(secrets.choice("ABCXYZ019_") for _ in range(LONGEST_KEY + 1))
    named = {"class": "contact", "type": "text", "name": long[:LONGEST_KEY]}
    api.post("/attributes", named, 201)
    said = api.error(10007, "POST", "/attributes", json=named | {"name": long})
    assert said == [f"#/name: expected maxLength: {LONGEST_KEY}, actual: {LONGEST_KEY + 1}"]
    assert api.error(10007, "POST", "/attributes/bulk/name", json=[named | {"name": long}])


# Fields of the Everbridge API


def frame(number: int) -> dict[str, Any]:
    return {"name": str(number), "days": [1], "fromHour": 1, "fromMin": 0, "toHour": 2, "toMin": 0}


def place(number: int) -> dict[str, str]:
    return {"locationName": str(number), "streetAddress": "A 1", "country": "NL"}


def path(number: int, **more: Any) -> dict[str, Any]:
    return {"pathId": EMAIL, "value": f"a{number}@example.org", **more}


def test_arrays_of_a_contact_are_bounded(everbridge: Everbridge) -> None:
    colour = everbridge.create(
        "contactAttributes", name="C", displayFormat="S", dataType="STRING", definedValues=["x"]
    )
    limits: dict[str, tuple[int, Callable[[int], Any]]] = {
        "paths": (MOST_PATHS, lambda count: [path(number) for number in range(count)]),
        "address": (MOST_ADDRESSES, lambda count: [place(number) for number in range(count)]),
        "contactAttributes": (MOST_ATTRIBUTES, lambda count: [{"name": "C", "values": ["x"]}] * count),
    }
    for field, (limit, make) in limits.items():
        everbridge.store(person("1", **{field: make(limit)}))
        refused = everbridge.ask(
            "POST", "/contacts/{org}/batch", [person("1", **{field: make(limit + 1)})], 400
        )
        assert refused["message"] == f"{field} has {limit + 1} items, more than {limit}."
    quiet = [path(1, quietTimeFrames=[frame(number) for number in range(MOST_FRAMES + 1)])]
    refused = everbridge.ask(
        "POST", "/contacts/{org}/batch", [person("1", timezoneId="UTC", paths=quiet)], 400
    )
    assert "paths[0].quietTimeFrames has 101 items" in refused["message"]
    quiet[0]["quietTimeFrames"].pop()
    everbridge.store(person("1", timezoneId="UTC", paths=quiet))
    values = [{"orgAttrId": colour, "values": ["x"] * (MOST_ATTRIBUTE_ITEMS + 1)}]
    refused = everbridge.ask("POST", "/contacts/{org}/batch", [person("1", contactAttributes=values)], 400)
    assert "contactAttributes[0].values has 1001 items" in refused["message"]


def test_size_of_the_documents_of_a_record_is_bounded(api: Api, everbridge: Everbridge) -> None:
    """Check prices of one record, paths of one contact, and details of one group."""
    item = {"id": 1, "pricing": {"x": "x" * 60_000}}
    for count in (8, 9):
        prices = {"products": [item] * count}
        (reply,) = api.send(row(1, pricing=prices))
        alone = api.call("POST", "/contacts/sourceId/1/pricing", json=prices)
        assert reply["success"] == (alone.status_code == 200) == (count == 8)
    size = len(json.dumps(prices, separators=(",", ":")))
    assert reply["error"].startswith("Field [pricing] has ")
    assert alone.json()["error"]["messages"] == [f"#: has {size} bytes, more than {LARGEST_DOCUMENT}"]
    long = [path(number, phoneExt="e" * 900, skipValidation=True) for number in range(MOST_PATHS)]
    everbridge.store(person("1", paths=long))
    quiet = [{**frame(number), "name": f"{number}{'n' * 900}"} for number in range(10)]
    heavy = person("1", timezoneId="UTC", paths=[path(number, quietTimeFrames=quiet) for number in range(99)])
    refused = everbridge.ask("POST", "/contacts/{org}/batch", [heavy], 400)
    assert refused["message"].startswith("paths has ")
    assert refused["message"].endswith(f"more than {LARGEST_DOCUMENT}.")
    many = {"displayFormat": "S", "dataType": "STRING", "definedValues": ["v" * 900] * 900}
    refused = everbridge.ask("POST", "/contactAttributes/{org}", {"name": "A", **many}, 400)
    assert refused["message"].startswith("The body has ")
    defined = {"class": "contact", "name": "A", "type": "list", "value": ["v" * 60_000] * 9}
    assert "bytes, more than" in api.error(10007, "POST", "/attributes", json=defined)[0]


def test_texts_and_numbers_of_a_contact_are_bounded(everbridge: Everbridge) -> None:
    def message(**fields: Any) -> str:
        answer = everbridge.ask("POST", "/contacts/{org}/batch", [person("1"), person("2", **fields)])
        return str(answer["data"][0])

    everbridge.store(person("2", businessName="b" * LONGEST_NAME))
    assert message(businessName="b" * (LONGEST_NAME + 1)).startswith(
        "The [2] businessName has 1001 characters"
    )
    assert "address[0].iata has 1001" in message(address=[{**place(1), "iata": "x" * 1001}])
    long = "a" * (LONGEST_EMAIL - 11)
    everbridge.store(person("2", paths=[path(1, value=f"{long}@example.nl")]))
    assert "has 321 characters" in message(paths=[path(1, value=f"a{long}@example.nl")])
    number = {"pathId": PHONE, "countryCode": "NL", "skipValidation": True}
    everbridge.store(person("2", paths=[{**number, "value": "1" * MOST_PHONE_DIGITS}]))
    assert "paths[0].value has 33 digits, more than 32" in message(
        paths=[{**number, "value": "1" * (MOST_PHONE_DIGITS + 1)}]
    )
    assert "is not between" in message(paths=[path(1, waitTime=int("9" * 4000))])


@pytest.mark.parametrize("resource", ["groups", "recordTypes", "contactAttributes"])
def test_length_of_directory_names_is_bounded(everbridge: Everbridge, resource: str) -> None:
    limit = 40 if resource == "contactAttributes" else LONGEST_KEY
    long = "".join(chr(0x20000 + secrets.randbelow(40_000)) for _ in range(limit + 1))
    more = {"displayFormat": "F", "dataType": "STRING"} if resource == "contactAttributes" else {}
    everbridge.create(resource, name=long[:limit], **more)
    refused = everbridge.ask("POST", f"/{resource}/{{org}}", {"name": long, **more}, 400)
    assert refused["message"] == f"name has {limit + 1} characters, more than {limit}."


def test_number_of_operations_in_a_partial_update_is_bounded(everbridge: Everbridge) -> None:
    (id_,) = everbridge.store(person("1"))
    change = {"op": "replace", "path": "/suffix", "value": "Jr."}
    everbridge.ask("PATCH", f"/contacts/{{org}}/{id_}", [change] * MOST_OPERATIONS)
    refused = everbridge.ask("PATCH", f"/contacts/{{org}}/{id_}", [change] * (MOST_OPERATIONS + 1), 413)
    assert "the limit is 1000 operations, and there are 1001" in refused["message"]


# Vars of the Datananas API


def test_number_of_vars_is_bounded(datananas: Datananas) -> None:
    half = "v" * (LARGEST_MAP // 2)
    datananas.create(email="a@example.org", vars={"one": half})
    reason = f"would have more than {LARGEST_MAP} bytes together with what is there"
    refused = datananas.ask("POST", "/contacts", {"email": "a@example.org", "vars": {"two": half}}, 400)
    assert refused["errors"] == [{"field": "vars", "message": reason}]
    rows = [{"email": "a@example.org", "vars": {"two": half}}, {"email": "b@example.org"}]
    refused = datananas.ask("POST", "/contacts/bulk", {"contacts": rows}, 400)
    assert refused["errors"] == [{"i": 0, "field": "vars", "message": reason}]
    # A replaced value counts once, and fewer values are always accepted.
    datananas.create(200, email="a@example.org", vars={"one": "w" * (LARGEST_MAP // 2)})
    rest = LARGEST_MAP - len(json.dumps({"one": half, "two": ""}, separators=(",", ":")))
    datananas.create(200, email="a@example.org", vars={"two": "v" * rest})
    refused = datananas.ask(
        "POST", "/contacts", {"email": "a@example.org", "vars": {"two": "v" * (rest + 1)}}, 400
    )
    assert refused["errors"] == [{"field": "vars", "message": reason}]
    kept = datananas.contacts(email="a@example.org")[0]["vars"]
    assert (len(kept["one"]), len(kept["two"])) == (len(half), rest)


def test_number_of_vars_from_several_rows_of_one_contact_is_bounded(datananas: Datananas) -> None:
    third = "v" * (LARGEST_MAP // 3)
    rows = [{"email": "a@example.org", "vars": {str(number): third}} for number in range(4)]
    refused = datananas.ask("POST", "/contacts/bulk", {"contacts": rows}, 400)
    assert [error["i"] for error in refused["errors"]] == [2, 3]
    datananas.ask("POST", "/contacts/bulk", {"contacts": rows[:2]})
