"""Bodies that are not JSON, and texts and numbers that PostgreSQL cannot store."""

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
        pytest.param(contacts(b'"firstName":"a\nb"'), id="raw line break"),
        pytest.param(contacts(b'"firstName":"a\0b"'), id="raw zero byte"),
        pytest.param(contacts(b'"firstName":"\\x41"'), id="unknown escape"),
        pytest.param(contacts(b'"debtorId":012'), id="leading zero"),
        pytest.param(b"{'contacts':[]}", id="single quotes"),
        pytest.param(b"{contacts:[]}", id="key without quotes"),
        pytest.param(b'{"contacts":[],}', id="trailing comma"),
        pytest.param(b'{"contacts":[]} // end', id="comment"),
        pytest.param(b"contacts=1", id="form"),
    ],
)
def test_body_that_is_not_json_is_refused(api: Api, body: bytes) -> None:
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
def test_too_deeply_nested_body_is_refused(api: Api, body: bytes) -> None:
    assert api.error(10007, "POST", BULK, content=body) == ["#/contacts/0: is nested deeper than 64 levels"]
    assert api.count() == 0


def test_all_spellings_of_json_are_accepted(api: Api) -> None:
    fields = '"source":"CR\\u004d", "sourceId":"1","lastName":"\\ud83d\\ude00 \\\\u0000 é"'
    body = f' {{\n"contacts" : [\t{{ {fields}}}]}}\r\n'
    for content_type in ("application/json", "text/plain", "application/json; charset=utf-8"):
        headers = {"content-type": content_type}
        assert api.call("POST", BULK, content=body.encode(), headers=headers).status_code == 200
    assert api.contact(1, source="CRM")["lastName"] == "\N{GRINNING FACE} \\u0000 é"


def test_body_in_several_pieces_is_accepted(api: Api) -> None:
    pieces = iter([b'{"contacts":[{"source":"C', b'RM","sourceId":1}', b"]}"])
    assert api.call("POST", BULK, content=pieces).status_code == 200
    assert api.count() == 1


HALF = "has half of a surrogate pair"
NOT_UTF8 = "has bytes that are not UTF-8"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param(b'"firstName":"\xff"', {"firstName": NOT_UTF8}, id="no UTF-8"),
        pytest.param(b'"firstName":"\xc3"', {"firstName": NOT_UTF8}, id="half a letter"),
        pytest.param(b'"firstName":"\xed\xa0\x80"', {"firstName": NOT_UTF8}, id="encoded surrogate"),
        pytest.param(b'"firstName":"\\ud800"', {"firstName": HALF}, id="high surrogate"),
        pytest.param(b'"lastName":"\\udc00 x","email":5', {"lastName": HALF}, id="low surrogate"),
        pytest.param(b'"parent":{"sourceId":"\\ud83d"}', {"parent/sourceId": HALF}, id="parent"),
        pytest.param(
            b'"attributes":[{"id":1,"type":"list","value":["a",{"b":"\\ud83d."}]}],"title":"\\ud800"',
            {"attributes/0/value/1/b": HALF, "title": HALF},
            id="several",
        ),
        pytest.param(b'"debtorId":NaN', {"debtorId": "is not a number of JSON"}, id="not a number"),
        pytest.param(b'"debtorId":-Infinity', {"debtorId": "is not a number of JSON"}, id="infinity"),
    ],
)
def test_unreadable_value_is_reported_with_its_path(api: Api, fields: bytes, told: dict[str, str]) -> None:
    rows = b'{"contacts":[{"source":"CRM","sourceId":1},{"source":"CRM","sourceId":2,' + fields + b"}]}"
    assert api.error(10005, "POST", BULK, content=rows) == [
        "Invalid JSON Payload",
        *(f"#/contacts/1/{place}: {reason}" for place, reason in told.items()),
    ]
    assert api.count() == 0


