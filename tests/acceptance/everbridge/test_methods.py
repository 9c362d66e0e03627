"""The delivery methods of an organization: listed, created, renamed, ordered, disabled and deleted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contactory.model.limits import MOST_METHODS

from .client import EMAIL, PHONE, Api, person

FAX = 241901148045322
TYPES = {  # pathType -> type, of which the vendor's document has fewer values
    "EMAIL": "EMAIL",
    "TTYTDD": "TTYTDD",
    "SMS": "SMS",
    "PHONE": "PHONE",
    "EXTPHONE": "PHONE",
    "RECIP": "RECIP",
    "FAX": "FAX",
    "NUMERICPAGER": "PAGER",
    "TAPPAGER": "PAGER",
    "PLAINTEXTEMAIL": "EMAIL",
    "ONEWAYSMS": "SMS",
    "SECUREPUSH": "SECUREPUSH",
    "ONEBRIDGE": "ONEBRIDGE",
}


def methods(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.page("/contactPaths/{org}")
    assert [method["seq"] for method in found] == list(range(1, len(found) + 1))
    return found


def prompts(api: Api) -> list[str]:
    return [method["prompt"] for method in methods(api)]


def get(api: Api, number: int) -> dict[str, Any]:
    found: dict[str, Any] = api.ask("GET", f"/contactPaths/{{org}}/{number}")["result"]
    return found


def put(api: Api, number: int, **body: Any) -> None:
    api.ask("PUT", f"/contactPaths/{{org}}/{number}", body)


def refused(api: Api, number: int, body: dict[str, Any], status: int = 400) -> str:
    """Return the message of a refused change."""
    message: str = api.ask("PUT", f"/contactPaths/{{org}}/{number}", body, status)["message"]
    return message


def delete(api: Api, number: int) -> None:
    put(api, number, status="D")
    assert api.ask("DELETE", f"/contactPaths/{{org}}/{number}")["id"] == number


def sms(api: Api, prompt: str, **body: Any) -> int:
    return api.create("contactPaths", prompt=prompt, pathType="SMS", **body)


def test_organization_has_several_methods_of_one_type(api: Api) -> None:
    numbers = [sms(api, prompt) for prompt in ("SMS alert", "SMS (message)", "Avviso: Più")]
    assert prompts(api)[-3:] == ["SMS alert", "SMS (message)", "Avviso: Più"]
    given = [
        {"prompt": "Avviso: Più", "value": "2025550141", "countryCode": "US"},
        {"pathId": numbers[0], "value": "+12025550142"},
        {"pathId": str(numbers[1]), "prompt": "SMS alert", "value": "2025550143", "countryCode": "US"},
    ]
    api.store(person("1", paths=given))
    paths = api.get("1")["paths"]
    assert [(path["pathId"], path["value"]) for path in paths] == [
        (numbers[2], "2025550141"),
        (numbers[0], "2025550142"),
        (numbers[1], "2025550143"),
    ]
    for prompt in ("sms alert", "Avviso: Piu"):
        answer = api.ask(
            "POST", "/contacts/{org}", person("2", paths=[{"prompt": prompt, "value": "1"}]), 400
        )
        assert answer["message"] == f"paths[0] [{prompt}] is not a contact path of the organization."
    put(api, numbers[0], prompt="Alert")
    assert (get(api, numbers[0])["prompt"], get(api, numbers[0])["name"]) == ("Alert", "Alert")
    assert api.get("1")["paths"] == paths
    answer = api.ask("POST", "/contactPaths/{org}", {"prompt": "Alert", "pathType": "SMS"}, 400)
    assert answer["message"] == "Contact path Alert already exists."
    assert refused(api, numbers[1], {"prompt": "Alert"}) == "Contact path Alert already exists."


@pytest.mark.parametrize("type_", TYPES)
def test_method_of_each_type_is_shown(api: Api, type_: str) -> None:
    shown = get(api, api.create("contactPaths", prompt="Mine", pathType=type_))
    assert (shown["pathType"], shown["type"], shown["status"]) == (type_, TYPES[type_], "A")
    assert shown["id"] == shown["pathId"]
    assert (shown["sysPrompt"], shown["seq"]) == ("Mine", 13)
    others = [method["code"] for method in methods(api) if method["pathType"] == type_]
    assert len({*others}) == len(others) and all(code.startswith(type_) for code in others)


def test_values_are_checked_by_the_type_of_their_method(api: Api) -> None:
    numbers = {
        type_: api.create("contactPaths", prompt=f"My {type_}", pathType=type_)
        for type_ in ("PHONE", "ONEWAYSMS", "PLAINTEXTEMAIL", "TAPPAGER")
    }

    def said(type_: str, **path: Any) -> str:
        contact = person("1", paths=[{"pathId": numbers[type_]} | path])
        message: str = api.ask("POST", "/contacts/{org}", contact, 400)["message"]
        return message

    for type_ in ("PHONE", "ONEWAYSMS"):
        assert "Phone number format invalid" in said(type_, value="2025550141")
        assert "Phone number format invalid" in said(type_, value="11", countryCode="US")
    assert "is not an e-mail address" in said("PLAINTEXTEMAIL", value="nobody")
    api.store(
        person(
            "1",
            paths=[
                {"prompt": "My PLAINTEXTEMAIL", "value": "a@example.com"},
                {"prompt": "My TAPPAGER", "value": "pin 12"},
                {"prompt": "My ONEWAYSMS", "value": "+31612345678"},
            ],
        )
    )
    assert [path["value"] for path in api.get("1")["paths"]] == ["a@example.com", "pin 12", "612345678"]


def test_organization_orders_its_methods(api: Api) -> None:
    before = prompts(api)
    put(api, PHONE, seq=1)
    assert prompts(api) == ["phone", *(prompt for prompt in before if prompt != "phone")]
    put(api, PHONE, seq=4)
    assert prompts(api) == before
    first = sms(api, "First", seq=1)
    assert prompts(api) == ["First", *before]
    put(api, first, seq=2**31 - 1)
    assert prompts(api) == [*before, "First"]
    delete(api, FAX)
    put(api, first, seq=2)
    assert prompts(api)[:2] == [before[0], "First"]
    for wrong in (0, -1, 2**31, "x", 1.5):
        assert refused(api, first, {"seq": wrong}).startswith("seq ")
    pages = [api.page("/contactPaths/{org}", pageNumber=number, pageSize=5) for number in (1, 2, 3, 4)]
    assert [method["prompt"] for page in pages for method in page] == prompts(api)


def test_method_that_was_read_can_be_written_back(api: Api) -> None:
    details: dict[str, Any] = {
        "code": "SMS7",
        "sysPrompt": "SMS 7",
        "confirmType": "REPLY_TO",
        "extRequired": True,
        "expose": False,
        "isDefault": "true",
        "status": "D",
    }
    made = sms(api, "Mine", **details)
    shown = get(api, made)
    assert {name: shown[name] for name in details} == details | {"isDefault": True}
    before = methods(api)
    for method in before:
        api.ask("PUT", f"/contactPaths/{{org}}/{method['pathId']}", method)
    assert methods(api) == before
    put(api, EMAIL, editable=False)
    assert get(api, EMAIL)["editable"] is False and get(api, EMAIL)["mandatory"] is False


def test_disabled_method_keeps_stored_values(api: Api) -> None:
    fax = {"pathId": FAX, "value": "2025550141", "countryCode": "US"}
    api.store(person("1", paths=[fax]), person("2"))
    put(api, FAX, status="D")
    assert get(api, FAX)["status"] == "D" and "Fax 1" in prompts(api)
    contact = api.get("1")
    assert [path["value"] for path in contact["paths"]] == ["2025550141"]
    batch, by_name = "/contacts/{org}/batch", {"idType": "externalId"}
    for update_type in ("full", "partial"):
        assert api.put(contact, updateType=update_type)["code"] == 100
        assert api.put(contact, updateType=update_type, idType="externalId")["code"] == 100
    assert api.ask("POST", batch, [contact])["code"] == 100
    api.ask("PUT", f"/contacts/{{org}}/{contact['id']}", contact)
    operations = [{"op": "replace", "path": "/paths", "value": contact["paths"]}]
    api.ask("PATCH", f"/contacts/{{org}}/{contact['id']}", operations)
    written = fax | {"value": "+1 (202) 555-0141"}
    assert api.put(person("1", paths=[written, {"pathId": EMAIL, "value": "a@example.com"}]))["code"] == 100
    assert [path["pathId"] for path in api.get("1")["paths"]] == [FAX, EMAIL]

    said = "paths gives [Fax 1] the value [2025550142], and [Fax 1] is disabled: it takes no new ones."
    new = fax | {"value": "2025550142"}
    sent = [person("1", paths=[new]), person("2", paths=[new], suffix="II"), person("3", paths=[new])]
    before = api.page()
    for contact in sent:
        assert api.ask("POST", "/contacts/{org}", contact, 400)["message"] == said
    for contact in sent[:2]:
        path = f"/contacts/{{org}}/{contact['externalId']}"
        assert api.ask("PUT", path, contact, 400, **by_name)["message"] == said
        operations = [{"op": "add", "path": "/paths/-", "value": {"prompt": "Fax 1"} | new}]
        assert api.ask("PATCH", path, operations, 400, **by_name)["message"] == said
    assert api.page() == before
    mixed = [sent[1], person("2", suffix="III"), person("4", paths=[new])]
    answer = api.ask("POST", batch, mixed)
    assert (answer["code"], answer["data"]) == (300, [f"The [1] {said}", f"The [3] {said}"])
    assert api.get("2")["suffix"] == "III" and api.get("2")["paths"] == []
    # A value of another contact is not one of this contact.
    assert api.ask("POST", "/contacts/{org}", person("2", paths=[fax]), 400)["status"] == 400
    put(api, FAX, status="A")
    api.store(*sent)
    assert all(path["value"] == "2025550142" for contact in api.page() for path in contact["paths"])


def test_values_of_a_disabled_method_stay_for_many_contacts(api: Api) -> None:
    people = [
        person(str(number), paths=[{"pathId": FAX, "value": f"202555{number:04}", "skipValidation": True}])
        for number in range(2001)
    ]
    assert api.ask("POST", "/contacts/{org}/batch", people)["code"] == 100
    put(api, FAX, status="D")
    people[-1]["paths"][0]["value"] = people[1500]["paths"][0]["value"] = "1"
    answer = api.ask("POST", "/contacts/{org}/batch", people)
    assert answer["code"] == 300
    assert [text.split("]")[0] for text in answer["data"]] == ["The [1501", "The [2001"]


def test_method_in_use_cannot_be_deleted(api: Api) -> None:
    made = sms(api, "Mine")
    (id_,) = api.store(person("1", paths=[{"pathId": made, "value": "+12025550141"}]))
    one = f"/contactPaths/{{org}}/{made}"
    answer = api.ask("DELETE", one, status=400)
    assert answer["message"] == f"Contact path {made} cannot be deleted: it must be disabled before."
    put(api, made, status="D")
    answer = api.ask("DELETE", one, status=400)
    assert answer["message"] == f"Contact path {made} cannot be deleted: contacts have it."
    assert get(api, made)["prompt"] == "Mine"
    api.ask("DELETE", f"/contacts/{{org}}/{id_}")
    assert api.ask("DELETE", one)["id"] == made
    missing = {"message": f"No contactPath {made} found in organization {api.organization}", "status": 404}
    for method, body in (("GET", None), ("PUT", {"prompt": "x"}), ("DELETE", None)):
        assert api.ask(method, one, body, 404) == missing
    assert "Mine" not in prompts(api)


def test_organizations_have_separate_methods(api: Api, make_everbridge: Callable[[], Api]) -> None:
    other = make_everbridge()
    before = methods(other)
    put(api, EMAIL, prompt="email", seq=3)
    delete(api, FAX)
    made = sms(api, "Mine")
    assert methods(other) == before
    assert other.ask("GET", f"/contactPaths/{{org}}/{made}", status=404)["status"] == 404
    assert refused(other, made, {"prompt": "x"}, 404)
    fax = {"pathId": FAX, "value": "2025550141", "countryCode": "US"}
    other.store(person("1", paths=[fax]))
    put(other, FAX, status="D")
    assert other.ask("DELETE", f"/contactPaths/{{org}}/{FAX}", status=400)["status"] == 400


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"pathType": "SMS"}, "prompt is required."),
        ({"prompt": " ", "pathType": "SMS"}, "prompt is required."),
        ({"prompt": "x"}, "pathType is required."),
        ({"prompt": "x", "pathType": "sms"}, "pathType [sms] is not one of EMAIL, "),
        ({"prompt": "x", "type": "PAGER"}, "type [PAGER] is not one of EMAIL, "),
        ({"prompt": "x", "pathType": ["SMS"]}, "pathType is neither a text nor a whole number."),
        ({"prompt": 5, "pathType": "SMS"}, "type mismatch exception: prompt is not text"),
        ({"prompt": "x" * 501, "pathType": "SMS"}, "prompt has 501 characters, more than 500."),
        ({"prompt": "a\u200bb", "pathType": "SMS"}, "prompt contains the character U+200B"),
        ({"prompt": "x", "pathType": "SMS", "status": "X"}, "status [X] is not one of A, D."),
        (
            {"prompt": "x", "pathType": "SMS", "confirmType": "FAX"},
            "confirmType [FAX] is not one of REPLY_TO",
        ),
        ({"prompt": "x", "pathType": "SMS", "expose": "maybe"}, "expose [maybe] is not true or false."),
    ],
)
def test_invalid_method_is_refused(api: Api, body: dict[str, Any], message: str) -> None:
    before = methods(api)
    assert api.ask("POST", "/contactPaths/{org}", body, 400)["message"].startswith(message)
    assert methods(api) == before


def test_type_of_a_method_cannot_be_changed(api: Api) -> None:
    made = sms(api, "Mine")
    assert (
        refused(api, made, {"pathType": "EMAIL"})
        == "pathType of a contact path cannot be changed: it is SMS."
    )
    put(api, made, prompt="Other", pathType="SMS")
    business = 241901148045321
    put(api, business, type="PHONE")
    assert (get(api, business)["pathType"], get(api, business)["type"]) == ("EXTPHONE", "PHONE")


def test_method_can_be_created_with_a_given_number(api: Api, make_everbridge: Callable[[], Api]) -> None:
    vendors = {"id": 1323816294812872, "pathId": "4402341478419001", "prompt": "Work SMS", "pathType": "SMS"}
    for one in (api, make_everbridge()):
        assert one.create("contactPaths", **vendors) == 4402341478419001
        one.store(person("1", paths=[{"pathId": 4402341478419001, "value": "+12025550141"}]))
        assert one.get("1")["paths"][0]["pathId"] == 4402341478419001
    assert api.create("contactPaths", id=2203425597033859, prompt="b", pathType="PHONE") == 2203425597033859
    for taken in (EMAIL, 2203425597033859):
        body = {"pathId": taken, "prompt": "c", "pathType": "SMS"}
        answer = api.ask("POST", "/contactPaths/{org}", body, 400)
        assert answer["message"] == f"Contact path {taken} already exists."
    for none in (0, "", None):
        assert sms(api, f"none {none}", pathId=none) < EMAIL
    wrongs: tuple[Any, ...] = ("x", -1, 2**63, [], True)
    for wrong in wrongs:
        body = {"pathId": wrong, "prompt": "c", "pathType": "SMS"}
        assert api.ask("POST", "/contactPaths/{org}", body, 400)["message"].startswith("pathId ")
    put(api, EMAIL, pathId=7, id=8, prompt="Work e-mail")
    assert get(api, EMAIL)["pathId"] == EMAIL


def test_method_can_be_created_with_name_and_type(api: Api) -> None:
    made = api.create("contactPaths", name="Mine", type="PHONE")
    assert (get(api, made)["prompt"], get(api, made)["pathType"]) == ("Mine", "PHONE")


def test_number_of_methods_is_bounded(api: Api) -> None:
    for number in range(MOST_METHODS - len(methods(api))):
        sms(api, f"SMS no. {number}")
    answer = api.ask("POST", "/contactPaths/{org}", {"prompt": "x", "pathType": "SMS"}, 400)
    assert answer["message"] == f"The organization has {MOST_METHODS} contact paths, and may have no more."
    assert len(methods(api)) == MOST_METHODS


def test_methods_are_managed_on_the_command_line(api: Api, contactory: Callable[..., Any]) -> None:
    def run(verb: str, *words: str) -> Any:
        return contactory("everbridge", "paths", verb, "--org", str(api.organization), *words)

    assert run("create", "Work SMS", "--type", "SMS", "--id", "4402341478419001")["id"] == 4402341478419001
    run("disable", "4402341478419001")
    run("delete", "4402341478419001", "--yes")
    made = run("create", "SMS alert", "--type", "SMS", "--seq", "2")
    shown = {"prompt": "SMS alert", "type": "SMS", "code": "SMS2", "seq": 2, "disabled": False}
    assert made == {"id": made["id"]} | shown
    number = str(made["id"])
    assert run("rename", number, "Alert") == made | {"prompt": "Alert"}
    assert run("move", number, "13") == made | {"prompt": "Alert", "seq": 13}
    assert run("disable", number)["disabled"] is True
    assert get(api, made["id"])["status"] == "D"
    assert run("enable", number)["disabled"] is False
    listed = run("list")["paths"]
    assert [path["prompt"] for path in listed] == prompts(api)
    assert listed[-1] == made | {"prompt": "Alert", "seq": 13}
    run("disable", number)
    assert run("delete", number, "--yes") == {"id": made["id"], "deleted": True}
    assert len(run("list")["paths"]) == 12


def test_methods_that_are_moved_concurrently_keep_an_order(api: Api) -> None:
    numbers = [method["pathId"] for method in methods(api)]
    with ThreadPoolExecutor(4) as pool:
        moves = [(number, place) for place in (1, 7, 12) for number in numbers[:4]]
        statuses = pool.map(
            lambda move: (
                api.call("PUT", f"/contactPaths/{{org}}/{move[0]}", json={"seq": move[1]}).status_code
            ),
            moves,
        )
        assert set(statuses) == {200}
    assert sorted(method["pathId"] for method in methods(api)) == sorted(numbers)


@pytest.mark.parametrize("is_disabled", [True, False])
def test_contact_cannot_get_a_method_while_it_is_deleted(api: Api, is_disabled: bool) -> None:
    """Contacts are written after the method was disabled, and at the same time."""
    for turn in range(4):
        made = sms(api, f"Mine {turn}")
        path = {"pathId": made, "value": "+12025550141"}
        sent = [person(f"{turn}-{number}", paths=[path]) for number in range(24)]
        if is_disabled:
            put(api, made, status="D")
        with ThreadPoolExecutor(4) as pool:
            writes = [pool.submit(api.call, "POST", "/contacts/{org}", json=contact) for contact in sent]
            put(api, made, status="D")
            deleted = api.call("DELETE", f"/contactPaths/{{org}}/{made}").status_code
        taken = [write.result().status_code for write in writes]
        having = [one for one in api.page(pageSize=1000) if made in [path["pathId"] for path in one["paths"]]]
        assert len(having) == taken.count(200) == len(sent) - taken.count(400)
        assert deleted == (400 if having else 200)
        assert not (is_disabled and having)
