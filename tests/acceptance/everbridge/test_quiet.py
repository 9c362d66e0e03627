"""New quiet times need a time zone; those that were stored before do not."""

from __future__ import annotations

from typing import Any

import pytest

from .client import EMAIL, PHONE, Api, Contact, person

NEEDED = "timezoneId is required where a path has quietTimeFrames."
ZONE = {"timezoneId": "Europe/Paris"}


def frames(name: str = "Night") -> list[dict[str, Any]]:
    return [{"name": name, "days": [2, 6], "fromHour": 22, "fromMin": 0, "toHour": 6, "toMin": 0}]


def email(*given: Any, value: str = "n@example.com") -> dict[str, Any]:
    return {"pathId": EMAIL, "value": value} | ({"quietTimeFrames": given[0]} if given else {})


def without_zone(api: Api) -> Contact:
    """Store a contact with quiet times and no zone, as a full replacement leaves one (the page: a field that
    is omitted is emptied, quiet times that are not present stay)."""
    api.store(person("1", paths=[email(frames())], **ZONE))
    api.put(person("1", paths=[email()]))
    contact = api.get("1")
    assert "timezoneId" not in contact and contact["paths"][0]["quietTimeFrames"] == frames()
    return contact


def patch(api: Api, *operations: tuple[str, str, Any], status: int = 200) -> Any:
    body = [{"op": op, "path": path, "value": value} for op, path, value in operations]
    return api.ask("PATCH", "/contacts/{org}/1", body, status, idType="externalId")


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", "/contacts/{org}", {}),
        ("POST", "/contacts/{org}/batch", {}),
        ("PUT", "/contacts/{org}/1", {"idType": "externalId"}),
        ("PUT", "/contacts/{org}/batch", {}),
        ("PUT", "/contacts/{org}/batch", {"updateType": "partial"}),
        ("PUT", "/contacts/{org}/batch", {"updateType": "partial", "idType": "externalId"}),
    ],
)
@pytest.mark.parametrize("empty", [{}, {"timezoneId": None}, {"timezoneId": ""}])
def test_quiet_times_without_a_zone_are_refused(
    api: Api, method: str, path: str, query: dict[str, str], empty: dict[str, Any]
) -> None:
    api.store(person("1"))
    before = api.get("1")
    contact = person("1", paths=[email(frames())], **empty)
    assert api.ask(method, path, contact, 400, **query)["message"] == NEEDED
    assert api.get("1") == before
    new = person("2", paths=[email(frames())])
    assert api.ask("POST", "/contacts/{org}", new, 400)["message"] == NEEDED


def test_stored_zone_is_sufficient_for_a_partial_update(api: Api) -> None:
    (id_,) = api.store(person("1", **ZONE))
    for id_type in ("id", "externalId"):
        contact = {"id": id_, "externalId": "1", "paths": [email(frames(id_type))]}
        api.put(contact, updateType="partial", idType=id_type)
        assert api.get("1")["paths"][0]["quietTimeFrames"] == frames(id_type)
    patch(api, ("add", f"/paths/pathId:{EMAIL}/quietTimeFrames/-", frames("More")[0]))
    assert len(api.get("1")["paths"][0]["quietTimeFrames"]) == 2


def test_stored_quiet_times_without_a_zone_can_be_sent_back(api: Api) -> None:
    contact = without_zone(api)
    queries: list[dict[str, Any]] = [{}, {"updateType": "partial"}, {"idType": "externalId"}]
    for query in queries:
        api.put(contact, **query)
    api.ask("PUT", f"/contacts/{{org}}/{contact['id']}", contact)
    api.ask("POST", "/contacts/{org}", contact)
    assert api.get("1") == contact
    more = contact | {"paths": [*contact["paths"], {"pathId": PHONE, "value": "+17815551212"}]}
    api.put(more)
    assert len(api.get("1")["paths"]) == 2
    for paths in ([email(frames("Other"))], [email(frames()), {**email(frames()), "pathId": EMAIL + 1}]):
        assert api.put(contact | {"paths": paths}, status=400)["message"] == NEEDED


def test_partial_update_is_checked_for_its_changes_only(api: Api) -> None:
    without_zone(api)
    patch(
        api, ("replace", "/firstName", "Orla"), ("replace", f"/paths/pathId:{EMAIL}/value", "o@example.com")
    )
    after = api.get("1")
    assert (after["firstName"], after["paths"][0]["value"]) == ("Orla", "o@example.com")
    frame = f"/paths/pathId:{EMAIL}/quietTimeFrames/name:Night/toHour"
    assert patch(api, ("replace", frame, 7), status=400)["message"] == NEEDED
    patch(api, ("replace", frame, 7), ("add", "/timezoneId", "Europe/Paris"))
    assert api.get("1")["paths"][0]["quietTimeFrames"][0]["toHour"] == 7
    assert patch(api, ("remove", "/timezoneId", None), status=400)["message"] == NEEDED
    patch(api, ("remove", "/timezoneId", None), ("replace", f"/paths/pathId:{EMAIL}/quietTimeFrames", None))
    after = api.get("1")
    assert "timezoneId" not in after and "quietTimeFrames" not in after["paths"][0]


def test_rows_of_one_call_are_checked_in_their_order(api: Api) -> None:
    (id_, _) = api.store(person("1"), person("2"))
    quiet = {"id": id_, "paths": [email(frames())]}
    answer = api.put(
        {"id": id_, **ZONE}, quiet, {"externalId": "2", "paths": [email(frames())]}, updateType="partial"
    )
    assert answer["data"] == [f"The [3] {NEEDED}"]
    answer = api.put(
        {"externalId": "1", "timezoneId": None}, quiet | {"paths": [email(frames("B"))]}, updateType="partial"
    )
    assert answer["data"] == [f"The [2] {NEEDED}"]
    assert api.get("1")["paths"][0]["quietTimeFrames"] == frames()


def test_second_of_two_equal_paths_does_not_get_the_quiet_times_of_the_first(api: Api) -> None:
    first, second = email(frames()), email()
    api.store(person("1", paths=[first, second], **ZONE))
    for _ in range(2):
        api.put(person("1", paths=[email(), email()], **ZONE))
        assert ["quietTimeFrames" in path for path in api.get("1")["paths"]] == [True, False]


def test_contact_whose_record_type_was_deleted_can_be_updated_partially(api: Api) -> None:
    guest = api.create("recordTypes", name="Guest")
    api.store(person("1", recordTypeName="Guest"))
    api.ask("DELETE", f"/recordTypes/{{org}}/{guest}")
    patch(api, ("replace", "/firstName", "Orla"))
    assert api.get("1")["firstName"] == "Orla"
    for field in ("externalId", "recordTypeId"):
        message = patch(api, ("remove", f"/{field}", None), status=400)["message"]
        assert message.endswith("is required.")
    patch(api, ("replace", "/recordTypeName", "Employee"), ("replace", "/externalId", "2"))
    assert api.get("2")["recordTypeName"] == "Employee"
