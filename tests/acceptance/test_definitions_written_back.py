"""Definitions, groups and lists that were read can be written back by their update call, and nothing
changes."""

from __future__ import annotations

import os
from itertools import count
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .client import Api
from .server import Server

EXAMPLES = int(os.environ.get("CONTACTORY_EXAMPLES", "10"))
examples = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)

TEXT = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=("Cc", "Cf")), max_size=9
)
LOCALIZED = st.lists(
    st.fixed_dictionaries({"language": st.sampled_from(["EN", "nl"]), "value": TEXT}), max_size=2
)
FLAGS = {name: st.booleans() for name in ("isPublic", "isSearchable", "isSystem", "isHidden")}
V1 = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "enum", "integer", "date"])},
    optional={
        "descriptions": LOCALIZED,
        "units": LOCALIZED,
        "group": TEXT,
        "typeParam": TEXT,
        "value": TEXT,
        **FLAGS,
    },
)
V2 = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "enum", "color", "datetime", "integer", "decimal"])},
    optional={"descriptions": LOCALIZED, "units": LOCALIZED, "group": TEXT, "defaultValue": TEXT, **FLAGS},
)
NOT_CHANGED = {"id", "name", "class", "attributeClass", "type", "defaultLanguage"}
V2_CHANGES = {"descriptions", "units", "group", "defaultValue", *FLAGS}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_propeller_definition_can_be_written_back(api: Api, version: str) -> None:
    path, class_ = (
        ("/attributes", "class") if version == "v1" else ("/v2/attribute-descriptions", "attributeClass")
    )
    numbers = count()

    @given(fields=V1 if version == "v1" else V2)
    @examples
    def write_back(fields: dict[str, Any]) -> None:
        id_ = api.post(path, {"name": f"A{next(numbers)}", class_: "contact", **fields}, 201)["data"]["id"]
        before = api.get(f"{path}/id/{id_}")["data"]
        back = {key: value for key, value in before.items() if key not in NOT_CHANGED}
        if version == "v2":
            back = {key: value for key, value in back.items() if key in V2_CHANGES}
        changed = api.call("PATCH", f"{path}/id/{id_}", json=back)
        assert changed.status_code == 200, (back, changed.text)
        assert api.get(f"{path}/id/{id_}")["data"] == before

    write_back()


@pytest.mark.parametrize(
    ("resource", "more"),
    [
        # "No parent" is given: sending it back from a reply is a change of its own.
        ("groups", st.fixed_dictionaries({"parentId": st.just(-1)}, optional={"description": TEXT})),
        ("recordTypes", st.just({})),
        (
            "contactAttributes",
            st.fixed_dictionaries(
                {"dataType": st.sampled_from(["STRING", "NUMBER", "DATE"]), "displayFormat": st.just("F")}
            ),
        ),
    ],
)
def test_everbridge_entry_can_be_written_back(
    api: Api, http: httpx.Client, server: Server, resource: str, more: Any
) -> None:
    base, numbers = f"{server.url}/everbridge/rest/{resource}/{api.organization}", count()
    headers = {"authorization": f"Bearer {api.token}"}

    @given(fields=more)
    @examples
    def write_back(fields: dict[str, Any]) -> None:
        made = http.post(base, json={"name": f"N{next(numbers)}", **fields}, headers=headers)
        assert made.status_code == 200, (fields, made.text)
        one = f"{base}/{made.json()['id']}"
        before = http.get(one, headers=headers).json()["result"]
        changed = http.put(one, json=before, headers=headers)
        assert changed.status_code == 200, (before, changed.text)
        assert http.get(one, headers=headers).json()["result"] == before

    write_back()


def test_datananas_list_can_be_written_back(api: Api, http: httpx.Client, server: Server) -> None:
    base, headers = f"{server.url}/datananas/lists", {"authorization": f"Bearer {api.token}"}
    made = http.post(base, json={"name": "Prospects"}, headers=headers).json()["list"]
    before = http.get(f"{base}/{made['_id']}", headers=headers).json()["list"]
    assert http.put(f"{base}/{made['_id']}", json=before, headers=headers).status_code == 200
    assert http.get(f"{base}/{made['_id']}", headers=headers).json()["list"] == before
