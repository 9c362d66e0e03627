"""POST /contacts/bulk/sourceId: creating and updating."""

from __future__ import annotations

import random
from typing import Any

import psycopg

from .client import BULK, Api, row


def stored_versions(owner: psycopg.Connection, api: Api) -> dict[int, Any]:
    """Return for each contact the position and the transaction of its row, which change with every write."""
    query = """
        SELECT contact.id, contact.ctid, contact.xmin::text, contact.updated_at, identity.xmin::text
        FROM contacts AS contact JOIN identities AS identity ON identity.record_id = contact.id
        WHERE contact.organization_id = %s
        """
    return {id_: version for id_, *version in owner.execute(query, [api.organization])}


def test_reply_for_an_existing_contact_is_that_of_the_vendors_example(api: Api) -> None:
    (id_,) = api.store(row(3002196))
    response = api.call("POST", BULK, json={"contacts": [row(3002196, firstName="Miles")]})
    assert response.status_code == 200
    assert response.text == (
        f'{{"data":[{{"action":"update","id":{id_},"key":3002196,"lookupKey":"sourceId","success":true}}],'
        '"messages":["Completed"],"total":1}'
    )


def test_refusal_of_an_unknown_key_is_that_of_the_vendors_example(api: Api) -> None:
    response = api.call("POST", BULK, json={"contacts": [row(3002196, company="Propeller")]})
    assert response.status_code == 400
    assert response.text == (
        '{"error":{"code":10007,"messages":["#/contacts/0: extraneous key [company] is not permitted"],'
        '"moreInfo":"https://www.propel.us/docs/errors/10007","status":400,"type":"SchemaValidationException"}}'
    )


def test_unknown_contact_is_created_and_then_updated(api: Api) -> None:
    (created,) = api.send(row(1, firstName="Nella"))
    assert created == {
        "action": "create",
        "id": created["id"],
        "key": 1,
        "lookupKey": "sourceId",
        "success": True,
    }
    assert api.send(row(1, firstName="Orla")) == [created | {"action": "update"}]
    assert api.contact(1)["firstName"] == "Orla"
    assert api.count() == 1


def test_keys_are_returned_as_they_were_sent(api: Api) -> None:
    sent: list[Any] = [
        "a",
        1,
        'q"u',
        "b\\s",
        "new\nline",
        "é漢😀",
        12345678901234567890123,
        "0",
        "n" * 501,
        " ",
        "/",
        -5,
    ]
    replies = api.send(*map(row, sent))
    assert [reply["key"] for reply in replies] == sent
    assert [reply["success"] for reply in replies] == [key not in ("n" * 501, "new\nline") for key in sent]
    plain = [key for key in sent if key not in ('q"u', "b\\s", "new\nline")]
    assert [reply["key"] for reply in api.send(*map(row, plain))] == plain


def test_call_creates_and_updates_and_replies_in_the_order_of_rows(api: Api) -> None:
    known = dict(zip("bd", api.store(row("b"), row("d")), strict=True))
    replies = api.send(*map(row, "edcba"))
    assert [reply["key"] for reply in replies] == list("edcba")
    assert [reply["action"] for reply in replies] == ["create", "update", "create", "update", "create"]
    assert known == {reply["key"]: reply["id"] for reply in replies if reply["action"] == "update"}
    assert [api.contact(reply["key"])["id"] for reply in replies] == [reply["id"] for reply in replies]


def test_row_that_changes_nothing_is_an_update_and_writes_nothing(
    api: Api, owner: psycopg.Connection
) -> None:
    api.store_companies(row("c"))
    api.post("/attributes", {"name": "SIZE", "class": "user", "type": "integer"}, 201)
    sent = row(
        7,
        firstName="Nella",
        middleName="",
        dateOfBirth="28/08/1993",
        gender="f",
        ssn="93082811142",
        debtorId=12,
        parent={"sourceId": "c"},
        attributes=[{"class": "user", "name": "SIZE", "type": "integer", "value": 5}],
        pricing={"products": [{"id": 1, "pricing": {"type": "net", "price": 9.5}}]},
    )
    (id_,) = api.store(sent)
    before = stored_versions(owner, api)
    assert api.send(sent)[0]["action"] == "update"
    assert api.store({**sent, "gender": "F", "dateOfBirth": "1993-08-28", "debtorId": "12"}) == [id_]
    assert api.store(row(7), row(7, firstName="Nella")) == [id_, id_]
    assert stored_versions(owner, api) == before


def test_only_rows_that_differ_are_written(api: Api, owner: psycopg.Connection) -> None:
    rows = [row(number, firstName="Nella") for number in range(20)]
    ids = api.store(*rows)
    before = stored_versions(owner, api)
    rows[4]["firstName"], rows[9]["phone"] = "Orla", "0032445888"
    assert api.store(*rows) == ids
    after = stored_versions(owner, api)
    assert {id_ for id_ in ids if before[id_] != after[id_]} == {ids[4], ids[9]}


def test_empty_call_has_an_empty_reply(api: Api) -> None:
    assert api.post(BULK, {"contacts": []}) == {"data": [], "messages": ["Completed"], "total": 0}


def test_every_mount_accepts_the_call_with_and_without_a_trailing_slash(api: Api) -> None:
    ids = {api.post(path, {"contacts": [row(1)]})["data"][0]["id"] for path in (BULK, f"{BULK}/")}
    for version in ("/v1", "/v2"):
        ids |= {api.post(f"{version}{BULK}", {"contacts": [row(1)]})["data"][0]["id"]}
    assert len(ids) == 1


def test_call_may_have_ten_thousand_rows(api: Api) -> None:
    numbers = random.Random(1).sample(range(1_000_000), 10_000)
    rows = [row(number, firstName=f"First {number}", email=f"{number}@example.com") for number in numbers]
    reply = api.post(BULK, {"contacts": rows})
    assert (reply["messages"], reply["total"]) == (["Completed"], 10_000)
    assert [answer["key"] for answer in reply["data"]] == numbers
    assert {answer["action"] for answer in reply["data"]} == {"create"}
    ids = {answer["key"]: answer["id"] for answer in reply["data"]}
    assert len(set(ids.values())) == api.count() == 10_000

    replies = api.send(*({**sent, "lastName": "Vosk"} for sent in reversed(rows)))
    assert {answer["key"]: answer["id"] for answer in replies} == ids
    assert {answer["action"] for answer in replies} == {"update"}
    for number in numbers[::2500]:
        found = api.contact(number)
        assert (found["id"], found["name"]) == (ids[number], f"First {number} Vosk")
