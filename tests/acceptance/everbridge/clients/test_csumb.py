"""CSUMB (Netlify functions): the number of its attribute `optout` is in its code, and it puts back what it
has read."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Move, Moved, attributes, contacts, paths, record_types

OPT_OUT, SMS, EMAIL = 333156318183509, 241901148045324, 241901148045316


@pytest.fixture(scope="module")
def org(move: Move) -> Moved:
    def user(id_: int, login: str, *given: Any) -> dict[str, Any]:
        names = {"firstName": "Rosa", "lastName": "Lind", "recordTypeId": 333156318183001}
        return {"id": id_, "externalId": login, "paths": [*given], **names}

    mail = {"pathId": EMAIL, "value": "rlind@example.edu", "waitTime": 0}
    return move(
        333156318183000,
        record_types((333156318183001, "Student")),
        attributes((OPT_OUT, "optout")),
        paths((EMAIL, "Email", "EMAIL"), (SMS, "SMS 1", "SMS")),
        contacts(user(333156318190001, "rlind", mail), user(333156318190002, "nopaths")),
    )


def read(org: Moved, login: str) -> Any:
    return org.ask("GET", f"/contacts/{{org}}?externalIds={login}")["page"]["data"][0]


def write(org: Moved, user: Any) -> None:
    assert org.ask("PUT", f"/contacts/{{org}}/{user['id']}", user)["id"] == user["id"]


def opt(user: Any, value: str) -> None:
    user["contactAttributes"] = [{"values": [value], "orgAttrId": OPT_OUT, "name": "optout"}]


@pytest.mark.parametrize("login", ["rlind", "nopaths"])
def test_get_phone_and_opt_out(org: Moved, login: str) -> None:
    user = read(org, login)
    opt(user, "No")
    assert not any(path["pathId"] == SMS for path in user["paths"])
    new = {"waitTime": 0, "pathId": SMS, "countryCode": "US", "value": "8312225550", "skipValidation": False}
    user["paths"].append(new)
    write(org, user)
    user = read(org, login)
    assert [path["value"] for path in user["paths"] if path["pathId"] == SMS] == ["8312225550"]
    opt(user, "Yes")
    write(org, user)
    user = read(org, login)
    assert any(one["name"] == "optout" and "Yes" in one["values"] for one in user["contactAttributes"])


def test_a_user_who_is_not_there(org: Moved) -> None:
    assert org.ask("GET", "/contacts/{org}?externalIds=nobody")["page"]["data"] == []