def test_half_a_surrogate_pair_is_refused_by_every_call(api: Api) -> None:
    half = b'"\\ud83d"'
    for path, body, place in (
        ("/contacts/bulk/id", b'{"contacts":[{"id":1,"notes":%s}]}', "#/contacts/0/notes"),
        ("/v2" + BULK, b'{"contacts":[{"sources":[{"name":%s,"id":1}]}]}', "#/contacts/0/sources/0/name"),
        ("/companies", b'{"name":%s}', "#/name"),
        ("/contacts/search", b'{"debtorIds":["1",%s]}', "#/debtorIds/1"),
        ("/contacts/id/1/attributes", b'[{"id":1,"type":"text","value":%s}]', "#/0/value"),
        ("/attributes/bulk/name", b'[{"name":%s}]', "#/0/name"),
        ("/attribute-descriptions", b'{"name":%s}', "#/name"),
    ):
        assert api.error(10005, "POST", path, content=body % half) == [
            "Invalid JSON Payload",
            f"{place}: {HALF}",
        ]


@pytest.mark.parametrize("number", ["1e400", "-2.5E+999", "1e99999", "9" * 400 + ".5"])
def test_number_beyond_a_double_has_the_wrong_type(api: Api, number: str) -> None:
    """Expect the validator's message, as for any other number."""
    text, none = "expected type: String, found: BigDecimal", "found: BigDecimal"
    for path, body, place in (
        (
            BULK,
            '{"contacts":[{"source":"S","sourceId":1,"firstName":%s}]}',
            f"#/contacts/0/firstName: {text}",
        ),
        (BULK, '{"contacts":[{"source":%s,"sourceId":1}]}', f"#/contacts/0/source: {text}"),
        (BULK, '{"contacts":[%s]}', f"#/contacts/0: expected type: JSONObject, {none}"),
        (
            BULK,
            '{"contacts":[{"source":"S","sourceId":1,"parent":%s}]}',
            f"#/contacts/0/parent: expected type: JSONObject, {none}",
        ),
        ("/contacts/bulk/id", '{"contacts":[{"id":%s}]}', f"#/contacts/0/id: expected type: Integer, {none}"),
        ("/v2" + BULK, '{"contacts":[{"sources":[{"name":%s,"id":1}]}]}', f"#/contacts/0/source: {text}"),
        ("/companies", '{"name":%s}', f"#/name: {text}"),
        ("/contacts/search", '{"name":%s}', f"#/name: {text}"),
        ("/attributes/bulk/id", '[{"id":%s}]', f"#/0/id: expected type: Integer, {none}"),
        ("/contacts/id/1/pricing", '{"products":%s}', f"#/products: expected type: JSONArray, {none}"),
    ):
        assert api.error(10007, "POST", path, content=body % number) == [place]
    assert api.count() == 0


def test_number_beyond_a_double_is_shown_as_the_validator_does(api: Api) -> None:
    assert api.error(10007, "POST", BULK, content=contacts(b'"gender":1.50e400')) == [
        "#/contacts/0/gender: 1.50E+400 is not a valid enum value"
    ]


def test_byte_order_mark_is_skipped(api: Api) -> None:
    mark = b"\xef\xbb\xbf"
    for path, body, status in (
        (BULK, contacts(b'"firstName":"x"'), 200),
        ("/v2" + BULK, b'{"contacts":[{"sources":[{"name":"CRM","id":2}]}]}', 200),
        ("/contacts", b'{"lastName":"y"}', 201),
        ("/contacts/search", b'{"name":"x"}', 200),
        ("/contacts/search", b"", 200),
        ("/attributes", b'{"class":"contact","name":"A","type":"text"}', 201),
        (
            "/contacts/sourceId/1/attributes",
            b'[{"class":"contact","name":"A","type":"text","value":"z"}]',
            200,
        ),
    ):
        response = api.call("POST", path, content=mark + body)
        assert response.status_code == status, (path, response.text)
    assert api.count() == 3
    assert api.error(10005, "POST", BULK, content=mark + mark + b"{}") == ["Invalid JSON Payload"]


