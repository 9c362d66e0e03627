"""Bodies that are no JSON, and texts and numbers that no database holds."""

from __future__ import annotations

import pytest

from .client import BULK, Api, row

DEEP = b"[" * 30_000 + b"]" * 30_000
NUL = "a text cannot hold the character U+0000"


def contacts(fields: bytes) -> bytes:
    return b'{"contacts":[{"source":"CRM","sourceId":1,' + fields + b"}]}"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" \n", id="white space"),
        pytest.param(b'{"contacts":[{"source":"CRM","sour', id="cut off"),
        pytest.param(b'{"contacts":[]}}', id="something behind it"),
        pytest.param(b'{"contacts":[]}{"contacts":[]}', id="two documents"),
        pytest.param(b"\xef\xbb\xbf" * 2 + b'{"contacts":[]}', id="two byte order marks"),
        pytest.param('{"contacts":[]}'.encode("utf-16"), id="UTF-16"),
        pytest.param(contacts(b'"firstName":"\xff"'), id="no UTF-8"),
        pytest.param(contacts(b'"firstName":"\xc3"'), id="half a letter"),
        pytest.param(contacts(b'"firstName":"\xed\xa0\x80"'), id="encoded surrogate"),
        pytest.param(contacts(b'"firstName":"\\ud800"'), id="lone high surrogate"),
        pytest.param(contacts(b'"firstName":"\\udc00 x"'), id="lone low surrogate"),
        pytest.param(contacts(b'"firstName":"a\nb"'), id="raw line break"),
        pytest.param(contacts(b'"firstName":"a\0b"'), id="raw zero byte"),
        pytest.param(contacts(b'"firstName":"\\x41"'), id="unknown escape"),
        pytest.param(contacts(b'"debtorId":NaN'), id="not a number"),
        pytest.param(contacts(b'"debtorId":Infinity'), id="infinity"),
        pytest.param(contacts(b'"debtorId":012'), id="leading zero"),
        pytest.param(b"{'contacts':[]}", id="single quotes"),
        pytest.param(b"{contacts:[]}", id="key without quotes"),
        pytest.param(b'{"contacts":[],}', id="trailing comma"),
        pytest.param(b'{"contacts":[]} // end', id="comment"),
        pytest.param(b"contacts=1", id="form"),
    ],
)
def test_a_body_that_is_no_json_is_refused(api: Api, body: bytes) -> None:
    assert api.error(10005, "POST", BULK, content=body) == ["Invalid JSON Payload"]
    assert api.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"contacts":' + DEEP + b"}", id="rows"),
        pytest.param(contacts(b'"company":' + DEEP), id="unknown key"),
        pytest.param(contacts(b'"pricing":' + DEEP), id="pricing"),
        pytest.param(contacts(b'"attributes":[{"id":1,"type":"list","value":' + DEEP + b"}]"), id="value"),
    ],
)
def test_a_body_that_is_nested_too_deep_is_refused(api: Api, body: bytes) -> None:
    assert api.error(10007, "POST", BULK, content=body) == ["#/contacts/0: is nested deeper than 64 levels"]
    assert api.count() == 0


def test_what_is_json_is_taken_however_it_is_written(api: Api) -> None:
    fields = '"source":"CR\\u004d", "sourceId":"1","lastName":"\\ud83d\\ude00 \\\\u0000 é"'
    body = f' {{\n"contacts" : [\t{{ {fields}}}]}}\r\n'
    for content_type in ("application/json", "text/plain", "application/json; charset=utf-8"):
        headers = {"content-type": content_type}
        assert api.call("POST", BULK, content=body.encode(), headers=headers).status_code == 200
    assert api.contact(1, source="CRM")["lastName"] == "\N{GRINNING FACE} \\u0000 é"


def test_a_body_may_come_in_pieces(api: Api) -> None:
    pieces = iter([b'{"contacts":[{"source":"C', b'RM","sourceId":1}', b"]}"])
    assert api.call("POST", BULK, content=pieces).status_code == 200
    assert api.count() == 1


def test_a_zero_character_is_refused_by_its_place(api: Api) -> None:
    rows = [
        row(1, source="a\0", firstName="\0", phone="x"),
        row("\0"),
        row(2, attributes=[{"class": "user", "name": "A\0", "type": "list", "value": ["x", "\0"]}]),
        row(3, pricing={"products": [{"source": "\0", "sourceId": 1}]}, parent={"sourceId": "\0"}),
    ]
    assert sorted(api.error(10017, "POST", BULK, json={"contacts": rows})) == [
        f"#/contacts/{place}: {NUL}"
        for place in (
            "0/firstName",
            "0/source",
            "1/sourceId",
            "2/attributes/0/name",
            "2/attributes/0/value/1",
            "3/parent/sourceId",
            "3/pricing/products/0/source",
        )
    ]
    assert api.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"attributes": [{"id": 1, "type": "list", "value": [{"\0": 1}]}]},
        {"pricing": {"products": [{"id": 1, "pricing": {"\0": 1}}]}},
    ],
    ids=["attribute", "pricing"],
)
def test_a_zero_character_in_a_key_is_refused_too(api: Api, fields: dict[str, object]) -> None:
    api.post("/attributes", {"name": "A", "class": "user", "type": "list"}, 201)
    assert api.error(10017, "POST", BULK, json={"contacts": [row(1, **fields)]})


def test_a_number_that_the_database_cannot_hold_is_no_internal_error(api: Api) -> None:
    pricing = b'"pricing":{"products":[{"id":1,"pricing":{"note":1e200000}}]}'
    assert api.call("POST", BULK, content=contacts(pricing)).status_code in (200, 400)


def test_an_unusual_row_among_many_is_read_like_the_others(api: Api) -> None:
    """A key twice, behind the rows that were read before it was met: the last counts, as in any JSON."""
    rows = [
        f'{{"source":"CRM","sourceId":{number},"lastName":"L{number}","phone":"\\u00e9{number}"}}'
        for number in range(2500)
    ]
    rows[2200] = rows[2200].replace('"phone"', '"phone":"first","phone"')
    body = f'{{"contacts":[{",".join(rows)}]}}'
    for action in ("create", "update"):
        answers = api.call("POST", BULK, content=body.encode()).json()["data"]
        assert [answer["key"] for answer in answers] == list(range(2500))
        assert {answer["action"] for answer in answers} == {action}
    for number in (0, 999, 1000, 2199, 2200, 2499):
        found = api.contact(number)
        assert (found["lastName"], found["phone"]) == (f"L{number}", f"é{number}")


def test_rows_that_are_given_twice_are_refused(api: Api) -> None:
    body = b'{"contacts":[{"source":"CRM","sourceId":1}],"contacts":[{"source":"CRM","sourceId":2}]}'
    (told,) = api.error(10007, "POST", BULK, content=body)
    assert told == "#: [contacts] stands twice, or [directives] are too long"
    assert api.count() == 0
