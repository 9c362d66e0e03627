"""Contacts are as a plain model of the documented rules predicts, after any sequence of calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from .client import EMAIL, Api, person

KEYS = ("A", "B", "C")
GROUPS = ("red", "blue")
FRAMES = [{"name": "Night", "days": [1], "fromHour": 22, "fromMin": 0, "toHour": 6, "toMin": 0}]

keys = st.sampled_from(KEYS)
groups = st.sampled_from(GROUPS)
fields = st.fixed_dictionaries(
    {},
    optional={
        "suffix": st.sampled_from(["I", "II", None]),
        "topics": st.sampled_from([[], [1], [2, 1]]),
        "groupsName": st.lists(groups, max_size=2),
        "email": st.sampled_from(["a@example.com", "b@example.com"]),
        "frames": st.sampled_from([[], FRAMES]),
    },
)


class Model:
    """A contact by the rules of the vendor's page."""

    def __init__(self) -> None:
        self.suffix: str | None = None
        self.topics: list[int] = []
        self.groups: set[str] = set()
        self.email: str | None = None
        self.frames: list[Any] = []

    def write(self, given: dict[str, Any], *, full: bool) -> None:
        if full or "suffix" in given:
            self.suffix = given.get("suffix")
        if full or "topics" in given:
            self.topics = sorted(given.get("topics", []))
        self.groups |= set(given.get("groupsName", []))
        if "email" in given:
            self.email = given["email"]
            self.frames = given.get("frames", self.frames)
        elif full:
            self.email, self.frames = None, []

    def shown(self) -> dict[str, Any]:
        return {
            "suffix": self.suffix,
            "topics": self.topics,
            "groups": self.groups,
            "email": self.email,
            "frames": self.frames,
        }


def body(given: dict[str, Any]) -> dict[str, Any]:
    sent = {name: value for name, value in given.items() if name not in ("email", "frames")}
    if "email" in given:
        path: dict[str, Any] = {"pathId": EMAIL, "value": given["email"]}
        sent["paths"] = [path | ({"quietTimeFrames": given["frames"]} if "frames" in given else {})]
    return sent


def shown(contact: dict[str, Any]) -> dict[str, Any]:
    (path,) = contact["paths"] or [{}]
    return {
        "suffix": contact.get("suffix"),
        "topics": contact.get("topics", []),
        "groups": set(contact.get("groupsName", [])),
        "email": path.get("value"),
        "frames": path.get("quietTimeFrames", []),
    }


def test_contacts_end_as_the_model_predicts(make_everbridge: Callable[[], Api]) -> None:
    class Life(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.api = make_everbridge()
            self.groups = {name: self.api.create("groups", name=name) for name in GROUPS}
            self.contacts: dict[str, Model] = {}

        @rule(key=keys, given=fields)
        def post(self, key: str, given: dict[str, Any]) -> None:
            zone = {"timezoneId": "Europe/Paris"}
            self.api.ask("POST", "/contacts/{org}", person(key, **body(given), **zone))
            self.contacts.setdefault(key, Model()).write(given, full=True)

        @rule(sent=st.lists(st.tuples(keys, fields), min_size=1, max_size=4), full=st.booleans())
        def put(self, sent: list[tuple[str, dict[str, Any]]], full: bool) -> None:
            zone = {"timezoneId": "Europe/Paris"}
            contacts = [person(key, **body(given), **zone) for key, given in sent]
            query = {"idType": "externalId", "updateType": "full" if full else "partial"}
            response = self.api.call("PUT", "/contacts/{org}/batch", json=contacts, params=query)
            unknown = [place for place, (key, _) in enumerate(sent, 1) if key not in self.contacts]
            assert len(response.json().get("data", [])) == len(unknown), response.text
            for key, given in sent:
                if key in self.contacts:
                    self.contacts[key].write(given, full=full)

        @rule(key=keys, group=groups, joins=st.booleans())
        def change_group(self, key: str, group: str, joins: bool) -> None:
            query = {"groupId": self.groups[group], "idType": "externalId"}
            method = "POST" if joins else "DELETE"
            response = self.api.call(method, "/groups/{org}/contacts", json=[key], params=query)
            assert (response.status_code == 200) == (key in self.contacts)
            if key in self.contacts:
                change = self.contacts[key].groups.add if joins else self.contacts[key].groups.discard
                change(group)

        @rule(key=keys, group=groups)
        def patch(self, key: str, group: str) -> None:
            operations = [
                {"op": "replace", "path": "/suffix", "value": "III"},
                {"op": "add", "path": "/groups/-", "value": self.groups[group]},
            ]
            url = f"/contacts/{{org}}/{key}?idType=externalId"
            response = self.api.call("PATCH", url, json=operations)
            assert response.status_code == (200 if key in self.contacts else 404), response.text
            if key in self.contacts:
                self.contacts[key].suffix = "III"
                self.contacts[key].groups.add(group)

        @rule(key=keys)
        def delete(self, key: str) -> None:
            known = self.contacts.pop(key, None)
            response = self.api.call("DELETE", f"/contacts/{{org}}/{key}?idType=externalId")
            assert response.status_code == (200 if known else 404)

        @invariant()
        def contacts_are_as_the_model_says(self) -> None:
            found = {contact["externalId"]: shown(contact) for contact in self.api.page()}
            assert found == {key: model.shown() for key, model in self.contacts.items()}
            for name, number in self.groups.items():
                members = self.api.external_ids("/contacts/groups/{org}", groupId=number)
                assert set(members) == {key for key, model in self.contacts.items() if name in model.groups}

    run_state_machine_as_test(Life, settings=settings(max_examples=25, stateful_step_count=12, deadline=None))
