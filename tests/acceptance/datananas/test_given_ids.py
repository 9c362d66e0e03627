"""Lists that are created with a given id."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.model.limits import LARGEST_GIVEN_ID
from tests.acceptance.datananas.client import Api
from tests.acceptance.datananas.conftest import MakeApi

ID = "00000000000000abcdef1234"


def create(api: Api, name: str, id_: Any, status: int = 201) -> Any:
    return api.ask("POST", "/lists", {"name": name, "_id": id_}, status)


def test_new_list_gets_the_given_id(api: Api) -> None:
    for name, id_ in (("a", ID), ("b", f"{LARGEST_GIVEN_ID:024x}"), ("c", f"{1:024X}")):
        assert create(api, name, id_)["list"]["_id"] == id_
        assert api.ask("GET", f"/lists/{id_}")["list"]["name"] == name
    api.create(email="a@example.com", list={"_id": ID})
    assert api.ask("GET", f"/lists/{ID}")["list"]["contacts"] == 1


def test_new_list_without_an_id_gets_one(api: Api) -> None:
    assert create(api, "a", None)["list"]["_id"] != create(api, "b", None)["list"]["_id"]


@pytest.mark.parametrize(
    ("id_", "why"),
    [
        (7, "is not a text of 24 hexadecimal digits"),
        (ID[1:], "is not a text of 24 hexadecimal digits"),
        ("g" * 24, "is not a text of 24 hexadecimal digits"),
        ("0" * 24, "is not between 000000000000000000000001 and 00000000001fffffffffffff"),
        (f"{LARGEST_GIVEN_ID + 1:024x}", "is not between"),
        ("5f0c1a2b3c4d5e6f70819203", "is not between"),
    ],
)
def test_invalid_id_is_refused(api: Api, id_: Any, why: str) -> None:
    answer = create(api, "a", id_, 400)
    (error,) = answer["errors"]
    assert error["field"] == "_id" and error["message"].startswith(why)
    assert api.ask("GET", "/lists")["lists"] == []


def test_id_that_a_list_has_is_refused(api: Api, make_datananas: MakeApi) -> None:
    create(api, "a", ID)
    assert create(api, "b", ID, 409)["reason"] == "already_exists"
    assert create(make_datananas(), "b", ID)["list"]["_id"] == ID


def test_id_of_another_users_list_is_refused(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user")
    bob = make_datananas(ada.organization, role="user", name="b")
    create(ada, "a", ID)
    assert create(bob, "b", ID, 409)["reason"] == "already_exists"
    assert bob.ask("GET", "/lists")["lists"] == []
