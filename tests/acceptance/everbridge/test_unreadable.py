"""Bodies that cannot be read: the call is refused in the vendor's words, with item, field and reason."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.model.limits import MOST_PLACES

from .client import EMAIL, Api, person

MISMATCH = "type mismatch exception"
GOOD = b'{"externalId":"1","firstName":"F","lastName":"L","recordTypeName":"Employee"}'


def refusal(api: Api, body: bytes, path: str = "/contacts/{org}/batch", method: str = "PUT") -> Any:
    response = api.call(method, path, content=body)
    assert response.status_code == 400, response.text
    assert response.json()["status"] == 400
    return response.json()


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (b"1", "is whole number, expected object"),
        (b"null", "is null, expected object"),
        (b'{"firstName":{}}', "firstName is object, expected "),
        (b'{"vip":[]}', "vip is array, expected "),
        (b'{"paths":"x"}', "paths is text, expected "),
        (b'{"paths":[{"value":"a"},{"value":{}}]}', "paths[1].value is object, expected "),
        (b'{"groups":[1,true]}', "groups[1] is true or false, expected "),
        (b'{"address":{"gisLocation":[1]}}', "address.gisLocation is array, expected object"),
        (b'{"externalId":1e400}', "externalId Number out of range"),
        (b'{"firstName":"\\ud83d"}', "firstName has half of a surrogate pair"),
        (b'{"paths":[{"value":"\\udc00x"}]}', "paths[0].value has half of a surrogate pair"),
        (b'{"firstName":"J\xf6rg"}', "firstName has bytes that are not UTF-8"),
        (b'{"paths":[{"waitTime":NaN}]}', "paths[0].waitTime is not a number of JSON"),
    ],
)
def test_refusal_names_item_field_and_reason(api: Api, second: bytes, reason: str) -> None:
    answer = refusal(api, b"[" + GOOD + b"," + second + b"]")
    assert answer["message"].startswith(f"{MISMATCH}: [2] {reason}")
    assert [text.startswith(f"The [2] {MISMATCH}: {reason}") for text in answer["data"]] == [True]
    assert api.page() == []


def test_all_wrong_items_are_named_up_to_a_limit(api: Api) -> None:
    answer = refusal(api, b'[{"suffix":[]},' + GOOD + b',{"suffix":"\xff"},7]')
    assert [text.split("]")[0] for text in answer["data"]] == ["The [1", "The [3", "The [4"]
    for wrong in (b"7", b'"\\ud800"', b'{"vip":Infinity}'):
        for count, named in ((MOST_PLACES, MOST_PLACES), (MOST_PLACES + 1, MOST_PLACES)):
            answer = refusal(api, b"[" + b",".join([wrong] * count) + b"]")
            assert len(answer["data"]) == named


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "is not JSON (line 1, column 2: "),
        (b"", "is not JSON (line 1, column 1: "),
        (b'[{"firstName":"a",\n}]', "is not JSON (line 2, column 1: "),
        (b'"x"', "is text, expected object"),
    ],
)
def test_body_without_items_is_refused_as_a_whole(api: Api, body: bytes, reason: str) -> None:
    answer = refusal(api, body)
    assert answer["message"].startswith(f"{MISMATCH}: {reason}")
    assert "data" not in answer


def test_body_that_is_nested_too_deep_is_refused_as_a_whole(api: Api) -> None:
    assert refusal(api, b"[" * 100_000)["message"] == "The [1] is nested deeper than 64 levels."


def test_refusals_of_other_bodies_name_the_field_too(api: Api) -> None:
    assert refusal(api, b'{"paths":[{"value":[]}]}', "/contacts/{org}", "POST")["message"].startswith(
        f"{MISMATCH}: paths[0].value is array, expected "
    )
    assert refusal(api, b'[5,{"id":5}]', method="DELETE")["message"].startswith(f"{MISMATCH}: [2] is object")
    assert refusal(api, b'{"name":"\\ud800"}', "/groups/{org}", "POST")["message"] == (
        f"{MISMATCH}: name has half of a surrogate pair"
    )
    assert refusal(api, b'{"contactIds":{}}', "/contacts/{org}/query", "POST")["message"].startswith(
        f"{MISMATCH}: contactIds is object, expected "
    )
    operations = b'[{"op":"remove","path":"/suffix"},{"op":"remove"}]'
    (id_,) = api.store(person("1"))
    assert refusal(api, operations, f"/contacts/{{org}}/{id_}", "PATCH")["message"] == (
        f"{MISMATCH}: [2] Object missing required field `path`"
    )


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_bare_contact_is_a_batch_of_one(api: Api, method: str) -> None:
    api.store(person("1"))
    answer = api.ask(method, "/contacts/{org}/batch", person("1", suffix="II"))
    assert answer == {"message": "OK", "code": 100}
    assert api.get("1")["suffix"] == "II"


def test_bare_item_is_an_array_of_one(api: Api) -> None:
    group = api.create("groups", name="g")
    api.create("contactAttributes", name="a", dataType="STRING", displayFormat="F")
    frame = {"name": "Sun", "days": 1, "fromHour": 1, "fromMin": 0, "toHour": 2, "toMin": 0}
    bare = {
        "groups": group,
        "topics": 4,
        "contactAttributes": {"name": "a", "values": "x"},
        "address": {"locationName": "Home", "streetAddress": "a", "country": "NL", "gisLocation": []},
        "paths": {"pathId": EMAIL, "value": "n@example.com", "quietTimeFrames": frame},
    }
    api.store(person("1", timezoneId="Europe/Paris", **bare))
    after = api.get("1")
    assert (after["groupsName"], after["topics"]) == (["g"], [4])
    assert after["contactAttributes"][0]["values"] == ["x"]
    assert after["address"] == [
        {"locationName": "Home", "streetAddress": "a", "country": "NL", "source": "MANUAL"}
    ]
    assert after["paths"][0]["quietTimeFrames"][0]["days"] == [1]
    patch = {"op": "replace", "path": "/suffix", "value": "II"}
    api.ask("PATCH", f"/contacts/{{org}}/{after['id']}", patch)
    assert api.get("1")["suffix"] == "II"


def test_empty_array_is_an_empty_object(api: Api) -> None:
    answer = api.ask("POST", "/contacts/{org}", [], 400)
    assert answer["message"] == "externalId is required."
    assert api.ask("POST", "/groups/{org}", [], 400)["message"] == "name is required."
    assert api.ask("POST", "/contacts/{org}/query", [])["page"]["totalCount"] == 0


def test_byte_order_mark_is_skipped(api: Api) -> None:
    calls = {
        "/contacts/{org}/batch": b"[" + GOOD + b"]",
        "/contacts/{org}": GOOD,
        "/groups/{org}": b'{"name":"g"}',
    }
    for path, body in calls.items():
        response = api.call("POST", path, content=b"\xef\xbb\xbf" + body)
        assert response.status_code == 200, response.text
    assert api.external_ids() == ["1"]


def test_whole_number_may_have_a_fraction_of_zero(api: Api) -> None:
    """Data frames write such numbers for a column with empty cells."""
    group = api.create("groups", name="g")
    contact = person("x", externalId=1001.0, groups=[float(group)], suffix=3.0, individualAccountId=77.0)
    api.ask("POST", "/contacts/{org}/batch", [contact])
    after = api.get("1001")
    assert (after["suffix"], after["groups"], after["individualAccountId"]) == ("3", [group], 77)
    api.put({"externalId": 1001.0, "vip": 1.0}, updateType="partial")
    assert api.get("1001")["vip"] is True
    assert api.external_ids("/contacts/{org}", externalIds="1001") == ["1001"]
    answer = api.put(person("x", externalId=1001.5), person("x", externalId=1e300), status=400)
    assert answer["data"] == [
        "The [1] externalId [1001.5] is neither a text nor a whole number.",
        "The [2] externalId [1e+300] is neither a text nor a whole number.",
    ]
    api.ask("DELETE", "/contacts/{org}/batch", [1001.0], idType="externalId")
    assert api.page() == []
