"""The directives of a bulk body."""

from __future__ import annotations

from typing import Any

import pytest

from .client import Api, row

NELLA: dict[str, Any] = {
    "firstName": "Nella",
    "gender": "F",
    "dateOfBirth": "28/08/1993",
    "ssn": "93082811142",
    "debtorId": 1,
}
ORLA: dict[str, Any] = {
    "firstName": "Orla",
    "gender": "M",
    "dateOfBirth": "29/08/1993",
    "ssn": "93082911142",
    "debtorId": 2,
}


def as_list(operation: str, *fields: str) -> Any:
    return [{"operation": operation, "fields": list(fields)}]


def as_object(operation: str, *fields: str) -> Any:
    return {operation: list(fields)}


both_shapes = pytest.mark.parametrize("directive", [as_list, as_object])


def parent_of(api: Api, source_id: int) -> Any:
    return api.contact(source_id, expands="parent").get("parent", {}).get("id")


@both_shapes
def test_skip_if_not_empty_writes_empty_fields_only(api: Api, directive: Any) -> None:
    api.store(row(1, **NELLA), row(2))
    ids = api.store(*(row(n, **ORLA) for n in (1, 2, 3)), directives=directive("skipIfNotEmpty", *NELLA))
    assert len(set(ids)) == 3
    kept, filled, new = (api.contact(number) for number in (1, 2, 3))
    for found, given, born in ((kept, NELLA, 28), (filled, ORLA, 29), (new, ORLA, 29)):
        assert found["dateOfBirth"].startswith(f"August, {born}")
        for field in ("firstName", "gender", "ssn", "debtorId"):
            assert found[field] == str(given[field])


@both_shapes
def test_skip_if_not_empty_applies_to_its_fields_only(api: Api, directive: Any) -> None:
    api.store(row(1, firstName="Nella", phone="1"))
    api.store(row(1, firstName="Orla", phone="2"), directives=directive("skipIfNotEmpty", "phone"))
    assert (api.contact(1)["firstName"], api.contact(1)["phone"]) == ("Orla", "1")


def test_skip_if_not_empty_applies_between_rows_of_a_call(api: Api) -> None:
    api.store(
        row(1, firstName="Nella"), row(1, firstName="Orla"), directives=as_list("skipIfNotEmpty", "firstName")
    )
    assert api.contact(1)["firstName"] == "Nella"


@pytest.mark.parametrize(
    "directives",
    [
        [{"operation": "skipIfNotEmpty", "fields": "firstName"}],
        {"skipIfNotEmpty": "firstName"},
    ],
)
def test_single_field_without_a_list_is_accepted(api: Api, directives: Any) -> None:
    """It may be accepted or refused, but the field that it protects is not overwritten."""
    api.store(row(1, firstName="Nella"))
    body = {"contacts": [row(1, firstName="Orla")], "directives": directives}
    assert api.call("POST", "/contacts/bulk/sourceId", json=body).status_code in (200, 400)
    assert api.contact(1)["firstName"] == "Nella"


@both_shapes
def test_skip_move_on_update_keeps_the_parent_of_an_existing_contact(api: Api, directive: Any) -> None:
    first, second = api.store_companies(row("c1"), row("c2"))
    api.store(row(1, parent={"id": first}), row(2))
    sent = [row(number, firstName="Nella", parent={"id": second}) for number in (1, 2, 3)]
    api.store(*sent, directives=directive("skipMoveOnUpdate"))
    assert [parent_of(api, number) for number in (1, 2, 3)] == [first, None, second]
    assert api.contact(1)["firstName"] == "Nella"
    api.store(*sent)
    assert [parent_of(api, number) for number in (1, 2, 3)] == [second] * 3


@both_shapes
def test_skip_create_updates_only(api: Api, directive: Any) -> None:
    (known,) = api.store(row(1))
    replies = api.send(row(0), row(1, firstName="Nella"), row(2), directives=directive("skipCreate"))
    assert [reply["success"] for reply in replies] == [False, True, False]
    assert [reply["key"] for reply in replies] == [0, 1, 2]
    assert replies[1]["id"] == known
    assert (api.count(), api.contact(1)["firstName"]) == (1, "Nella")


@both_shapes
def test_directive_about_translations_is_accepted(api: Api, directive: Any) -> None:
    assert api.store(row(1), directives=directive("mergeTranslationsOnUpdate"))


def test_several_directives_apply_together(api: Api) -> None:
    first, second = api.store_companies(row("c1"), row("c2"))
    api.store(row(1, firstName="Nella", parent={"id": first}))
    sent = row(1, firstName="Orla", lastName="Vosk", parent={"id": second})
    for directives in (
        as_list("skipIfNotEmpty", "firstName") + as_list("skipMoveOnUpdate") + as_list("skipCreate"),
        {"skipIfNotEmpty": ["firstName"], "skipMoveOnUpdate": [], "skipCreate": []},
    ):
        replies = api.send(sent, row(2), directives=directives)
        assert [reply["success"] for reply in replies] == [True, False]
        assert (api.contact(1)["name"], parent_of(api, 1)) == ("Nella Vosk", first)


@pytest.mark.parametrize(
    "directives",
    [
        *("skipCreate", 5, None),
        *([5], [{}], [{"operation": "jump"}], [{"operation": ["skipCreate"]}], {"jump": []}),
        *(as_object("skipIfNotEmpty", "shoeSize"), as_list("skipIfNotEmpty", "first_name")),
        [{"operation": "skipIfNotEmpty", "fields": [["firstName"]]}],
        {"skipIfNotEmpty": [{}]},
    ],
    ids=str,
)
def test_unknown_directive_is_refused(api: Api, directives: Any) -> None:
    refused = api.refused(row(1), directives=directives)
    assert all(message.startswith("#/directives") for message in refused)
    assert not any("None" in message or "'" in message for message in refused)
    assert api.count() == 0