def test_empty_array_instead_of_an_object_is_reported_with_its_path(api: Api) -> None:
    """Send [] as PHP does for an empty object. It is refused where {} is refused, too; a search may be
    empty."""
    for field in ("parent", "pricing"):
        assert api.refused(row(1, **{field: []})) == [
            f"#/contacts/0/{field}: expected type: JSONObject, found: JSONArray"
        ]
        assert api.refused(row(1, **{field: {}}))
    api.store(row(1))
    assert api.post("/contacts/search", [])["itemsFound"] == 1


ZEROS = {
    "source": row(1, source="a\0"),
    "sourceId": row("\0"),
    "firstName": row(1, firstName="\0", phone="x", parent={"sourceId": "nowhere"}),
    "attributes/0/name": row(
        1, attributes=[{"class": "contact", "name": "A\0", "type": "list", "value": []}]
    ),
    "attributes/0/value/1": row(1, attributes=[{"id": 1, "type": "list", "value": ["x", "\0"]}]),
    "attributes/0/value/0/\0": row(1, attributes=[{"id": 1, "type": "list", "value": [{"\0": 1}]}]),
    "parent/sourceId": row(1, parent={"sourceId": "\0"}),
    "pricing/products/0/source": row(1, pricing={"products": [{"source": "\0", "sourceId": 1}]}),
    "pricing/products/0/pricing/\0": row(1, pricing={"products": [{"id": 1, "pricing": {"\0": 1}}]}),
}


@pytest.mark.parametrize("place", ZEROS)
def test_zero_character_fails_its_row(api: Api, place: str) -> None:
    (known,) = api.store(row(1, lastName="old"))
    for _ in range(2):
        first, failed, last = api.send(row("first"), {**ZEROS[place], "lastName": "new"}, row("\\u0000"))
        assert (first["success"], failed["success"], last["success"]) == (True, False, True)
        assert (failed["error"], failed["lookupKey"]) == (f"#/contacts/1/{place}: {NUL}", "sourceId")
        assert last["key"] == "\\u0000"
    assert (api.count(), api.get(f"/contacts/id/{known}")["data"]["lastName"]) == (3, "old")


def test_zero_character_in_a_row_by_id_fails_that_row(api: Api) -> None:
    first, second = api.store(row(1), row(2))
    rows = [{"id": first, "title": "\0"}, {"id": second, "title": "Dr"}]
    failed, done = api.post("/contacts/bulk/id", {"contacts": rows})["data"]
    assert failed == {
        "action": "update",
        "error": f"#/contacts/0/title: {NUL}",
        "key": first,
        "lookupKey": "id",
        "success": False,
    }
    assert (done["success"], api.contact(2)["title"]) == (True, "Dr")


def test_zero_character_outside_rows_refuses_the_call(api: Api) -> None:
    directives = [{"operation": "skipIfNotEmpty", "fields": ["\0"]}]
    assert api.error(10017, "POST", BULK, json={"contacts": [row(1)], "directives": directives}) == [
        f"#/directives/0/fields/0: {NUL}"
    ]
    assert api.error(10017, "POST", "/contacts", json={"firstName": "\0"}) == [f"#/firstName: {NUL}"]
    wrong = [row(1, firstName="\0"), row(2, email="x")]
    assert api.error(10007, "POST", BULK, json={"contacts": wrong})
    assert api.count() == 0


def test_number_too_large_for_the_database_is_not_an_internal_error(api: Api) -> None:
    pricing = b'"pricing":{"products":[{"id":1,"pricing":{"note":1e200000}}]}'
    assert api.call("POST", BULK, content=contacts(pricing)).status_code in (200, 400)


def test_row_of_unusual_form_among_many_is_read_like_the_others(api: Api) -> None:
    """Send a key twice, behind the rows of the first slice: the last one counts, as in any JSON."""
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


def test_contacts_array_given_twice_is_refused(api: Api) -> None:
    body = b'{"contacts":[{"source":"CRM","sourceId":1}],"contacts":[{"source":"CRM","sourceId":2}]}'
    (told,) = api.error(10007, "POST", BULK, content=body)
    assert told == "#: [contacts] stands twice, or [directives] are too long"
    assert api.count() == 0
